// Messages with the wrong thing in every place: each is mapped or refused, and no value of it stands in what is said.
#include <map>

#include "tests/unit/adapters/mapping/support.h"

namespace liandong::adapters {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kMark[] = "机密甲乙丙";

struct Sample {
  const char* profile;
  NativeMessage message;
};

std::vector<Sample> Samples() {
  const auto json = [](const char* text) { return nlohmann::json::parse(text); };
  return {
      {"police-110",
       {"JJDB", json(R"({"body":{"JJDBH":"J1","XZQHDM":"339921","JQLBDM":"060100","JQDJDM":"1","BJSJ":"20260713021400",
          "GXSJ":"20260713021530","BJNR":"x","BKRYQKSM":"2人","SSRYQKSM":"1","SFBM":"0","BJRXZB":119.9,"BJRYZB":28.4,
          "JJLYH":"LD1","JQLYFS":"09","GLZJJDBH":"J0","BJRXBDM":"1","WXBS":"0"}})")}},
      {"police-110",
       {"PJDB",
        json(R"({"body":{"PJDBH":"P1","JJDBH":"LD1","PDQSSJ":"20260713021700","TDSJ":"20260713021800","CXYY":"x"}})")}},
      {"police-110",
       {"FKDB", json(R"({"body":{"FKDBH":"F1","JJDBH":"LD1","FKSJ":"20260713021700","XCCLWBSJ":"20260713021800",
          "SSRS":1,"YJDWDM":"33992150001","CJCZQK":"x"}})")}},
      {"hotline-12345",
       {"work_order",
        json(R"({"order_no":"G1","raise_category":"路灯","raise_time":"2026-07-13 02:15:30","is_secrecy":0,
          "content":"x"})")}},
      {"hotline-12345", {"DYYY", json(R"({"DYYY":"1","JJDBH":"LD1","HFSJ":"20260713021700","CLJGDM":"1"})")}},
      {"hotline-12345", {"CONFIRM", json(R"({"JJDBH":"LD1","RECEIVE":"1","RECEIVETIME":"20260713021700"})")}},
      {"fire-119-json",
       {"incident", json(R"({"warningCode":"F1","warningType":"10000","warningLevel":"1","trappedPerson":"1",
          "warningDate":"2026-07-13 02:15:30","longitude":119.9,"latitude":28.4})")}},
      {"fire-119-json",
       {"vehicle_state",
        json(R"({"warningCode":"LD1","vehicleCode":"V","vehicleState":"22","stateTime":"20260713021700"})")}},
      {"fire-119-gb26875",
       {"component_state", json(R"({"kind":"component_state","device":"889","system_type":1,"system_address":1,
          "zone":1,"number":2,"alarm":true,"fault":false,"notes":["x"],"time":"2026-07-13T02:15:30+08:00"})")}},
      {"medical-120",
       {"EVENT_INFO", json(R"({"SJH":"E1","SJLX":"救治","SGDJ":"1","SGLX":"1","XZBM":"339921","SCLDSJ":"20260713021400",
          "HCYY":"x","FLAG":"LD2"})")}},
      {"medical-120", {"vehicle_state", json(R"({"SJH":"LD1","CLBH":"V","CLZT":"3","ZTSJ":"20260713021700"})")}},
  };
}

std::vector<nlohmann::json> Wrong() {
  std::vector<nlohmann::json> values = {nullptr,
                                        "",
                                        "  ",
                                        "null",
                                        true,
                                        false,
                                        0,
                                        -1,
                                        1e300,
                                        9007199254740993,
                                        kMark,
                                        std::string(200000, '9'),
                                        std::string("a\tb\nc"),
                                        std::string("{/x|y}[")};
  values.push_back(nlohmann::json::array());
  values.push_back(nlohmann::json::array({kMark, 1, nullptr}));
  values.push_back(nlohmann::json::object({{"x", kMark}}));
  values.push_back(nlohmann::json::array({nlohmann::json::object({{"x", kMark}})}));
  return values;
}

const Mapper& MapperOf(const std::string& profile) {
  static auto& mappers = *new std::map<std::string, Mapper>();
  auto it = mappers.find(profile);
  if (it == mappers.end()) it = mappers.emplace(profile, Mapper(County(profile))).first;
  return it->second;
}

void ExpectSound(const Sample& sample, const std::string& where) {
  const Mapper& mapper = MapperOf(sample.profile);
  absl::StatusOr<Mapped> mapped = mapper.Map(sample.message);
  if (!mapped.ok()) {
    EXPECT_EQ(mapped.status().code(), absl::StatusCode::kInvalidArgument) << where;
    EXPECT_NE(ReasonOf(mapped.status()), "") << where << mapped.status();
    EXPECT_THAT(std::string(mapped.status().message()), Not(HasSubstr(kMark))) << where;
  } else {
    EXPECT_TRUE(!mapped->empty() || !mapped->ignored.empty()) << where;
    for (const MapNote& note : mapped->notes) {
      EXPECT_THAT(note.field + note.reason + note.zh + note.en, Not(HasSubstr(kMark))) << where;
    }
    for (const ReportDraft& draft : mapped->reports) {
      EXPECT_NE(draft.report.external_id().empty(), !draft.id_from_spool) << where;
      EXPECT_NE(draft.report.open().purpose(), v1::PURPOSE_UNSPECIFIED) << where;
      EXPECT_LE(draft.report.sealed().details_size(), 64) << where;
    }
    for (const AckDraft& draft : mapped->acks) {
      EXPECT_NE(draft.ack.state(), v1::ACK_STATE_UNSPECIFIED) << where;
      EXPECT_TRUE(draft.ack.delivery_id() != 0 || !draft.keys.empty()) << where;
      EXPECT_TRUE(draft.ack.state() != v1::REFUSED || !draft.ack.reason().empty()) << where;
    }
  }
}

TEST(Robustness, AWrongValueInEveryPlace) {
  for (const Sample& good : Samples()) {
    ASSERT_TRUE(MapperOf(good.profile).Map(good.message).ok()) << good.profile << " " << good.message.kind;
    const nlohmann::json flat = good.message.tree.flatten();
    for (const auto& [path, unused] : flat.items()) {
      for (const nlohmann::json& value : Wrong()) {
        Sample bad = good;
        bad.message.tree[nlohmann::json::json_pointer(path)] = value;
        ExpectSound(bad, std::string(good.profile) + " " + path);
      }
      Sample without = good;
      const nlohmann::json::json_pointer at(path);
      nlohmann::json& parent = without.message.tree[at.parent_pointer()];
      if (parent.is_object()) parent.erase(at.back());
      ExpectSound(without, std::string(good.profile) + " without " + path);
    }
  }
}

TEST(Robustness, TreesThatAreNoObjects) {
  for (const nlohmann::json& tree : Wrong()) {
    ExpectSound({"police-110", {"JJDB", tree}}, tree.dump().substr(0, 40));
    ExpectSound({"fire-119-gb26875", {"component_state", tree}}, tree.dump().substr(0, 40));
  }
}

TEST(Robustness, DescribeNeverShowsAMarkedValue) {
  for (const Sample& good : Samples()) {
    const Mapper& mapper = MapperOf(good.profile);
    for (const char* field : {"BJNR", "BJRMC", "CXYY", "CJCZQK", "content", "warningInfo", "HCYY", "CLJGMC"}) {
      NativeMessage message = good.message;
      (message.tree.contains("body") ? message.tree["body"] : message.tree)[field] = kMark;
      EXPECT_THAT(Describe(mapper, message), Not(HasSubstr(kMark))) << good.profile << " " << field;
    }
  }
}

}  // namespace
}  // namespace liandong::adapters
