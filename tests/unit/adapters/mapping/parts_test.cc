#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/mapping/evaluate.h"
#include "adapters/mapping/native_path.h"
#include "adapters/mapping/our_path.h"
#include "adapters/mapping/people.h"
#include "adapters/mapping/table.h"
#include "adapters/mapping/template.h"
#include "adapters/mapping/text_file.h"
#include "liandong/v1/report.pb.h"

namespace liandong::adapters {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Optional;

TEST(People, SaidClearly) {
  const std::pair<const char*, uint32_t> cases[] = {
      {"3", 3},
      {"３人", 3},
      {"3人", 3},
      {"约 3 人", 3},
      {"三人受伤", 3},
      {"两名老人", 2},
      {"一名30岁男子", 1},
      {"约十余人", 10},
      {"20多人", 20},
      {"二十三人", 23},
      {"一百零五人", 105},
      {"1万2千人", 12000},
      {"共5人,其中2人重伤", 5},
      {"共有三人被困,一名为儿童", 3},
      {"0", 0},
      {"0人", 0},
      {"无", 0},
      {"没有", 0},
      {"无人受伤", 0},
      {"无人员伤亡", 0},
  };
  for (const auto& [text, count] : cases) {
    EXPECT_THAT(CountPeople(text), Optional(count)) << text;
  }
}

TEST(People, LeftOpenIsNotANumber) {
  for (const char* text :
       {"", "不详", "多人", "若干人", "有人受伤", "2人头部受伤,3人腿部受伤", "2男1女", "30岁男子", "2处骨折",
        "无法确认", "无人知道", "无人应答,情况不明", "三四人", "二三十人", "99999999999999999999人"}) {
    EXPECT_THAT(CountPeople(text), Eq(std::nullopt)) << text;
  }
}

TEST(NativePath, ReadsScalarsAndLists) {
  const auto tree = nlohmann::json::parse(
      R"({"body":{"A":" x ","N":7,"B":true,"L":["a",null,"b"],"O":{"P":"q"},"E":"null","S":"  "},"list":[{"k":1}]})");
  EXPECT_THAT(TextAt(tree, "/body/A"), Optional(std::string("x")));
  EXPECT_THAT(TextAt(tree, "/body/N"), Optional(std::string("7")));
  EXPECT_THAT(TextAt(tree, "/body/B"), Optional(std::string("true")));
  EXPECT_THAT(TextAt(tree, "/body/L"), Optional(std::string("a、b")));
  EXPECT_THAT(TextAt(tree, "/list/0/k"), Optional(std::string("1")));
  for (const char* path :
       {"/body/O", "/body/E", "/body/S", "/body/none", "/list/1/k", "/list/x", "body", "/", "//", ""}) {
    EXPECT_THAT(TextAt(tree, path), Eq(std::nullopt)) << path;
  }
  EXPECT_THAT(LeavesOf(tree), ElementsAre("/body/A", "/body/B", "/body/L", "/body/N", "/body/O/P", "/list/0/k"));
}

TEST(NativePath, WritesWithoutRunningIntoOthers) {
  nlohmann::json tree = nlohmann::json::object();
  EXPECT_TRUE(SetAt(&tree, "/body/A", "x"));
  EXPECT_TRUE(SetAt(&tree, "/body/B/C", 3));
  EXPECT_FALSE(SetAt(&tree, "/body/A/D", "y"));
  EXPECT_FALSE(SetAt(&tree, "/body", "y"));
  EXPECT_FALSE(SetAt(&tree, "A", "y"));
  EXPECT_EQ(tree.dump(), R"({"body":{"A":"x","B":{"C":3}}})");
}

TEST(OurPath, SetsEverySort) {
  v1::Report report;
  EXPECT_TRUE(SetOurs(&report, "open.category", "natural.flood").ok());
  EXPECT_TRUE(SetOurs(&report, "open.severity", "MAJOR").ok());
  EXPECT_TRUE(SetOurs(&report, "open.counts.dead", "0").ok());
  EXPECT_TRUE(SetOurs(&report, "open.counts.loss_yuan", "18446744073709551615").ok());
  EXPECT_TRUE(SetOurs(&report, "open.occurred_at_ms", "-1").ok());
  EXPECT_TRUE(SetOurs(&report, "open.device_alarm", "true").ok());
  EXPECT_TRUE(SetOurs(&report, "sealed.point.original_x", "119.5").ok());
  EXPECT_TRUE(SetOurs(&report, "sealed.details[a.b]", "c").ok());
  EXPECT_EQ(report.ShortDebugString(),
            "open { category: \"natural.flood\" severity: MAJOR counts { dead: 0 loss_yuan: 18446744073709551615 } "
            "occurred_at_ms: -1 device_alarm: true } sealed { point { original_x: 119.5 } details { name: \"a.b\" "
            "value: \"c\" } }");
  EXPECT_THAT(GetOurs(report, "sealed.details[a.b]"), Optional(std::string("c")));
  EXPECT_THAT(GetOurs(report, "open.counts.dead"), Optional(std::string("0")));
  EXPECT_THAT(GetOurs(report, "open.counts.injured"), Eq(std::nullopt));
  EXPECT_THAT(GetOurs(report, "open.division"), Eq(std::nullopt));
  EXPECT_TRUE(IsSet(report, "open.counts.dead"));
  EXPECT_FALSE(IsSet(report, "open.secret"));
}

TEST(OurPath, RefusesWhatDoesNotFit) {
  v1::Report report;
  EXPECT_FALSE(SetOurs(&report, "open.severity", "HUGE").ok());
  EXPECT_FALSE(SetOurs(&report, "open.counts.dead", "-1").ok());
  EXPECT_FALSE(SetOurs(&report, "open.counts.dead", "4294967296").ok());
  EXPECT_FALSE(SetOurs(&report, "open.device_alarm", "1").ok());
  EXPECT_FALSE(SetOurs(&report, "sealed.point.original_x", "nan").ok());
  EXPECT_FALSE(SetOurs(&report, "open", "x").ok());
  EXPECT_FALSE(SetOurs(&report, "sealed.details", "x").ok());
  EXPECT_FALSE(SetOurs(&report, "open.category[x]", "x").ok());
  EXPECT_FALSE(SetOurs(&report, "open.category.x", "x").ok());
  EXPECT_FALSE(SetOurs(&report, "sealed.details[]", "x").ok());
  EXPECT_THAT(SetOurs(&report, "open.categroy", "x").ToString(), HasSubstr("did you mean \"category\"?"));
  EXPECT_EQ(report.ByteSizeLong(), 0u);
}

TEST(Template, SectionsFallWithTheirValues) {
  const auto render = [](std::string_view text) {
    return RenderTemplate(text, [](const TemplateValue& value) -> std::optional<std::string> {
      if (value.path == "/a") return value.filter.empty() ? "A" : "A-" + value.filter;
      if (value.path == "/empty") return "";
      return std::nullopt;
    });
  };
  EXPECT_THAT(render("{/a}[ and {/b}]"), Optional(std::string("A")));
  EXPECT_THAT(render("{/a}[ and {/a|f}]!"), Optional(std::string("A and A-f!")));
  EXPECT_THAT(render("x{/b}y{/a}"), Optional(std::string("xyA")));
  EXPECT_THAT(render("[{/b}]x{/b}"), Eq(std::nullopt));
  EXPECT_THAT(render("plain \\[1\\] \\{"), Optional(std::string("plain [1] {")));
  EXPECT_THAT(render("{/empty}x"), Optional(std::string("x")));
  for (const char* bad : {"{", "{}", "[", "]", "[[{/a}]]", "x\\", "{/a"}) {
    EXPECT_FALSE(TemplateValues(bad).ok()) << bad;
    EXPECT_THAT(render(bad), Eq(std::nullopt)) << bad;
  }
}

v1::ValueTable Table(const std::string& text) {
  v1::ValueTable table;
  EXPECT_TRUE(ParseTextProto("table", text, &table).ok());
  return table;
}

TEST(Table, MatchesAsItSays) {
  const v1::ValueTable exact = Table(R"(row { native: "1" native: "一" ours: "A" } row { native: "2" ours: "" })");
  EXPECT_EQ(TableToOurs(exact, "一").value, "A");
  EXPECT_EQ(TableToOurs(exact, "2").kind, TableResult::kNothing);
  EXPECT_EQ(TableToOurs(exact, "12").kind, TableResult::kUnmapped);
  const v1::ValueTable prefix =
      Table(R"(match: PREFIX row { native: "06" ours: "natural.other" } row { native: "0601" ours: "natural.flood" })");
  EXPECT_EQ(TableToOurs(prefix, "060102").value, "natural.flood");
  EXPECT_EQ(TableToOurs(prefix, "060999").value, "natural.other");
  const v1::ValueTable contains =
      Table(R"(match: CONTAINS row { native: "路灯" ours: "first" } row { native: "报修" ours: "second" })");
  EXPECT_EQ(TableToOurs(contains, "路灯报修").value, "first");
  EXPECT_EQ(TableToOurs(contains, "水管报修").value, "second");
}

TEST(Table, BackTakesTheNearestAncestor) {
  const v1::ValueTable table =
      Table(R"(row { native: "1" native: "x" ours: "natural" } row { native: "2" ours: "natural.flood" })");
  EXPECT_THAT(TableToNative(table, "natural.flood.flash"), Optional(std::string("2")));
  EXPECT_THAT(TableToNative(table, "natural.landslide"), Optional(std::string("1")));
  EXPECT_THAT(TableToNative(table, "service"), Eq(std::nullopt));
  const v1::ValueTable other = Table(R"(row { native: "1" ours: "a" } otherwise_native: "9")");
  EXPECT_THAT(TableToNative(other, "b"), Optional(std::string("9")));
}

TEST(Convert, EveryTransform) {
  const auto to = [](v1::Mapping::As as, const std::string& raw) {
    std::string_view reason;
    return ConvertToOurs(as, nullptr, raw, 480, &reason);
  };
  EXPECT_THAT(to(v1::Mapping::TIME, "20260713021530"), Optional(std::string("1783880130000")));
  EXPECT_THAT(to(v1::Mapping::TIME, "2026-02-30 00:00:00"), Eq(std::nullopt));
  EXPECT_THAT(to(v1::Mapping::REVISION, "2026-07-13 02:15:30"), Optional(std::string("20260713021530")));
  EXPECT_THAT(to(v1::Mapping::REVISION, "7"), Optional(std::string("7")));
  EXPECT_THAT(to(v1::Mapping::REVISION, "20261313021530"), Eq(std::nullopt));
  EXPECT_THAT(to(v1::Mapping::DIGITS, "0199-555 0101"), Optional(std::string("01995550101")));
  EXPECT_THAT(to(v1::Mapping::DIVISION, "339921"), Optional(std::string("339921000000")));
  EXPECT_THAT(to(v1::Mapping::DIVISION, "339921100"), Optional(std::string("339921100000")));
  EXPECT_THAT(to(v1::Mapping::DIVISION, "3399211"), Eq(std::nullopt));
  EXPECT_THAT(to(v1::Mapping::DIVISION, "33992A"), Eq(std::nullopt));
  EXPECT_THAT(to(v1::Mapping::BOOL, "Y"), Optional(std::string("true")));
  EXPECT_THAT(to(v1::Mapping::BOOL, "否"), Optional(std::string("false")));
  EXPECT_THAT(to(v1::Mapping::BOOL, "2"), Eq(std::nullopt));
}

TEST(Convert, CutsAtACharacter) {
  EXPECT_EQ(CutUtf8("水灾", 6), "水灾");
  EXPECT_EQ(CutUtf8("水灾", 5), "水");
  EXPECT_EQ(CutUtf8("水灾", 2), "");
}

}  // namespace
}  // namespace liandong::adapters
