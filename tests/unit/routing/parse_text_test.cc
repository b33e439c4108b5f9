#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "liandong/v1/site.pb.h"
#include "routing/load.h"

namespace liandong::routing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

template <typename Message>
std::vector<std::string> ErrorsOf(const std::string& text) {
  Message message;
  std::vector<Finding> findings;
  absl::Status status = ParseText("f.textproto", text, &message, &findings);
  EXPECT_EQ(status.ok(), findings.empty());
  std::vector<std::string> texts;
  for (const Finding& finding : findings) {
    EXPECT_FALSE(finding.message_zh.empty());
    EXPECT_FALSE(finding.warning);
    texts.push_back(finding.Text());
  }
  return texts;
}

TEST(ParseTextTest, ReadsAGoodFile) {
  v1::PartyFile file;
  ASSERT_TRUE(ParseText("f", "\xEF\xBB\xBF# comment\r\nparty { id: 'power' kind: AGENCY }\r\n", &file, nullptr).ok());
  ASSERT_EQ(file.party_size(), 1);
  EXPECT_EQ(file.party(0).kind(), v1::AGENCY);
}

TEST(ParseTextTest, UnknownFieldsAllNamedWithTheirMend) {
  EXPECT_THAT(
      ErrorsOf<v1::PartyFile>("party {\n  idd: 'power'\n  name_hz : '供电' phone_24: '1'\n}\nparties { id: 'x' }\n"),
      ElementsAre("f.textproto:2:3: unknown field \"idd\"; did you mean \"id\"?",
                  "f.textproto:3:3: unknown field \"name_hz\"; did you mean \"name_zh\"?",
                  "f.textproto:3:18: unknown field \"phone_24\"; did you mean \"phone_24h\"?",
                  "f.textproto:5:1: unknown field \"parties\"; the fields here are party"));
}

TEST(ParseTextTest, WhenNothingIsNearTheFieldsAreListed) {
  EXPECT_THAT(ErrorsOf<v1::Holiday>("weather: 1"),
              ElementsAre("f.textproto:1:1: unknown field \"weather\"; the fields here are date, working"));
}

TEST(ParseTextTest, UnknownValuesAllNamedAndWhatComesBehindThemToo) {
  EXPECT_THAT(ErrorsOf<v1::PartyFile>("party { kind: AGENCI }\nparty { id: '中文' kind: VILLAGE nam_zh: 'x' }\n"),
              ElementsAre("f.textproto:1:15: unknown value \"AGENCI\" of kind; did you mean \"AGENCY\"?",
                          "f.textproto:2:24: unknown value \"VILLAGE\" of kind; it is one of HOTLINE, AGENCY, "
                          "TOWNSHIP, COMMAND, HUB, SCREEN",
                          "f.textproto:2:32: unknown field \"nam_zh\"; did you mean \"name_zh\"?"));
}

TEST(ParseTextTest, ColumnsCountCharactersAndTabsAsOne) {
  EXPECT_THAT(ErrorsOf<v1::Party>("\tname_zh: '供电'\tidd: 1"),
              ElementsAre("f.textproto:1:16: unknown field \"idd\"; did you mean \"id\"?"));
}

TEST(ParseTextTest, SyntaxErrorsSayHowToMendThem) {
  EXPECT_THAT(ErrorsOf<v1::Party>("id: power"), ElementsAre(StartsWith("f.textproto:1:5: Expected string")));
  EXPECT_THAT(ErrorsOf<v1::Party>("id: 'power'\nid: 'water'"), ElementsAre(HasSubstr("it may stand once; remove one")));
  EXPECT_THAT(ErrorsOf<v1::PartyFile>("party { id: 'power'\n"), ElementsAre(HasSubstr("close")));
  EXPECT_THAT(ErrorsOf<v1::Party>("id： 'power'"),
              ElementsAre(testing::AllOf(StartsWith("f.textproto:1:3: "), HasSubstr("full-width sign"))));
  EXPECT_THAT(ErrorsOf<v1::Party>("id: 'power\nname_zh: 'x'"),
              ElementsAre(HasSubstr("close the quote on the same line")));
  EXPECT_THAT(ErrorsOf<v1::SiteSettings>("lead_accept_s: -5"), ElementsAre(HasSubstr("not below 0")));
}

TEST(ParseTextTest, TheStatusHasEveryErrorInBothLanguages) {
  v1::Party party;
  absl::Status status = ParseText("f", "idd: 1\nkindd: 2\n", &party, nullptr);
  EXPECT_EQ(status.message(),
            "f:1:1: unknown field \"idd\"; did you mean \"id\"? / 未知字段“idd”，是否应为“id”？\n"
            "f:2:1: unknown field \"kindd\"; did you mean \"kind\"? / 未知字段“kindd”，是否应为“kind”？");
}

TEST(ParseTextTest, AThousandSlipsStayBounded) {
  std::string text;
  for (int i = 0; i < 1000; ++i) absl::StrAppend(&text, "party { kind: BAD", i, " }\n");
  std::vector<std::string> errors = ErrorsOf<v1::PartyFile>(text);
  EXPECT_GE(errors.size(), 100u);
  EXPECT_LE(errors.size(), 101u);
}

// Files come from people and editors: whatever they hold is answered, with a place inside the file.
TEST(ParseTextTest, DamagedFilesAreAnswered) {
  const std::string kGood =
      "party { id: 'power' kind: AGENCY name_zh: '供电' feedback_disclose: [PLACE, MEDICAL] }\n# 注释\n";
  const std::string kBytes = std::string("{}[]:'\"\n\t\\#,;<>-0Z", 18) + "\xEF\xBC\x9A\x80\xFF" + std::string(1, '\0');
  int refused = 0;
  for (uint32_t seed = 1; seed <= 3000; ++seed) {
    std::mt19937 random(seed);
    std::string text = kGood + kGood;
    for (uint32_t i = 1 + random() % 4; i > 0; --i) {
      size_t at = random() % text.size();
      switch (random() % 3) {
        case 0:
          text[at] = kBytes[random() % kBytes.size()];
          break;
        case 1:
          text.erase(at, 1 + random() % 5);
          break;
        default:
          text.insert(at, 1, kBytes[random() % kBytes.size()]);
      }
    }
    v1::PartyFile file;
    std::vector<Finding> findings;
    absl::Status status = ParseText("f", text, &file, &findings);
    ASSERT_EQ(status.ok(), findings.empty()) << seed;
    if (!status.ok()) ++refused;
    auto lines = std::count(text.begin(), text.end(), '\n') + 1;
    for (const Finding& finding : findings) {
      ASSERT_GE(finding.line, 1) << seed;
      ASSERT_LE(finding.line, lines) << seed;
      ASSERT_GE(finding.column, 1) << seed;
    }
  }
  EXPECT_GT(refused, 1500);
}

TEST(ParseTextTest, DeepNestingIsRefused) {
  std::string text;
  for (int i = 0; i < 100000; ++i) text += "unknown {";
  EXPECT_FALSE(ErrorsOf<v1::PartyFile>(text).empty());
}

}  // namespace
}  // namespace liandong::routing
