#include "tests/unit/adapters/mapping/support.h"

namespace liandong::adapters {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kCall[] = R"({"header":{"type":"JJDB"},"body":{"JJDBH":"J1","BJRMC":"王小明","BJDH":"13805550001",
    "JQDZ":"青石镇12号","BJNR":"二楼有人被困","JQLBDM":"060100","BJSJ":"20260713021400","BJRZJHM":"33992119900101",
    "BKRYQKSM":"很多人"}})";

TEST(Describe, MasksWhatIsPersonalAndShowsTheRest) {
  const Link link("police-110");
  const std::string text = Describe(link.mapper, link.Decode(kCall));
  for (const char* hidden : {"王小明", "13805550001", "青石镇12号", "被困\n", "33992119900101", "很多人"}) {
    EXPECT_THAT(text, Not(HasSubstr(hidden)));
  }
  EXPECT_THAT(text, HasSubstr("sealed.caller_name: ***(3字)"));
  EXPECT_THAT(text, HasSubstr("sealed.caller_phone: ***(11字)"));
  EXPECT_THAT(text, HasSubstr("open.category: natural.flood"));
  EXPECT_THAT(text, HasSubstr("open.occurred_at_ms: 2026-07-13T02:14:00+08:00"));
  EXPECT_THAT(text, HasSubstr("sealed.details[0].name: 被困人员"));
  EXPECT_THAT(text, HasSubstr("/body/BKRYQKSM: unclear_count"));
  EXPECT_THAT(text, HasSubstr("fields that stay in the adapter: /body/BJRZJHM /header/type /kind"));
}

TEST(Describe, ShowsEverythingWhenAsked) {
  const Link link("police-110");
  const std::string text = Describe(link.mapper, link.Decode(kCall), {.show_personal = true});
  EXPECT_THAT(text, HasSubstr("sealed.caller_name: 王小明"));
  EXPECT_THAT(text, HasSubstr("sealed.description: 二楼有人被困"));
}

TEST(Describe, AcknowledgmentsAndTheirKeys) {
  const Link link("police-110");
  const std::string text =
      Describe(link.mapper,
               link.Decode(R"({"body":{"PJDBH":"P1","JJDBH":"LD17","PDQSSJ":"20260713021700","QSRYXM":"李警官"}})"));
  EXPECT_THAT(text, HasSubstr("回执 acknowledgment of PJDBH=P1, JJDBH=LD17"));
  EXPECT_THAT(text, HasSubstr("state: ACCEPTED"));
  EXPECT_THAT(text, HasSubstr("actor.person: ***(3字)"));
}

TEST(Describe, SaysWhatCannotBeMapped) {
  const Link link("police-110");
  const std::string text = Describe(link.mapper, NativeMessage{"JJDB", {{"body", {{"BJNR", "秘密"}}}}});
  EXPECT_THAT(text, HasSubstr("cannot be mapped: missing_field"));
  EXPECT_THAT(text, Not(HasSubstr("秘密")));
}

TEST(Describe, ARenderedTask) {
  const Link link("police-110");
  const auto delivery = FromText<v1::Delivery>(R"(
    envelope { delivery_id: 5 incident_id: 17 kind: TASK purpose: ACTUAL queued_at_ms: 1783880130000 }
    body { incident { category: "natural.flood" category_zh: "洪涝灾害" division_zh: "青石镇"
                      reports { party: "hotline-12345" caller_name: "王小明" description: "水进屋" } } })");
  const std::string masked = DescribeRender(link.mapper, delivery);
  EXPECT_THAT(masked, HasSubstr("JJDB POST /110/jjd"));
  EXPECT_THAT(masked, HasSubstr("/header/type: JJDB"));
  EXPECT_THAT(masked, HasSubstr("/body/BJRMC: ***(3字)"));
  EXPECT_THAT(masked, Not(HasSubstr("水进屋")));
  EXPECT_THAT(masked, HasSubstr("JJDBH=LD17"));
  EXPECT_THAT(DescribeRender(link.mapper, delivery, {.show_personal = true}), HasSubstr("水进屋"));
}

}  // namespace
}  // namespace liandong::adapters
