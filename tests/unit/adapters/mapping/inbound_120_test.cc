// 120's events and vehicle states.
#include "tests/unit/adapters/mapping/support.h"

namespace liandong::adapters {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Inbound120, AnAccidentBecomesAReport) {
  absl::StatusOr<Mapped> mapped = Link("medical-120").Take(R"({"SJH":"E1","STATUS":"待受理","SCLDSJ":"20260713021400",
      "SCLDHM":"13805550006","SCSLSJ":"20260713021430","SCSLRPID":"07","HCYY":"两车相撞,一人腿部骨折","SJLX":"交通事故",
      "SGLX":"0","SGDJ":"4","XCDZ":"省道220线K15","XZBM":"339921101","FLAG":"110-J77"})");
  ASSERT_TRUE(mapped.ok()) << mapped.status();
  ExpectText(mapped->reports[0].report, R"(
    external_id: "E1"
    open { purpose: ACTUAL category: "accident.traffic.injury" severity: GENERAL division: "339921101000"
           occurred_at_ms: 1783880040000 reported_at_ms: 1783880070000 channel: "telephone"
           references { party: "police-110" external_id: "J77" } }
    sealed { caller_phone: "13805550006" address: "省道220线K15" description: "两车相撞,一人腿部骨折"
             medical: "两车相撞,一人腿部骨折" }
    actor { person: "07" role: "受理员" way: BY_ADAPTER })");
  EXPECT_THAT(mapped->acks, IsEmpty());
}

TEST(Inbound120, APatientsComplaintIsForDoctorsAlone) {
  absl::StatusOr<Mapped> mapped =
      Link("medical-120").Take(R"({"SJH":"E1","HCYY":"胸痛半小时","SJLX":"救治","SCLDSJ":"20260713021400"})");
  ASSERT_TRUE(mapped.ok()) << mapped.status();
  EXPECT_EQ(mapped->reports[0].report.sealed().medical(), "胸痛半小时");
  EXPECT_EQ(mapped->reports[0].report.sealed().description(), "");
}

TEST(Inbound120, VehicleStatesClimb) {
  const Link link("medical-120");
  const std::pair<const char*, v1::AckState> cases[] = {{"0", v1::ACCEPTED}, {"1", v1::ACCEPTED}, {"2", v1::EN_ROUTE},
                                                        {"3", v1::ON_SCENE}, {"4", v1::PROGRESS}, {"5", v1::COMPLETED}};
  for (const auto& [code, expected] : cases) {
    absl::StatusOr<Mapped> mapped =
        link.Take(std::string(R"({"SJH":"LD17","CLBH":"救1","CLZT":")") + code + R"(","ZTSJ":"20260713022000"})");
    ASSERT_TRUE(mapped.ok()) << mapped.status();
    ASSERT_EQ(mapped->acks.size(), 1u) << code;
    EXPECT_EQ(mapped->acks[0].ack.state(), expected) << code;
    EXPECT_EQ(mapped->acks[0].ack.at_ms(), 1783880400000) << code;
    EXPECT_EQ(mapped->acks[0].ack.unit(), "救1");
    EXPECT_THAT(mapped->acks[0].keys, ElementsAre(DeliveryKey{"SJH", "LD17"}));
  }
  for (const char* code : {"6", "7", "8", "9"}) {
    absl::StatusOr<Mapped> mapped = link.Take(std::string(R"({"SJH":"LD17","CLBH":"救1","CLZT":)") + code + "}");
    ASSERT_TRUE(mapped.ok()) << mapped.status();
    EXPECT_TRUE(mapped->empty()) << code;
  }
}

TEST(Inbound120, TheEventOfOurTaskAnswersIt) {
  const Link link("medical-120");
  absl::StatusOr<Mapped> taken =
      link.Take(R"({"SJH":"LD17","STATUS":"已受理","SCSLSJ":"20260713022000","SCDDY":"小周"})");
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_THAT(taken->reports, IsEmpty());
  ExpectText(taken->acks[0].ack, R"(state: ACCEPTED at_ms: 1783880400000 actor { person: "小周" way: BY_ADAPTER })");
}

TEST(Inbound120, AnExerciseLinkStaysOne) {
  v1::Profile profile = County("medical-120");
  profile.mutable_purpose()->set_link(v1::EXERCISE);
  absl::StatusOr<Mapped> mapped = Link(profile).Take(R"({"SJH":"E1","HCYY":"实战"})");
  ASSERT_TRUE(mapped.ok());
  EXPECT_EQ(mapped->reports[0].report.open().purpose(), v1::EXERCISE);
}

TEST(Inbound120, AMarkedExerciseOnAnActualLinkIsOne) {
  const Link link("medical-120");
  const auto purpose = [&](const std::string& text) {
    absl::StatusOr<Mapped> mapped = link.Take(R"({"SJH":"E1","HCYY":")" + text + "\"}");
    return mapped.ok() ? mapped->reports[0].report.open().purpose() : v1::PURPOSE_UNSPECIFIED;
  };
  EXPECT_EQ(purpose("【演练】模拟伤员"), v1::EXERCISE);
  EXPECT_EQ(purpose("【测试】"), v1::TEST);
  EXPECT_EQ(purpose("这不是演练,有人受伤"), v1::ACTUAL);
}

TEST(Inbound120, APurposeFieldThatIsNotUnderstoodIsRefusedWhereTheTableSaysSo) {
  v1::Profile profile = County("medical-120");
  profile.mutable_purpose()->clear_from();
  profile.mutable_purpose()->add_from("/YT");
  profile.mutable_purpose()->set_table("use");
  *profile.add_table() = FromText<v1::ValueTable>(R"(
    name: "use" unmapped: ERROR row { native: "S" ours: "ACTUAL" } row { native: "Y" ours: "EXERCISE" })");
  const Link link(profile);
  EXPECT_EQ(link.Take(R"({"SJH":"E1","YT":"Y"})")->reports[0].report.open().purpose(), v1::EXERCISE);
  EXPECT_EQ(link.Take(R"({"SJH":"E1"})")->reports[0].report.open().purpose(), v1::ACTUAL);
  EXPECT_EQ(ReasonOf(link.Take(R"({"SJH":"E1","YT":"Q"})").status()), kReasonUnmappedValue);
}

}  // namespace
}  // namespace liandong::adapters
