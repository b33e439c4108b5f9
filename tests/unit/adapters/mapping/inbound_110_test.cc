// 110's papers into reports and acknowledgments, by the county's profile.
#include "tests/unit/adapters/mapping/support.h"

namespace liandong::adapters {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kCall[] = R"({"header":{"type":"JJDB"},"body":{
  "JJDBH":"339921202607130001","XZQHDM":"339921100","JJDWDM":"339921000000","JJLX":"01","JQLYFS":"01","JJYBH":"051234",
  "BJSJ":"20260713021400","JJSJ":"2026-07-13 02:15:02","GXSJ":"20260713021530","BJDH":"13805550001","LXDH":"13805550002",
  "BJRMC":"王小明","BJRXBDM":"1","BJRZJHM":"339921199001011234","JQDZ":"青石镇石桥村12号","BJNR":"河水进屋,二楼有老人被困",
  "BCJJNR":"水还在涨","JQLBDM":"060000","JQLXDM":"060100","JQXLDM":"060101","JQZLDM":"","JQDJDM":"3","BKRYQKSM":"2人",
  "SSRYQKSM":"不详","SWRYQKSM":"无","SFBM":"0","BJRXZB":119.92690390684172,"BJRYZB":28.45349050424306,"VENDORX":"secret"}})";

TEST(Inbound110, ACallBecomesAReport) {
  const Link link("police-110");
  absl::StatusOr<Mapped> mapped = link.Take(kCall);
  ASSERT_TRUE(mapped.ok()) << mapped.status();
  ASSERT_EQ(mapped->reports.size(), 1u);
  v1::Report report = mapped->reports[0].report;
  ASSERT_TRUE(report.sealed().point().has_wgs84());
  EXPECT_NEAR(report.sealed().point().lng(), 119.9225, 1e-7);
  EXPECT_NEAR(report.sealed().point().lat(), 28.4569, 1e-7);
  report.mutable_sealed()->mutable_point()->clear_lng();
  report.mutable_sealed()->mutable_point()->clear_lat();
  ExpectText(report, R"(
    external_id: "339921202607130001" revision: 20260713021530
    open {
      purpose: ACTUAL category: "natural.flood.flash" severity: LARGE division: "339921100000" danger_to_life: YES
      counts { dead: 0 trapped: 2 } occurred_at_ms: 1783880040000 reported_at_ms: 1783880102000 channel: "telephone"
    }
    sealed {
      caller_name: "王小明" caller_phone: "13805550001" contact_phone: "13805550002" address: "青石镇石桥村12号"
      point { has_wgs84: true original_x: 119.92690390684172 original_y: 28.45349050424306 original_datum: GCJ02 }
      description: "河水进屋,二楼有老人被困\n补充: 水还在涨"
      details { name: "被困人员" value: "2人" } details { name: "受伤人员" value: "不详" }
      details { name: "死亡人员" value: "无" } details { name: "报警人性别" value: "男" }
    }
    actor { person: "051234" role: "接警员" way: BY_ADAPTER }
  )");
  EXPECT_THAT(Reasons(*mapped), ElementsAre("/body/SSRYQKSM unclear_count"));
  EXPECT_THAT(mapped->acks, IsEmpty());
  EXPECT_THAT(mapped->closes, IsEmpty());
}

TEST(Inbound110, UnmappedFieldsNeverLeave) {
  absl::StatusOr<Mapped> mapped = Link("police-110").Take(kCall);
  ASSERT_TRUE(mapped.ok());
  const std::string all = mapped->reports[0].report.SerializeAsString();
  EXPECT_THAT(all, Not(HasSubstr("339921199001011234")));
  EXPECT_THAT(all, Not(HasSubstr("secret")));
}

TEST(Inbound110, TheSmallestCallLeavesEverythingUnknown) {
  absl::StatusOr<Mapped> mapped =
      Link("police-110").Take(R"({"body":{"JJDBH":"J1","BJNR":"路灯不亮","JQLBDM":"080100"}})");
  ASSERT_TRUE(mapped.ok()) << mapped.status();
  ExpectText(mapped->reports[0].report, R"(
    external_id: "J1"
    open { purpose: ACTUAL category: "service.streetlight" channel: "telephone" }
    sealed { description: "路灯不亮" }
    actor { role: "接警员" way: BY_ADAPTER })");
}

TEST(Inbound110, UnknownCodesAndSlipsCostOnlyTheirField) {
  absl::StatusOr<Mapped> mapped =
      Link("police-110")
          .Take(
              R"({"body":{"JJDBH":"J1","JQLBDM":"777777","JQDJDM":"9","XZQHDM":"33X","BJSJ":"20261340000000","GXSJ":"gestern"}})");
  ASSERT_TRUE(mapped.ok()) << mapped.status();
  ExpectText(mapped->reports[0].report, R"(
    external_id: "J1" open { purpose: ACTUAL channel: "telephone" } actor { role: "接警员" way: BY_ADAPTER })");
  EXPECT_THAT(Reasons(*mapped),
              ElementsAre("/body/GXSJ bad_time", "/body/JQLBDM unmapped_value", "/body/JQDJDM unmapped_value",
                          "/body/XZQHDM bad_value", "/body/BJSJ bad_time", "/body/BJSJ bad_time"));
  for (const MapNote& note : mapped->notes) {
    EXPECT_THAT(note.zh + note.en, Not(HasSubstr("gestern")));
    EXPECT_THAT(note.zh + note.en, Not(HasSubstr("777777")));
  }
}

TEST(Inbound110, ACoarserCodeStandsInForAnUnknownFineOne) {
  absl::StatusOr<Mapped> mapped =
      Link("police-110").Take(R"({"body":{"JJDBH":"J1","JQLBDM":"060000","JQXLDM":"060199","JQLXDM":"060100"}})");
  ASSERT_TRUE(mapped.ok());
  EXPECT_EQ(mapped->reports[0].report.open().category(), "natural.flood");
  EXPECT_THAT(mapped->notes, IsEmpty());
}

TEST(Inbound110, AnIdThatIsTooLongIsRefusedWithoutBeingQuoted) {
  const std::string id(129, '7');
  NativeMessage message{"JJDB", {{"body", {{"JJDBH", id}}}}};
  const absl::Status status = Link("police-110").mapper.Map(message).status();
  EXPECT_EQ(ReasonOf(status), kReasonTooLong);
  EXPECT_THAT(std::string(status.message()), HasSubstr("/body/JJDBH"));
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("777")));
}

TEST(Inbound110, AMissingIdNamesItsField) {
  const absl::Status status =
      Link("police-110").mapper.Map(NativeMessage{"JJDB", {{"body", {{"BJNR", "x"}}}}}).status();
  EXPECT_EQ(ReasonOf(status), kReasonMissingField);
  EXPECT_THAT(std::string(status.message()), HasSubstr("/body/JJDBH"));
}

TEST(Inbound110, OtherSystemsIdsAreReferences) {
  const Link link("police-110");
  const auto references = [&](const std::string& fields) {
    absl::StatusOr<Mapped> mapped = link.Take(R"({"body":{"JJDBH":"J1",)" + fields + "}}");
    EXPECT_TRUE(mapped.ok()) << mapped.status();
    std::vector<std::string> found;
    for (const v1::ExternalRef& ref : mapped->reports[0].report.open().references()) {
      found.push_back(ref.party() + ":" + ref.external_id());
    }
    return found;
  };
  EXPECT_THAT(references(R"("JJLYH":"GD77","JQLYFS":"09")"), ElementsAre("hotline-12345:GD77"));
  EXPECT_THAT(references(R"("JJLYH":"GD77","JJLX":"00")"), ElementsAre("hotline-12345:GD77"));
  EXPECT_THAT(references(R"("JJLYH":"LD17","JQLYFS":"99")"), ElementsAre("hub:17"));
  EXPECT_THAT(references(R"("JJLYH":"F9","JQLYFS":"19")"), ElementsAre("fire-119:F9"));
  EXPECT_THAT(references(R"("JJLYH":"rec-0001.wav","JQLYFS":"01")"), IsEmpty());
  EXPECT_THAT(references(R"("GLZJJDBH":"J0")"), ElementsAre("police-110:J0"));
  EXPECT_THAT(references(R"("GLZJJDBH":"J1")"), IsEmpty());
}

TEST(Inbound110, TheirNumberForOurTaskIsLearned) {
  absl::StatusOr<Mapped> mapped = Link("police-110").Take(R"({"body":{"JJDBH":"J9","JJLYH":"LD17","JQLYFS":"99"}})");
  ASSERT_TRUE(mapped.ok());
  ASSERT_EQ(mapped->aliases.size(), 1u);
  EXPECT_EQ(mapped->aliases[0].known.Text(), "JJLYH=LD17");
  EXPECT_EQ(mapped->aliases[0].also.Text(), "JJDBH=J9");
}

TEST(Inbound110, TheSecretFlagFailsClosed) {
  const Link link("police-110");
  for (const auto& [flag, secret] : std::vector<std::pair<std::string, bool>>{{R"("1")", true},
                                                                              {R"("0")", false},
                                                                              {"1", true},
                                                                              {"0", false},
                                                                              {"true", true},
                                                                              {"false", false},
                                                                              {R"("是")", true},
                                                                              {R"("否")", false},
                                                                              {R"("2")", true},
                                                                              {R"("")", false},
                                                                              {"null", false}}) {
    absl::StatusOr<Mapped> mapped = link.Take(R"({"body":{"JJDBH":"J1","SFBM":)" + flag + "}}");
    ASSERT_TRUE(mapped.ok()) << flag;
    EXPECT_EQ(mapped->reports[0].report.open().secret(), secret) << flag;
  }
}

TEST(Inbound110, DangerIsSaidByCountsFlagsOrWords) {
  const Link link("police-110");
  const auto danger = [&](const std::string& fields) {
    absl::StatusOr<Mapped> mapped = link.Take(R"({"body":{"JJDBH":"J1",)" + fields + "}}");
    return mapped.ok() ? mapped->reports[0].report.open().danger_to_life() : v1::NO;
  };
  EXPECT_EQ(danger(R"("SSRYQKSM":"一人轻伤")"), v1::YES);
  EXPECT_EQ(danger(R"("SSRYQKSM":"无")"), v1::ANSWER_UNKNOWN);
  EXPECT_EQ(danger(R"("YWBZXL":"1")"), v1::YES);
  EXPECT_EQ(danger(R"("BJNR":"有人落水了")"), v1::YES);
  EXPECT_EQ(danger(R"("BJNR":"路灯坏了")"), v1::ANSWER_UNKNOWN);
}

TEST(Inbound110, AnUndeclaredDatumStaysUnknown) {
  v1::Profile profile = County("police-110");
  profile.clear_datum();
  absl::StatusOr<Mapped> mapped = Link(profile).Take(kCall);
  ASSERT_TRUE(mapped.ok());
  ExpectText(mapped->reports[0].report.sealed().point(),
             "original_x: 119.92690390684172 original_y: 28.45349050424306");
}

TEST(Inbound110, PointsThatAreNone) {
  const Link link("police-110");
  absl::StatusOr<Mapped> zero = link.Take(R"({"body":{"JJDBH":"J1","BJRXZB":0,"BJRYZB":"0.0"}})");
  ASSERT_TRUE(zero.ok());
  EXPECT_FALSE(zero->reports[0].report.sealed().has_point());
  absl::StatusOr<Mapped> grid = link.Take(R"({"body":{"JJDBH":"J1","BJRXZB":40512345.5,"BJRYZB":3212345.5}})");
  ASSERT_TRUE(grid.ok());
  ExpectText(grid->reports[0].report.sealed().point(),
             "original_x: 40512345.5 original_y: 3212345.5 original_datum: GCJ02");
  EXPECT_THAT(Reasons(*grid), Contains("/body/BJRXZB bad_value"));
  absl::StatusOr<Mapped> second = link.Take(R"({"body":{"JJDBH":"J1","FXDWJD":119.9,"FXDWWD":28.4}})");
  ASSERT_TRUE(second.ok());
  EXPECT_TRUE(second->reports[0].report.sealed().point().has_wgs84());
}

TEST(Inbound110, LongTextsAreCutAtACharacterWithANote) {
  std::string text;
  while (text.size() < 70000) text += "水";
  NativeMessage message{"JJDB", {{"body", {{"JJDBH", "J1"}, {"BJNR", text}}}}};
  absl::StatusOr<Mapped> mapped = Link("police-110").mapper.Map(message);
  ASSERT_TRUE(mapped.ok());
  EXPECT_EQ(mapped->reports[0].report.sealed().description().size(), 65535u);
  ASSERT_EQ(mapped->notes.size(), 1u);
  EXPECT_EQ(mapped->notes[0].reason, kReasonTooLong);
}

TEST(Inbound110, AVoidCallCloses) {
  absl::StatusOr<Mapped> mapped = Link("police-110").Take(R"({"body":{"JJDBH":"J1","WXBS":"1"}})");
  ASSERT_TRUE(mapped.ok());
  ASSERT_EQ(mapped->closes.size(), 1u);
  EXPECT_EQ(mapped->closes[0].external_id, "J1");
  EXPECT_EQ(mapped->closes[0].request.reason(), "110标记为无效警情");
}

TEST(Inbound110, SigningForATask) {
  absl::StatusOr<Mapped> mapped =
      Link("police-110").Take(R"({"body":{"PJDBH":"P1","JJDBH":"LD17","PJSJ":"20260713021600",
      "PDQSSJ":"20260713021700","QSRYXM":"李警官","CDCL":"浙A警001"}})");
  ASSERT_TRUE(mapped.ok()) << mapped.status();
  EXPECT_THAT(mapped->reports, IsEmpty());
  ASSERT_EQ(mapped->acks.size(), 1u);
  EXPECT_THAT(mapped->acks[0].keys, ElementsAre(DeliveryKey{"PJDBH", "P1"}, DeliveryKey{"JJDBH", "LD17"}));
  EXPECT_TRUE(mapped->acks[0].drop_if_unknown);
  ExpectText(mapped->acks[0].ack, R"(state: ACCEPTED at_ms: 1783880220000 unit: "浙A警001"
                                     actor { person: "李警官" way: BY_ADAPTER })");
}

TEST(Inbound110, APaperThatNobodySignedSaysNothing) {
  absl::StatusOr<Mapped> mapped =
      Link("police-110").Take(R"({"body":{"PJDBH":"P1","JJDBH":"LD17","PJSJ":"20260713021600"}})");
  ASSERT_TRUE(mapped.ok());
  EXPECT_TRUE(mapped->empty());
  EXPECT_NE(mapped->ignored, "");
}

TEST(Inbound110, HandingBack) {
  absl::StatusOr<Mapped> mapped =
      Link("police-110").Take(R"({"body":{"PJDBH":"P1","JJDBH":"LD17","TDSJ":"20260713021800","CXYY":"属地不符"}})");
  ASSERT_TRUE(mapped.ok()) << mapped.status();
  ASSERT_EQ(mapped->acks.size(), 1u);
  ExpectText(mapped->acks[0].ack,
             R"(state: REFUSED reason: "属地不符" at_ms: 1783880280000 actor { way: BY_ADAPTER })");
}

TEST(Inbound110, ARefusalWithoutAReasonIsStillOne) {
  absl::StatusOr<Mapped> mapped =
      Link("police-110").Take(R"({"body":{"PJDBH":"P1","JJDBH":"LD17","TDSJ":"20260713021800"}})");
  ASSERT_TRUE(mapped.ok());
  ASSERT_EQ(mapped->acks.size(), 1u);
  EXPECT_EQ(mapped->acks[0].ack.reason(), "未说明");
}

TEST(Inbound110, TheFeedbackFormClimbsTheFieldLadder) {
  absl::StatusOr<Mapped> mapped = Link("police-110").Take(R"({"body":{"FKDBH":"F1","JJDBH":"LD17","PJDBH":"P1",
      "FKDWDM":"33992101","FKYXM":"李警官","FKSJ":"20260713040000","CJSJ01":"20260713021900","DDXCSJ":"20260713023000",
      "XCCLWBSJ":"20260713035000","CJCZQK":"转移老人两名","JZRS":2,"SSRS":"1","SWRS":0,"FKLX":"30"}})");
  ASSERT_TRUE(mapped.ok()) << mapped.status();
  ASSERT_EQ(mapped->acks.size(), 3u);
  ExpectText(mapped->acks[0].ack, R"(state: EN_ROUTE at_ms: 1783880340000 unit: "33992101"
                                     actor { person: "李警官" way: BY_ADAPTER })");
  ExpectText(mapped->acks[1].ack, R"(state: ON_SCENE at_ms: 1783881000000 unit: "33992101"
                                     actor { person: "李警官" way: BY_ADAPTER })");
  ExpectText(mapped->acks[2].ack, R"(state: COMPLETED at_ms: 1783885800000 unit: "33992101" note: "转移老人两名"
                                     counts { rescued: 2 injured: 1 dead: 0 }
                                     actor { person: "李警官" way: BY_ADAPTER })");
}

TEST(Inbound110, FeedbackWithoutAnEndIsProgress) {
  absl::StatusOr<Mapped> mapped =
      Link("police-110")
          .Take(R"({"body":{"FKDBH":"F1","JJDBH":"LD17","FKSJ":"20260713040000","FKLX":"10","CJCZQK":"正在疏散"}})");
  ASSERT_TRUE(mapped.ok()) << mapped.status();
  ASSERT_EQ(mapped->acks.size(), 2u);
  EXPECT_EQ(mapped->acks[0].ack.state(), v1::ON_SCENE);
  EXPECT_EQ(mapped->acks[1].ack.state(), v1::PROGRESS);
  EXPECT_EQ(mapped->acks[1].ack.note(), "正在疏散");
}

TEST(Inbound110, AnUnreadableTimeDoesNotCostTheArrival) {
  absl::StatusOr<Mapped> mapped = Link("police-110").Take(R"({"body":{"FKDBH":"F1","JJDBH":"LD17","DDXCSJ":"半夜"}})");
  ASSERT_TRUE(mapped.ok()) << mapped.status();
  ASSERT_EQ(mapped->acks.size(), 1u);
  ExpectText(mapped->acks[0].ack, "state: ON_SCENE actor { way: BY_ADAPTER }");
  EXPECT_THAT(Reasons(*mapped), ElementsAre("/body/DDXCSJ bad_time"));
}

TEST(Inbound110, HandingOverToAPartner) {
  const Link link("police-110");
  absl::StatusOr<Mapped> mapped = link.Take(
      R"({"body":{"FKDBH":"F1","JJDBH":"J1","FKSJ":"20260713040000","YJDWDM":"33992150001","YJDWFKQK":"电线落地"}})");
  ASSERT_TRUE(mapped.ok()) << mapped.status();
  ASSERT_EQ(mapped->transfers.size(), 1u);
  EXPECT_EQ(mapped->transfers[0].external_id, "J1");
  ExpectText(mapped->transfers[0].request, R"(to: "power-supply" reason: "电线落地" actor { way: BY_ADAPTER })");
  absl::StatusOr<Mapped> within =
      link.Take(R"({"body":{"FKDBH":"F1","JJDBH":"J1","FKSJ":"20260713040000","YJDWDM":"33992101"}})");
  ASSERT_TRUE(within.ok()) << within.status();
  EXPECT_THAT(within->transfers, IsEmpty());
}

TEST(Inbound110, KeysAreResolvedInTheirOrder) {
  AckDraft draft;
  draft.keys = {{"PJDBH", "P1"}, {"JJDBH", "LD17"}};
  const DeliveryLookup only_second = [](const DeliveryKey& key) -> std::optional<uint64_t> {
    if (key.name == "JJDBH" && key.value == "LD17") return 5;
    return std::nullopt;
  };
  ASSERT_TRUE(ResolveDelivery(only_second, &draft).ok());
  EXPECT_EQ(draft.ack.delivery_id(), 5u);
  AckDraft lost;
  lost.keys = {{"PJDBH", "P2"}};
  const absl::Status status = ResolveDelivery(only_second, &lost);
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr("UNKNOWN_DELIVERY"));
}

}  // namespace
}  // namespace liandong::adapters
