// 12345's work orders and the deployed 110-12345 interface, both ways.
#include "tests/unit/adapters/mapping/support.h"

namespace liandong::adapters {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Inbound12345, AWorkOrderBecomesAReport) {
  absl::StatusOr<Mapped> mapped = Link("hotline-12345").Take(R"({"order_no":"GD20260713001","acceptor_no":"0012",
      "acceptor_name":"小陈","raise_category":"市政公用-路灯报修","classification":"求助","urgent_level":"一般",
      "raise_channel":"微信","content":"人民路路灯不亮","raise_time":"2026-07-13 02:15:30","is_secrecy":"0",
      "callerName":"赵女士","callerPhone":"13805550003","division_code":"339921001","x_internal":"42"})");
  ASSERT_TRUE(mapped.ok()) << mapped.status();
  ASSERT_EQ(mapped->reports.size(), 1u);
  ExpectText(mapped->reports[0].report, R"(
    external_id: "GD20260713001"
    open { purpose: ACTUAL category: "service.streetlight" division: "339921001000" reported_at_ms: 1783880130000
           channel: "internet" }
    sealed { caller_name: "赵女士" caller_phone: "13805550003" description: "人民路路灯不亮"
             details { name: "诉求类型" value: "求助" } details { name: "诉求分类" value: "市政公用-路灯报修" } }
    actor { person: "0012" role: "话务员" way: BY_ADAPTER })");
  EXPECT_THAT(mapped->notes, IsEmpty());
}

TEST(Inbound12345, DangerAndSecrecy) {
  absl::StatusOr<Mapped> mapped =
      Link("hotline-12345").Take(R"({"order_no":"G1","content":"邻居家着火了","is_secrecy":"1"})");
  ASSERT_TRUE(mapped.ok()) << mapped.status();
  EXPECT_EQ(mapped->reports[0].report.open().danger_to_life(), v1::YES);
  EXPECT_TRUE(mapped->reports[0].report.open().secret());
}

TEST(Inbound12345, AnOrderMadeOfAPoliceCallNamesIt) {
  absl::StatusOr<Mapped> mapped =
      Link("hotline-12345")
          .Take(
              R"({"order_no":"G1","raise_channel":"110转办","transfer_no":"J77","transfer_time":"2026-07-13 02:16:00"})");
  ASSERT_TRUE(mapped.ok()) << mapped.status();
  ExpectText(mapped->reports[0].report.open(), R"(purpose: ACTUAL channel: "110"
      references { party: "police-110" external_id: "J77" })");
  EXPECT_EQ(mapped->reports[0].report.revision(), 20260713021600u);
}

TEST(Inbound12345, ConfirmTakesOrRefuses) {
  const Link link("hotline-12345");
  absl::StatusOr<Mapped> yes = link.Take(R"({"JJDBH":"LD17","RECEIVE":"1","RECEIVETIME":"20260713021700"})");
  ASSERT_TRUE(yes.ok()) << yes.status();
  ASSERT_EQ(yes->acks.size(), 1u);
  EXPECT_THAT(yes->acks[0].keys, ElementsAre(DeliveryKey{"JJDBH", "LD17"}));
  EXPECT_FALSE(yes->acks[0].drop_if_unknown);
  ExpectText(yes->acks[0].ack, "state: ACCEPTED at_ms: 1783880220000 actor { way: BY_ADAPTER }");
  absl::StatusOr<Mapped> no = link.Take(R"({"CONFIRM":{"JJDBH":"LD17","RECEIVE":0}})");
  ASSERT_TRUE(no.ok()) << no.status();
  ExpectText(no->acks[0].ack, R"(state: REFUSED reason: "12345未接收" actor { way: BY_ADAPTER })");
}

TEST(Inbound12345, TheThreeCallReasons) {
  const Link link("hotline-12345");
  absl::StatusOr<Mapped> feedback =
      link.Take(R"({"DYYY":"1","JJDBH":"LD17","HFSJ":"20260713030000","CJCZQK":"已派单到城管"})");
  ASSERT_TRUE(feedback.ok()) << feedback.status();
  ExpectText(feedback->acks[0].ack,
             R"(state: PROGRESS note: "已派单到城管" at_ms: 1783882800000 actor { way: BY_ADAPTER })");
  absl::StatusOr<Mapped> back = link.Take(R"({"DYYY":"2","JJDBH":"LD17","HANDLEOPINION":"不属于受理范围"})");
  ASSERT_TRUE(back.ok()) << back.status();
  ExpectText(back->acks[0].ack, R"(state: REFUSED reason: "不属于受理范围" actor { way: BY_ADAPTER })");
  absl::StatusOr<Mapped> visit = link.Take(R"({"DYYY":"3","FLOWID":"W5","CLJGDM":"1","DHHFHSQK":"群众认可"})");
  ASSERT_TRUE(visit.ok()) << visit.status();
  EXPECT_THAT(visit->acks[0].keys, ElementsAre(DeliveryKey{"FLOWID", "W5"}));
  ExpectText(visit->acks[0].ack,
             R"(state: COMPLETED note: "\n回访: 群众认可\n回访结果: 满意" actor { way: BY_ADAPTER })");
}

TEST(Inbound12345, ReturnAndFeedbackByTheSameCalls) {
  const Link link("hotline-12345");
  absl::StatusOr<Mapped> back =
      link.Take(R"({"FLOWID":"W5","JJDBH":"LD17","HANDLEOPINION":"职能交叉","HANDLEBMNAME":"派单组",
                    "HANDLEUSERNAME":"小吴","HANDLETIME":"2026-07-13 03:00:00"})",
                "/deal12345/pushThxx");
  ASSERT_TRUE(back.ok()) << back.status();
  ExpectText(back->acks[0].ack, R"(state: REFUSED reason: "职能交叉" unit: "派单组" at_ms: 1783882800000
                                   actor { person: "小吴" way: BY_ADAPTER })");
  absl::StatusOr<Mapped> done =
      link.Take(R"({"FLOWID":"W5","JJDBH":"LD17","CJCZQK":"已修复","JQCLJGSM":"办结","FKSJ":"2026-07-13 03:00:00"})",
                "/deal12345/pushFkd");
  ASSERT_TRUE(done.ok()) << done.status();
  ExpectText(done->acks[0].ack,
             R"(state: COMPLETED note: "已修复\n办结" at_ms: 1783882800000 actor { way: BY_ADAPTER })");
}

TEST(Inbound12345, PushJjdTowardsUsIsAReportAndAnAlias) {
  absl::StatusOr<Mapped> mapped =
      Link("hotline-12345")
          .Take(
              R"({"JJDBH":"LD17","LSH":"W5","BJNR":"积水到膝盖","JQLBMC":"内涝积水","XZQHDM":"339921001000","BJSJ":"20260713021530"})",
              "/deal12345/pushJjd");
  ASSERT_TRUE(mapped.ok()) << mapped.status();
  ASSERT_EQ(mapped->reports.size(), 1u);
  EXPECT_EQ(mapped->reports[0].report.external_id(), "W5");
  EXPECT_EQ(mapped->reports[0].report.open().category(), "natural.flood.waterlogging");
  ASSERT_EQ(mapped->aliases.size(), 1u);
  EXPECT_EQ(mapped->aliases[0].also.Text(), "FLOWID=W5");
}

TEST(Inbound12345, AMessageThatNamesNoTaskOfOursIsRefusedWithItsField) {
  v1::Profile profile = County("hotline-12345");
  const absl::Status status = Mapper(profile).Map(NativeMessage{"CONFIRM", {{"RECEIVE", "1"}}}).status();
  EXPECT_EQ(ReasonOf(status), kReasonMissingField);
  EXPECT_THAT(std::string(status.message()), HasSubstr("/JJDBH"));
}

TEST(Inbound12345, ATableThatSaysErrorRefuses) {
  const absl::Status status =
      Mapper(County("hotline-12345")).Map(NativeMessage{"DYYY", {{"DYYY", "9"}, {"JJDBH", "LD1"}}}).status();
  EXPECT_EQ(ReasonOf(status), kReasonUnmappedValue);
  EXPECT_THAT(std::string(status.message()), HasSubstr("/DYYY"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("reason"));
}

TEST(Inbound110By12345, WhatThePolicePushComesIn) {
  const Link link("police-110-deal12345");
  absl::StatusOr<Mapped> call = link.Take(
      R"({"JJDBH":"J1","Title":"噪声-施工","BJNR":"半夜施工","JQLBDM":"020200","BJDH":"13805550004","SFBM":"0",
          "XZQHDM":"339921100","BJSJ":"20260713021530"})",
      "/deal12345/pushJjd");
  ASSERT_TRUE(call.ok()) << call.status();
  ExpectText(call->reports[0].report, R"(
    external_id: "J1"
    open { purpose: ACTUAL category: "order.noise" division: "339921100000" reported_at_ms: 1783880130000
           channel: "telephone" }
    sealed { caller_phone: "13805550004" description: "噪声-施工\n半夜施工" }
    actor { way: BY_ADAPTER })");
  absl::StatusOr<Mapped> back = link.Take(R"({"FLOWID":"LD17","HANDLEOPINION":"非警务"})", "/deal12345/pushThxx");
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_THAT(back->acks[0].keys, ElementsAre(DeliveryKey{"FLOWID", "LD17"}));
  EXPECT_EQ(back->acks[0].ack.state(), v1::REFUSED);
}

}  // namespace
}  // namespace liandong::adapters
