// Every way of breaking a site: the place and the mend of each error.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "routing/limits.h"
#include "tests/unit/routing/site_dir.h"

namespace liandong::routing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::SiteDir;

constexpr char kSettings[] = "settings.textproto";
constexpr char kParties[] = "parties.textproto";
constexpr char kRosters[] = "rosters.textproto";
constexpr char kDivisions[] = "divisions.textproto";
constexpr char kCategories[] = "categories.textproto";
constexpr char kPower[] = "agreements/a.textproto";

struct Broken {
  const char* name;
  const char* file;
  std::string old_text;  // replaced by
  std::string new_text;
  std::string place;  // "line:column", or empty for the file as a whole
  std::string error;  // part of the message: what is wrong, and the mend
};

void PrintTo(const Broken& broken, std::ostream* out) { *out << broken.name; }

class BrokenSiteTest : public ::testing::TestWithParam<Broken> {};

TEST_P(BrokenSiteTest, NamesThePlaceAndTheMend) {
  const Broken& broken = GetParam();
  SiteDir dir;
  dir.Replace(broken.file, broken.old_text, broken.new_text);
  std::string begin = absl::StrCat(broken.file, broken.place.empty() ? "" : ":", broken.place, ": ");
  EXPECT_THAT(dir.Errors(), ElementsAre(::testing::AllOf(::testing::StartsWith(begin), HasSubstr(broken.error))));
}

std::string NameOf(const ::testing::TestParamInfo<Broken>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(
    Settings, BrokenSiteTest,
    ::testing::Values(
        Broken{"NoName", kSettings, "'云溪县'", "''", "1:1", "the county has no name; write name: \"...\""},
        Broken{"NameLeftOut", kSettings, "name: '云溪县'", "", "", "the county has no name; write name: \"...\""},
        Broken{"TrustDomain", kSettings, "yunxi.liandong.example", "Yunxi Liandong", "2:1",
               "trust_domain \"Yunxi Liandong\" is not a trust domain; use small letters, digits"},
        Broken{"CommandUnknown", kSettings, "'command'", "'comand'", "3:1",
               "command_party \"comand\" is not in parties; did you mean \"command\"?"},
        Broken{"CommandOfWrongKind", kSettings, "'command'", "'power'", "3:1",
               "command_party \"power\" is of kind AGENCY; it must be of kind COMMAND"},
        Broken{"UtcOffset", kSettings, "480", "48000", "4:1",
               "utc_offset_minutes 48000 is no time zone; minutes from -720 to 840, China is 480"},
        Broken{"SecondsTooMany", kSettings, "lead_accept_s: 300", "lead_accept_s: 3000000", "6:1",
               "lead_accept_s 3000000 is too long; seconds, at most 2592000 (30 days)"},
        Broken{"LadderBackward", kSettings, "lead_receive_s: 10", "lead_receive_s: 301", "6:1",
               "lead_accept_s (300) comes before lead_receive_s (301); each rung's deadline must not be earlier"}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Parties, BrokenSiteTest,
    ::testing::Values(
        Broken{"IdSyntax", kParties, "'fire'", "'Fire_119'", "4:9",
               "party \"Fire_119\": an id is 2 to 64 small letters, digits and '-'"},
        Broken{"IdTwice", kParties, "'fire'", "'water'", "4:9",
               "party \"water\": is there twice; remove or rename one"},
        Broken{"NoKind", kParties, "'fire' kind: HOTLINE", "'fire'", "4:1",
               "party \"fire\": no kind; write kind: HOTLINE, AGENCY, TOWNSHIP, COMMAND, SCREEN or HUB"},
        Broken{"KindByUnknownNumber", kParties, "'fire' kind: HOTLINE", "'fire' kind: 77", "4:20",
               "kind: 77 is no value to write here; it is one of HOTLINE"},
        Broken{"NoChineseName", kParties, "'119'", "' '", "4:34", "name_zh is empty; write name_zh: \"...\""},
        Broken{"TownshipWithoutDivision", kParties, " division: '339921100000'", "", "5:1",
               "party \"qingshi\": division \"\" is not a township's code; write its 12 digits, the last three 000"},
        Broken{"TownshipWithCountyCode", kParties, "339921100000", "339921000000", "5:53",
               "\"339921000000\" is not a township's code"},
        Broken{"TownshipWithVillageCode", kParties, "339921100000", "339921100201", "5:53",
               "\"339921100201\" is not a township's code"},
        Broken{"DivisionNotListed", kParties, "339921100000", "339921110000", "5:53",
               "division \"339921110000\" is not in divisions; did you mean \"339921100000\"?"},
        Broken{"TownshipTwice", kParties, "party { id: 'fire' kind: HOTLINE name_zh: '119' }",
               "party { id: 'fire' kind: HOTLINE name_zh: '119' }\n"
               "party { id: 'baiyun' kind: TOWNSHIP name_zh: 'x' division: '339921100000' }",
               "6:53", "another township has division \"339921100000\" already"},
        Broken{"SecretHandler", kParties, "name_zh: '119'", "name_zh: '119' secret_handler: 'watr'", "4:49",
               "party \"fire\": secret_handler \"watr\" is unknown; did you mean \"water\"?"},
        Broken{"FieldZeroInList", kParties, "name_zh: '119'", "name_zh: '119' feedback_disclose: FIELD_UNSPECIFIED",
               "4:49", "feedback_disclose: 0 is no value to write here; it is one of PLACE"},
        Broken{"NotUtf8", kParties, "'119'", "'\\377'", "4:34", "not UTF-8 text; save the file as UTF-8"},
        Broken{"NameTooLong", kParties, "'119'", "'" + std::string(limits::kNameBytesMax + 1, 'x') + "'", "4:34",
               "257 bytes is too long; at most 256"}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Lists, BrokenSiteTest,
    ::testing::Values(
        Broken{"PostOfUnknownParty", kRosters, "'power'", "'powr'", "1:27",
               "post \"power-leader\": party \"powr\" is unknown; did you mean \"power\"?"},
        Broken{"PostWithoutTitle", kRosters, "'供电值班领导'", "''", "1:42", "title_zh is empty"},
        Broken{"PostNamedLikeAParty", kRosters, "post {", "post { id: 'fire' party: 'fire' title_zh: 'x' }\npost {",
               "1:8", "post \"fire\": a party has this id too, and an escalation could mean either; rename the post"},
        Broken{"DivisionTooShort", kDivisions, "339921000000", "339921", "1:12",
               "division \"339921\": a code has 12 digits; fill up with zeros"},
        Broken{"DivisionTwice", kDivisions, "division { code: '339921000000'", "division { code: '339921100000'",
               "2:12", "division \"339921100000\": is there twice"},
        Broken{"DivisionWithoutName", kDivisions, "'青石镇'", "''", "2:33", "name_zh is empty"},
        Broken{"OutlineOfTwoPoints", kDivisions, "'青石镇'", "'青石镇' outline { lat: 1 } outline { lat: 2 }", "2:48",
               "an outline needs 3 points or more"},
        Broken{"OutlineOffTheEarth", kDivisions, "'青石镇'",
               "'青石镇' outline { lat: 1 } outline { lng: 181 } outline { lat: 2 }", "2:67",
               "lat is -90 to 90 and lng -180 to 180"},
        Broken{"OutlineNotANumber", kDivisions, "'青石镇'",
               "'青石镇' outline { lat: nan } outline { lng: 1 } outline { lat: 2 }", "2:58", "lat is -90 to 90"},
        Broken{"CategorySyntax", kCategories, "category { code: 'natural.flood'",
               "category { code: 'Wind' name_zh: 'x' }\ncategory { code: 'natural.flood'", "2:12",
               "category \"Wind\": a code is small letters, digits, '-' and '_', dotted at most 8 deep"},
        Broken{"CategoryEmptyPart", kCategories, "category { code: 'natural.flood'",
               "category { code: 'natural.' name_zh: 'x' }\ncategory { code: 'natural.flood'", "2:12",
               "category \"natural.\": a code is small letters"},
        Broken{"CategoryWithoutParent", kCategories, "category { code: 'natural.flood'",
               "category { code: 'wind.storm' name_zh: 'x' }\ncategory { code: 'natural.flood'", "2:12",
               "category \"wind.storm\": its parent \"wind\" is missing; add that category"},
        Broken{"CategoryTwice", kCategories, "category { code: 'natural.flood'",
               "category { code: 'natural' name_zh: 'x' }\ncategory { code: 'natural.flood'", "2:12",
               "category \"natural\": is there twice"},
        Broken{"ExternalCodeEmpty", kCategories, "'洪涝'", "'洪涝' external { scheme: '11B' }", "2:48",
               "category \"natural.flood\", external: code is empty"}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Agreements, BrokenSiteTest,
    ::testing::Values(
        Broken{"NoTitle", kPower, "title: '合作框架协议'", "", "", "title is empty; write title: \"...\""},
        Broken{"BadDay", kPower, "2022-03-01", "2022-02-30", "4:1",
               "effective_from \"2022-02-30\" is not a day; write \"YYYY-MM-DD\""},
        Broken{"NoDay", kPower, "effective_from: '2022-03-01'", "", "", "effective_from \"\" is not a day"},
        Broken{"EndsBeforeItBegins", kPower, "\n\n", "\neffective_until: '2022-02-28'\n", "5:1",
               "ends 2022-02-28, before it begins 2022-03-01; mend one of the dates"},
        Broken{"SignerUnknown", kPower, "\n\n", "\nparty: 'wate'\n", "5:1",
               "party \"wate\" is unknown; did you mean \"water\"?"},
        Broken{"SignsTwice", kPower, "\n\n", "\nparty: 'power'\n", "5:1", "\"power\" signs twice; remove one"},
        Broken{"ClauseWithoutId", kPower, "id: '4.2'", "", "6:1", "id is empty"},
        Broken{"ClauseWithoutText", kPower, "'组织抢修。'", "''", "6:20", "clause \"4.2\": text is empty"},
        Broken{"ClauseTwice", kPower, "clause {",
               "clause { id: '4.2' text: 'x' duty { party: 'power' role: LEAD } }\nclause {", "7:10",
               "clause \"4.2\": is there twice"},
        Broken{"ClauseWithoutDuty", kPower, "clause {", "clause { id: '1' text: 'x' }\nclause {", "6:1",
               "clause \"1\": asks nothing of anybody; add a duty { ... } or remove the clause"},
        Broken{"EmptyWhen", kPower, "category: 'natural.flood'", "", "7:3", "an empty when"},
        Broken{"CategoryUnknown", kPower, "natural.flood", "natural.flod", "7:10",
               "category \"natural.flod\" is unknown; did you mean \"natural.flood\"?"},
        Broken{"CategoryUnknownInAList", kPower, "category: 'natural.flood'", "category: ['natural', 'x.y']", "7:10",
               "category \"x.y\" is unknown; add it to the site or mend the name"},
        Broken{"DivisionSyntax", kPower, "category: 'natural.flood'", "division: '33992'", "7:10",
               "division \"33992\" is not an area; write 2, 4, 6, 9 or 12 digits"},
        Broken{"DivisionUnknown", kPower, "category: 'natural.flood'", "division: '339922'", "7:10",
               "division \"339922\" is unknown"},
        Broken{"SourceUnknown", kPower, "category: 'natural.flood'", "source: 'polise'", "7:10",
               "source \"polise\" is unknown"},
        Broken{"EmptyWord", kPower, "category: 'natural.flood'", "any_word: '停电' any_word: ' '", "7:25",
               "any_word holds an empty text; write it or remove it"},
        Broken{"WordTooLong", kPower, "category: 'natural.flood'",
               "any_word: '" + std::string(limits::kWordBytesMax + 1, 'x') + "'", "7:10",
               "any_word: 97 bytes is too long; at most 96"},
        Broken{"EmptyChannel", kPower, "category: 'natural.flood'", "channel: ''", "7:10",
               "channel holds an empty text"},
        Broken{"TimeOfDay", kPower, "category: 'natural.flood'", "time { from: '8:00' until: '12:00' }", "7:17",
               "\"8:00\" is not a time of day; write \"HH:MM\""},
        Broken{"TimeOfDayUntil", kPower, "category: 'natural.flood'", "time { from: '08:00' until: '25:00' }", "7:31",
               "\"25:00\" is not a time of day"},
        Broken{"TimeWindowEmpty", kPower, "category: 'natural.flood'", "time { from: '08:00' until: '08:00' }", "7:31",
               "the time window is empty; for the whole day leave out time"},
        Broken{"TooManyWindows", kPower, "category: 'natural.flood'",
               [] {
                 std::string windows;
                 for (int i = 0; i <= limits::kTimeWindowsMax; ++i)
                   windows += "time { from: '08:00' until: '09:00' }\n";
                 return windows;
               }(),
               "23:1", "17 of time is too many; at most 16"}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Duties, BrokenSiteTest,
    ::testing::Values(
        Broken{"PartyUnknown", kPower, "duty { party: 'power'", "duty { party: 'pwoer'", "8:10",
               "duty: party \"pwoer\" is unknown; did you mean \"power\"?"},
        Broken{
            "PartyDidNotSign", kPower, "duty { party: 'power'", "duty { party: 'water'", "8:10",
            "\"water\" has a duty but did not sign; add party: \"water\" to agreement \"power-2022\" or give the duty "
            "to a party that signed"},
        Broken{"TownshipDidNotSign", kPower, "duty { party: 'power'", "duty { party: 'qingshi'", "8:10",
               "\"qingshi\" has a duty but did not sign"},
        Broken{"NoRole", kPower, " role: LEAD", "", "8:3",
               "the duty of \"power\" has no role; write role: LEAD, SUPPORT or INFORM"},
        Broken{"RoleMistyped", kPower, "role: LEAD", "role: LEED", "8:31",
               "unknown value \"LEED\" of role; did you mean \"LEAD\"?"},
        Broken{"LadderBackward", kPower, "accept_within_s: 600", "accept_within_s: 600 arrive_within_s: 60", "9:26",
               "arrive_within_s (60) comes before accept_within_s (600); each rung's deadline must not be earlier"},
        Broken{"LadderBackwardOverAGap", kPower, "accept_within_s: 600",
               "receive_within_s: 600\n    complete_within_s: 60", "10:5",
               "complete_within_s (60) comes before receive_within_s (600)"},
        Broken{"DeadlineTooLong", kPower, "accept_within_s: 600", "accept_within_s: 2592001", "9:5",
               "accept_within_s 2592001 is too long"},
        Broken{"StepUnknown", kPower, "to: 'power-leader'", "to: 'power-leadr'", "10:16",
               "to \"power-leadr\" is unknown; did you mean \"power-leader\"?"},
        Broken{"StepToItself", kPower, "to: 'power-leader'", "to: 'power'", "10:16",
               "the escalation is circular: \"power\" is the party that is late"},
        Broken{"StepTwice", kPower, "escalate {", "escalate { to: 'power-leader' }\n    escalate {", "11:16",
               "the escalation is circular: \"power-leader\" was told in an earlier step; remove one of them"},
        Broken{"StepAfterCommand", kPower, "escalate {", "escalate { to: 'command' }\n    escalate {", "10:16",
               "the command centre \"command\" is always the last step; move it to the end or leave it out"},
        Broken{"StepWaitsTooLong", kPower, "to: 'power-leader'", "to: 'power-leader' wait_s: 99999999", "10:35",
               "wait_s 99999999 is too long"},
        Broken{"DiscloseNothing", kPower, "role: LEAD", "role: LEAD disclose: FIELD_UNSPECIFIED", "8:36",
               "disclose: 0 is no value to write here"}),
    NameOf);

constexpr char kClauseText[] = "text: '组织抢修。'";

INSTANTIATE_TEST_SUITE_P(
    Precedence, BrokenSiteTest,
    ::testing::Values(
        Broken{"OverridesUnknown", kPower, kClauseText, "text: '组织抢修。' overrides: 'power-2022/9'", "6:34",
               "overrides \"power-2022/9\", and there is no such clause; did you mean \"power-2022/4.2\"?"},
        Broken{"OverridesItself", kPower, kClauseText, "text: '组织抢修。' overrides: 'power-2022/4.2'", "6:34",
               "overrides itself; remove it"},
        Broken{"FallbackOverrides", kPower, "\nclause { id: '4.2' text: '组织抢修。'",
               "\nclause { id: '5' text: '文' duty { party: 'power' role: LEAD } }"
               "\nclause { id: '4.2' text: '组织抢修。' fallback: true overrides: 'power-2022/5'",
               "7:49", "a fallback gives way to every other clause and overrides none; remove one"},
        Broken{"ScoreTooHigh", kPower, kClauseText, "text: '组织抢修。' auto_merge_score: 101", "6:34",
               "auto_merge_score 101 is more than 100; write 1 to 100, or 0 for never"},
        Broken{"NestsTooDeep", kPower, "category: 'natural.flood'",
               "any_of { any_of { any_of { any_of { category: 'natural' } } } }", "7:37",
               "conditions nest deeper than 3; write several when { ... } instead"},
        Broken{"NestedCategoryUnknown", kPower, "category: 'natural.flood'", "none_of { category: 'natural.floot' }",
               "7:20", "\"natural.floot\""},
        Broken{"StageNothing", kPower, "category: 'natural.flood'", "stage: STAGE_UNSPECIFIED", "7:10",
               "stage: 0 is no value to write here"},
        Broken{"SeenBeforeReceived", kPower, "role: LEAD", "role: LEAD receive_within_s: 20 see_within_s: 10", "8:57",
               "see_within_s (10) comes before receive_within_s (20)"},
        Broken{"OutBeforeAccepted", kPower, "role: LEAD", "role: LEAD en_route_within_s: 9", "8:36",
               "en_route_within_s (9) comes before accept_within_s"}),
    NameOf);

TEST(BrokenOverridesTest, ACircleIsNamedAtEachOfItsClauses) {
  SiteDir dir;
  dir.Replace(kPower, "\nclause { id: '4.2' text: '组织抢修。'",
              "\nclause { id: '5' text: '文' overrides: 'power-2022/4.2' duty { party: 'power' role: LEAD } }"
              "\nclause { id: '4.2' text: '组织抢修。' overrides: 'power-2022/5'");
  EXPECT_THAT(dir.Errors(),
              ElementsAre(HasSubstr("a.textproto:7:34: clause \"power-2022/4.2\": overrides \"power-2022/5\", "
                                    "which overrides it in its turn"),
                          HasSubstr("a.textproto:6:28: clause \"power-2022/5\"")));
}

struct Allowed {
  const char* name;
  std::string old_text;
  std::string new_text;
};

class AllowedSiteTest : public ::testing::TestWithParam<Allowed> {};

TEST_P(AllowedSiteTest, IsTaken) {
  SiteDir dir;
  dir.Replace(kPower, GetParam().old_text, GetParam().new_text);
  EXPECT_THAT(dir.Errors(), ::testing::IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    NotRefused, AllowedSiteTest,
    ::testing::Values(Allowed{"CommandNeedNotSign", "duty { party: 'power'", "duty { party: 'command'"},
                      Allowed{"TownshipOfTheIncidentNeedNotSign", "duty { party: 'power'", "duty { party: '@township'"},
                      Allowed{"CommandAsTheLastStep", "to: 'power-leader' }",
                              "to: 'power-leader' } escalate { to: 'command' wait_s: 60 }"},
                      Allowed{"AreaAboveTheCounty", "category: 'natural.flood'", "division: '3399' division: '33'"},
                      Allowed{"FullDivisionCode", "category: 'natural.flood'", "division: '339921100000'"},
                      Allowed{"NightWindow", "category: 'natural.flood'", "time { from: '22:00' until: '06:00' }"},
                      Allowed{"TownshipsSignTogether", "party: 'power'\neff",
                              "party: 'power'\nparty: '@township'\neff"}),
    [](const ::testing::TestParamInfo<Allowed>& allowed) { return std::string(allowed.param.name); });

}  // namespace
}  // namespace liandong::routing
