// Deliveries into the hotlines' own formats, by the county's profiles; every one must also pass its codec.
#include "tests/unit/adapters/mapping/support.h"

namespace liandong::adapters {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// 2026-07-13 02:15:30 at +08:00
constexpr char kFlood[] = R"(
  envelope { delivery_id: 5 incident_id: 17 incident_revision: 2 kind: TASK purpose: ACTUAL duty_id: 3
             queued_at_ms: 1783880130000 }
  body {
    incident {
      incident_id: 17 purpose: ACTUAL category: "natural.flood.flash" category_zh: "小流域山洪" severity: LARGE
      division: "339921100000" division_zh: "青石镇" opened_at_ms: 1783880070000 counts { trapped: 2 injured: 0 }
      unconfirmed: "place"
      reports {
        party: "hotline-12345" external_id: "GD1" reported_at_ms: 1783880040000 caller_name: "王小明"
        caller_phone: "13805550001" address: "石桥村12号" description: "河水进屋"
        point { has_wgs84: true lat: 28.4569 lng: 119.9225 }
      }
    }
    duty { duty_id: 3 role: LEAD accept_by_ms: 1783880430000 arrive_by_ms: 1783881930000 }
  })";

// The same incident as its reporter hears of it.
constexpr char kFeedback[] = R"(
  envelope { delivery_id: 6 incident_id: 17 incident_revision: 3 kind: FEEDBACK purpose: ACTUAL
             queued_at_ms: 1783882800000 }
  body {
    incident { incident_id: 17 purpose: ACTUAL category: "natural.flood" reports { party: "PARTY" external_id: "MINE" } }
    feedback { at_ms: 1783880430000 party: "town-qingshi" party_zh: "青石镇" state: ACCEPTED what: "ACK" person: "老陈" }
    feedback { at_ms: 1783882800000 party: "town-qingshi" party_zh: "青石镇" state: COMPLETED what: "ACK" unit: "抢险队"
               note: "两人已转移" counts { rescued: 2 injured: 0 } }
  })";

v1::Delivery Feedback(const std::string& party) {
  v1::Delivery delivery = FromText<v1::Delivery>(kFeedback);
  delivery.mutable_body()->mutable_incident()->mutable_reports(0)->set_party(party);
  return delivery;
}

// Renders, and writes it with the codec to be sure that the peer's format takes it.
Rendered Render(const Link& link, const v1::Delivery& delivery) {
  absl::StatusOr<Rendered> rendered = link.mapper.Render(delivery);
  EXPECT_TRUE(rendered.ok()) << rendered.status();
  if (!rendered.ok()) return {};
  if (rendered->skip.empty()) {
    absl::StatusOr<std::string> bytes =
        link.codec->Encode({rendered->kind, rendered->tree}, Encoding::kUtf8, Format::kJson);
    EXPECT_TRUE(bytes.ok()) << bytes.status();
  }
  return *rendered;
}

TEST(Outbound110, ATaskIsACall) {
  const Rendered rendered = Render(Link("police-110"), FromText<v1::Delivery>(kFlood));
  EXPECT_EQ(rendered.kind, "JJDB");
  EXPECT_EQ(rendered.method, "POST");
  EXPECT_EQ(rendered.path, "/110/jjd");
  EXPECT_EQ(rendered.tree, nlohmann::json::parse(R"({
    "header":{"type":"JJDB","msgId":"5"},
    "body":{"JJDBH":"LD17","JJLYH":"GD1","JJLX":"00","JQLYFS":"09","XZQHDM":"339921100000","JQLBDM":"060101",
      "JQDJDM":"3","BJSJ":"20260713021430","JJSJ":"20260713021400","GXSJ":"20260713021530","BJRMC":"王小明",
      "BJDH":"13805550001","JQDZ":"石桥村12号","BJRXZB":119.9269039,"BJRYZB":28.4534905,
      "BJNR":"河水进屋\n【小流域山洪】青石镇 请于2026-07-13 02:20:30前签收 请于2026-07-13 02:45:30前到场 待核实: place",
      "BKRYQKSM":"2人","SSRYQKSM":"0人","SFBM":"0"}})"));
  EXPECT_THAT(rendered.keys, ElementsAre(DeliveryKey{"JJDBH", "LD17"}, DeliveryKey{"JJLYH", "GD1"}));
  EXPECT_FALSE(rendered.keep_known_keys);
}

TEST(Outbound110, WhatIsNotDisclosedIsNotThere) {
  v1::Delivery delivery = FromText<v1::Delivery>(kFlood);
  v1::ReportView* report = delivery.mutable_body()->mutable_incident()->mutable_reports(0);
  const std::string party = report->party();
  report->Clear();
  report->set_party(party);
  delivery.mutable_body()->mutable_incident()->clear_counts();
  const Rendered rendered = Render(Link("police-110"), delivery);
  const nlohmann::json& body = rendered.tree.at("body");
  for (const char* field : {"BJDH", "LXDH", "BJRXZB", "BKRYQKSM", "SWRYQKSM"})
    EXPECT_FALSE(body.contains(field)) << field;
  EXPECT_EQ(body.at("BJRMC"), "匿名");
  EXPECT_EQ(body.at("JQDZ"), "青石镇");
  EXPECT_EQ(body.at("JJLYH"), "LD17");
}

TEST(Outbound110, AnUpdateKeepsTheKeysOfItsTask) {
  v1::Delivery delivery = FromText<v1::Delivery>(kFlood);
  delivery.mutable_envelope()->set_kind(v1::UPDATE);
  EXPECT_TRUE(Render(Link("police-110"), delivery).keep_known_keys);
}

TEST(Outbound110, AnOrderIsADispatchForm) {
  const auto delivery = FromText<v1::Delivery>(R"(
    envelope { delivery_id: 8 kind: ORDER purpose: ACTUAL queued_at_ms: 1783880130000 }
    body { text: "立即封控省道220线" duty { accept_by_ms: 1783880430000 } })");
  const Rendered rendered = Render(Link("police-110"), delivery);
  EXPECT_EQ(rendered.kind, "PJDB");
  EXPECT_EQ(rendered.tree.at("body"), nlohmann::json::parse(R"({"PJDBH":"LD8","JJDBH":"LD8",
      "PJYJ":"立即封控省道220线 请于2026-07-13 02:20:30前签收","PJSJ":"20260713021530"})"));
  EXPECT_THAT(rendered.keys, ElementsAre(DeliveryKey{"PJDBH", "LD8"}));
}

TEST(Outbound110, FeedbackGoesBackAsOneForm) {
  const Rendered rendered = Render(Link("police-110"), Feedback("police-110"));
  EXPECT_EQ(rendered.kind, "FKDB");
  EXPECT_EQ(rendered.tree.at("body"), nlohmann::json::parse(R"({"FKDBH":"LD6","JJDBH":"MINE","FKSJ":"20260713030000",
      "CJCZQK":"2026-07-13 02:20:30 青石镇 已受理\n2026-07-13 03:00:00 青石镇抢险队 处置完毕 两人已转移",
      "XCCLWBSJ":"20260713030000","JZRS":2,"SSRS":0,"FKLX":"30"})"));
}

TEST(Outbound110, ARefusalGoesBackAsAReturn) {
  v1::Delivery delivery = Feedback("police-110");
  v1::FeedbackItem* last = delivery.mutable_body()->mutable_feedback(1);
  last->set_state(v1::REFUSED);
  last->set_reason("属地不符");
  const Rendered rendered = Render(Link("police-110"), delivery);
  EXPECT_EQ(rendered.kind, "TD");
  EXPECT_EQ(rendered.tree.at("body"), nlohmann::json::parse(R"({"PJDBH":"LD6","JJDBH":"MINE","TDSJ":"20260713030000",
      "CXYY":"2026-07-13 02:20:30 青石镇 已受理\n2026-07-13 03:00:00 青石镇抢险队 退回 属地不符 两人已转移"})"));
}

TEST(Outbound110, TheHubsOwnReasonsAreWordsForPeople) {
  v1::Delivery delivery = Feedback("police-110");
  v1::FeedbackItem* last = delivery.mutable_body()->mutable_feedback(1);
  last->set_state(v1::REFUSED);
  last->set_reason("OTHER");
  const Rendered rendered = Render(Link("police-110"), delivery);
  EXPECT_THAT(std::string(rendered.tree.at("body").at("CXYY")), HasSubstr("退回 其他原因 两人已转移"));
}

TEST(Outbound110, ACancellationSaysWhy) {
  const auto delivery = FromText<v1::Delivery>(R"(
    envelope { delivery_id: 9 incident_id: 17 kind: CANCEL purpose: ACTUAL queued_at_ms: 1783880130000 }
    body { text: "误报" })");
  const Rendered rendered = Render(Link("police-110"), delivery);
  EXPECT_EQ(rendered.tree.at("body").at("CXYY"), "误报");
  EXPECT_THAT(rendered.keys, IsEmpty());
}

TEST(Outbound12345, ATaskIsPushed) {
  const Rendered rendered = Render(Link("hotline-12345"), FromText<v1::Delivery>(kFlood));
  EXPECT_EQ(rendered.kind, "pushJjd");
  EXPECT_EQ(rendered.path, "/deal12345/pushJjd");
  EXPECT_EQ(rendered.tree.at("JJDBH"), "LD17");
  EXPECT_EQ(rendered.tree.at("FLOWID"), "GD1");
  EXPECT_EQ(rendered.tree.at("JQLBDM"), "060000");
  EXPECT_EQ(rendered.tree.at("Title"), "小流域山洪-青石镇");
  EXPECT_EQ(rendered.tree.at("BJSJ"), "2026-07-13 02:14:00");
  EXPECT_THAT(rendered.keys, ElementsAre(DeliveryKey{"JJDBH", "LD17"}));
}

TEST(Outbound12345, ACallOfThePoliceKeepsItsNumber) {
  v1::Delivery delivery = FromText<v1::Delivery>(kFlood);
  v1::ReportView* report = delivery.mutable_body()->mutable_incident()->mutable_reports(0);
  report->set_party("police-110");
  report->set_external_id("J77");
  const Rendered rendered = Render(Link("hotline-12345"), delivery);
  EXPECT_EQ(rendered.tree.at("JJDBH"), "J77");
  EXPECT_THAT(rendered.keys, ElementsAre(DeliveryKey{"JJDBH", "J77"}));
}

TEST(Outbound12345, FeedbackAndReturn) {
  const Link link("hotline-12345");
  const Rendered done = Render(link, Feedback("hotline-12345"));
  EXPECT_EQ(done.kind, "pushFkd");
  EXPECT_EQ(done.tree, nlohmann::json::parse(R"({"FLOWID":"MINE","JJDBH":"LD17","FKDWMC":"青石镇",
      "FKSJ":"2026-07-13 03:00:00",
      "CJCZQK":"2026-07-13 02:20:30 青石镇 已受理\n2026-07-13 03:00:00 青石镇抢险队 处置完毕 两人已转移",
      "JQCLJGSM":"2026-07-13 03:00:00 处置完毕 救出2人 受伤0人"})"));
  v1::Delivery refused = Feedback("hotline-12345");
  refused.mutable_body()->mutable_feedback(1)->set_state(v1::REFUSED);
  refused.mutable_body()->mutable_feedback(1)->set_reason("属地不符");
  const Rendered back = Render(link, refused);
  EXPECT_EQ(back.kind, "pushThxx");
  EXPECT_EQ(back.tree.at("HANDLEOPINION"),
            "2026-07-13 02:20:30 青石镇 已受理\n2026-07-13 03:00:00 青石镇抢险队 退回 属地不符 两人已转移");
  EXPECT_EQ(back.tree.at("FLOWID"), "MINE");
}

TEST(Outbound110By12345, ConfirmAndCallReasons) {
  const Link link("police-110-deal12345");
  v1::Delivery delivery = Feedback("police-110");
  delivery.mutable_body()->mutable_feedback()->RemoveLast();
  const Rendered confirm = Render(link, delivery);
  EXPECT_EQ(confirm.kind, "CONFIRM");
  EXPECT_EQ(confirm.tree, nlohmann::json::parse(R"({"JJDBH":"MINE","RECEIVE":"1","RECEIVETIME":"20260713022030"})"));
  EXPECT_EQ(Render(link, Feedback("police-110")).tree.at("DYYY"), "1");
  // A CONFIRM has no words: it must not swallow what waited before.
  v1::Delivery two = Feedback("police-110");
  two.mutable_body()->mutable_feedback(0)->set_state(v1::REFUSED);
  two.mutable_body()->mutable_feedback(1)->set_state(v1::ACCEPTED);
  const Rendered both = Render(link, two);
  EXPECT_EQ(both.kind, "DYYY");
  EXPECT_THAT(std::string(both.tree.at("CJCZQK")), AllOf(HasSubstr("退回"), HasSubstr("已受理")));
  delivery.mutable_body()->mutable_feedback(0)->set_state(v1::REFUSED);
  EXPECT_EQ(Render(link, delivery).tree.at("DYYY"), "2");
  EXPECT_EQ(Render(link, FromText<v1::Delivery>(kFlood)).kind, "work_order");
}

TEST(Outbound119, TaskAndFeedback) {
  const Link link("fire-119-json");
  const Rendered task = Render(link, FromText<v1::Delivery>(kFlood));
  EXPECT_EQ(task.tree.at("warningCode"), "LD17");
  EXPECT_EQ(task.tree.at("warningType"), "20901");
  EXPECT_EQ(task.tree.at("trappedPerson"), "2人");
  EXPECT_THAT(std::string(task.tree.at("warningInfo")), HasSubstr("02:45:30前到场"));
  const Rendered feedback = Render(link, Feedback("fire-119"));
  EXPECT_EQ(feedback.tree.at("warningCode"), "MINE");
  EXPECT_EQ(feedback.tree.at("warningDealStatus"), "处置完毕");
}

TEST(Outbound120, TaskAndFeedback) {
  const Link link("medical-120");
  v1::Delivery delivery = FromText<v1::Delivery>(kFlood);
  delivery.mutable_body()->mutable_incident()->mutable_reports(0)->set_medical("孕妇");
  const Rendered task = Render(link, delivery);
  EXPECT_EQ(task.tree.at("SJH"), "LD17");
  EXPECT_EQ(task.tree.at("FLAG"), "LD17");
  EXPECT_EQ(task.tree.at("SGLX"), "1");
  EXPECT_THAT(std::string(task.tree.at("HCYY")), HasSubstr("河水进屋\n孕妇\n【小流域山洪】青石镇 受伤0人 被困2人"));
  EXPECT_THAT(task.keys, ElementsAre(DeliveryKey{"SJH", "LD17"}));
  const Rendered feedback = Render(link, Feedback("medical-120"));
  EXPECT_EQ(feedback.tree.at("SJH"), "MINE");
  EXPECT_THAT(feedback.keys, IsEmpty());
}

TEST(Outbound, EveryKindOfDeliveryHasARuleOnEveryLinkThatSpeaks) {
  for (const char* name : {"police-110", "police-110-deal12345", "hotline-12345", "fire-119-json", "medical-120"}) {
    const Link link(name);
    for (int kind = v1::TASK; kind <= v1::NOTICE; ++kind) {
      v1::Delivery delivery = FromText<v1::Delivery>(kFlood);
      delivery.mutable_envelope()->set_kind(static_cast<v1::DeliveryKind>(kind));
      delivery.mutable_body()->set_text("请处理");
      *delivery.mutable_body()->mutable_feedback() = FromText<v1::Delivery>(kFeedback).body().feedback();
      Render(link, delivery);
      // The least that the hub can send of it.
      v1::Delivery bare = FromText<v1::Delivery>(
          "envelope { delivery_id: 7 incident_id: 17 purpose: ACTUAL queued_at_ms: 1783880130000 } "
          "body { text: \"x\" incident { category_zh: \"y\" } feedback { at_ms: 1783880130000 what: \"CLOSED\" } }");
      bare.mutable_envelope()->set_kind(static_cast<v1::DeliveryKind>(kind));
      Render(link, bare);
    }
  }
}

TEST(Outbound, ALinkThatOnlyListensSaysSo) {
  const absl::Status status = Mapper(County("fire-119-gb26875")).Render(FromText<v1::Delivery>(kFlood)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr("NO_OUTBOUND_RULE"));
}

TEST(Outbound, AMissingRequiredValueNamesItAndNothingElse) {
  const auto delivery = FromText<v1::Delivery>("envelope { delivery_id: 8 kind: ORDER purpose: ACTUAL }");
  const absl::Status status = Mapper(County("police-110")).Render(delivery).status();
  EXPECT_EQ(ReasonOf(status), kReasonMissingField);
  EXPECT_THAT(std::string(status.message()), HasSubstr("body.text"));
}

TEST(Outbound, TheDatumOfTheLinkOrNothing) {
  v1::Profile profile = County("police-110");
  profile.set_datum(v1::WGS84);
  EXPECT_EQ(Render(Link(profile), FromText<v1::Delivery>(kFlood)).tree.at("body").at("BJRXZB"), 119.9225);
  profile.clear_datum();
  EXPECT_THAT(Render(Link(profile), FromText<v1::Delivery>(kFlood)).tree.at("body").dump(), Not(HasSubstr("BJRXZB")));
}

}  // namespace
}  // namespace liandong::adapters
