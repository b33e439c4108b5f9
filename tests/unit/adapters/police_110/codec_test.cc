#include "adapters/police_110/codec.h"

#include <gtest/gtest.h>

#include <string>

#include "adapters/text/reason.h"
#include "tests/unit/adapters/mutate.h"

namespace liandong::adapters {
namespace {

using nlohmann::json;

const char kCall[] =
    R"({"header":{"type":"JJDB","sender":"county-110"},"body":{"JJDBH":"33992124071500000001","XZQHDM":"339921",)"
    R"("JJDWDM":"339921000000","JJLX":"01","BJSJ":"20240715083005","BJDH":"13000000000","BJRMC":"王某","BJRXBDM":1,)"
    R"("BJDZ":"青石乡","BJNR":"山体滑坡,两人被困","BKRYQKSM":"2人","SFBM":"0","BJRXZB":119.9225,"BJRYZB":"28.4569",)"
    R"("GXSJ":"2024-07-15 08:31:00","FUTURE":{"a":[1]}}})";
const char kFeedback[] =
    R"({"header":{},"body":{"FKDBH":"F1","JJDBH":"J1","PJDBH":"P1","CJSJ01":"20240715084000","DDXCSJ":"20240715085000",)"
    R"("CJCZQK":"已救出两人","JZRS":2,"SSRS":"1","SWRS":0,"FKLX":"30"}})";

absl::StatusOr<NativeMessage> Decode(std::string_view bytes, Encoding encoding = Encoding::kAuto) {
  return MakePolice110Codec()->Decode("/any", bytes, encoding);
}
std::string Reason(std::string_view bytes) { return std::string(ReasonOf(Decode(bytes).status())); }

TEST(Police110Test, DecodesACall) {
  auto call = Decode(kCall);
  ASSERT_TRUE(call.ok()) << call.status();
  EXPECT_EQ(call->kind, "JJDB");
  EXPECT_EQ(call->tree["kind"], "JJDB");
  EXPECT_EQ(call->tree["header"]["sender"], "county-110");
  EXPECT_EQ(call->tree["body"]["BJNR"], "山体滑坡,两人被困");
  EXPECT_EQ(call->tree["body"]["FUTURE"], json::parse(R"({"a":[1]})"));
  EXPECT_EQ(MakePolice110Codec()->KeyIds(*call),
            (std::map<std::string, std::string>{{"JJDBH", "33992124071500000001"}}));
}

TEST(Police110Test, TheFieldsTellTheKind) {
  auto feedback = Decode(kFeedback);
  ASSERT_TRUE(feedback.ok()) << feedback.status();
  EXPECT_EQ(feedback->kind, "FKDB");
  EXPECT_EQ(feedback->tree["body"]["_derived"], json::parse(R"({"feedback_code":30,"feedback_name":"处理完毕"})"));
  EXPECT_EQ(Decode(R"({"body":{"PJDBH":"P1","JJDBH":"J1","PDQSSJ":"20240715083500"}})")->kind, "PJDB");
  EXPECT_EQ(Decode(R"({"body":{"PJDBH":"P1","JJDBH":"J1","TDSJ":"20240715083500","CXYY":"不属本辖区"}})")->kind, "TD");
  EXPECT_EQ(Decode(R"({"body":{"PJDBH":"P1","JJDBH":"J1","TDSJ":"NULL"}})")->kind, "PJDB");
  EXPECT_EQ(Decode(R"({"body":{"JJDBH":"J1","FKDBH":null}})")->kind, "JJDB");
  EXPECT_EQ(Decode(R"({"JJDBH":"J1"})")->kind, "JJDB");
  EXPECT_EQ(Reason(R"({"body":{"XZQHDM":"339921"}})"), kReasonUnknownKind);
}

TEST(Police110Test, TheHeaderTellsTheKindFirst) {
  EXPECT_EQ(Decode(R"({"header":{"XXLX":"派警单"},"body":{"PJDBH":"P1","JJDBH":"J1","TDSJ":"20240715083500"}})")->kind,
            "PJDB");
  EXPECT_EQ(Decode(R"({"header":{"msgType":" td "},"body":{"PJDBH":"P1","JJDBH":"J1","CXYY":"重复"}})")->kind, "TD");
  EXPECT_EQ(Decode(R"({"header":{"type":"alarm"},"body":{"JJDBH":"J1"}})")->kind, "JJDB");
  EXPECT_EQ(Reason(R"({"header":{"type":"FKDB"},"body":{"JJDBH":"J1"}})"), kReasonMissingField);
  EXPECT_EQ(Reason(R"({"header":{"type":"TD"},"body":{"PJDBH":"P1","JJDBH":"J1"}})"), kReasonMissingField);
  Police110Options options;
  options.header_type_fields = {"cmd"};
  options.header_types = {{"bs0001", "JJDB"}};
  EXPECT_EQ(MakePolice110Codec(options)
                ->Decode("", R"({"header":{"cmd":"BS0001"},"body":{"JJDBH":"J1","FKDBH":"F1"}})", Encoding::kAuto)
                ->kind,
            "JJDB");
}

TEST(Police110Test, RefusesWrongStructure) {
  EXPECT_EQ(Reason(R"({"header":{"type":"JJDB"}})"), kReasonMissingField);
  EXPECT_EQ(Reason(R"({"header":[],"body":{"JJDBH":"J1"}})"), kReasonWrongType);
  EXPECT_EQ(Reason(R"({"header":{},"body":[{"JJDBH":"J1"}]})"), kReasonWrongType);
  EXPECT_EQ(Reason(R"({"header":{},"body":"J1"})"), kReasonWrongType);
  EXPECT_EQ(Reason(R"({"body":{"JJDBH":["J1"]}})"), kReasonWrongType);
  EXPECT_EQ(Reason(R"({"body":{"JJDBH":"J1","BJNR":{"x":1}}})"), kReasonWrongType);
  EXPECT_EQ(Reason(R"({"body":{"JJDBH":"J1","BJRXZB":"east"}})"), kReasonWrongType);
  EXPECT_EQ(Reason(R"({"body":{"FKDBH":"F1","JJDBH":"J1","SWRS":-1}})"), kReasonWrongType);
  EXPECT_EQ(Reason(R"({"body":{"JJDBH":")" + std::string(kFieldIdBytesMax + 1, '1') + R"("}})"), kReasonTooLong);
  EXPECT_EQ(Reason(R"({"body":{"JJDBH":"J1","JJDBH":"J2"}})"), kReasonDuplicateKey);
  EXPECT_EQ(Reason(R"({"body":{"JJDBH":"J1","x":)" + std::string(100, '[') + std::string(100, ']') + "}}"),
            kReasonTooDeep);
  auto bad = Decode(R"({"body":{"JJDBH":"J1","SFBM":{}}})");
  EXPECT_NE(bad.status().message().find("body.SFBM"), std::string::npos) << bad.status();
}

TEST(Police110Test, NoValueIsNoWrongType) {
  for (const char* absent : {"null", "\"\"", "\"null\"", "\"NULL\""}) {
    std::string text = std::string(R"({"body":{"JJDBH":"J1","BJRXZB":)") + absent + R"(,"BJSJ":)" + absent + "}}";
    EXPECT_TRUE(Decode(text).ok()) << text;
  }
}

TEST(Police110Test, ReadsXmlAndTheRootTellsTheKind) {
  auto call = Decode(
      "<?xml version=\"1.0\" encoding=\"GBK\"?><JJDB><header/><body><JJDBH>J1</JJDBH><BJNR>\xBD\xE2\xB7\xC5"
      "</BJNR></body></JJDB>");
  ASSERT_TRUE(call.ok()) << call.status();
  EXPECT_EQ(call->kind, "JJDB");
  EXPECT_EQ(call->tree["body"]["BJNR"], "解放");
  EXPECT_EQ(Decode("<TD><PJDBH>P1</PJDBH><JJDBH>J1</JJDBH><CXYY>x</CXYY></TD>")->kind, "TD");
}

TEST(Police110Test, EncodesTasksAndFeedback) {
  auto codec = MakePolice110Codec();
  NativeMessage task{"PJDB", json::parse(R"({"body":{"PJDBH":"P1","JJDBH":"J1","PJYJ":"速往","CDRY":null}})")};
  EXPECT_EQ(codec->Encode(task, Encoding::kUtf8, Format::kJson).value(),
            R"({"body":{"JJDBH":"J1","PJDBH":"P1","PJYJ":"速往"},"header":{"type":"PJDB"}})");
  EXPECT_EQ(
      codec->Encode(task, Encoding::kUtf8, Format::kXml).value(),
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?><PJDB><body><JJDBH>J1</JJDBH><PJDBH>P1</PJDBH><PJYJ>速往</PJYJ></body>"
      "<header><type>PJDB</type></header></PJDB>");
  EXPECT_FALSE(codec->Encode({"PJDB", json::parse(R"({"body":{"PJDBH":"P1"}})")}, Encoding::kUtf8, Format::kJson).ok());
  EXPECT_FALSE(codec->Encode({"PJDB", json::parse(R"({"PJDBH":"P1"})")}, Encoding::kUtf8, Format::kJson).ok());
  EXPECT_FALSE(codec->Encode({"XXDB", json::parse(R"({"body":{}})")}, Encoding::kUtf8, Format::kJson).ok());
}

TEST(Police110Test, Sturdy) {
  ExpectSturdy(*MakePolice110Codec(), "", kCall, "王某");
  std::string feedback = kFeedback;
  feedback.replace(feedback.find("{}"), 2, R"({"type":"FKDB"})");
  ExpectSturdy(*MakePolice110Codec(), "", feedback, "已救出");
}

}  // namespace
}  // namespace liandong::adapters
