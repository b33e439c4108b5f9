#include "adapters/text/json.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "adapters/text/reason.h"

namespace liandong::adapters {
namespace {

using nlohmann::json;

std::string Reason(const absl::StatusOr<json>& result) { return std::string(ReasonOf(result.status())); }

TEST(JsonTest, ReadsATree) {
  auto tree = ParseJson("{\"a\":1,\"b\":[true,null,-2.5,\"火\"],\"c\":{}}");
  ASSERT_TRUE(tree.ok()) << tree.status();
  EXPECT_EQ(*tree, json::parse("{\"a\":1,\"b\":[true,null,-2.5,\"火\"],\"c\":{}}"));
  EXPECT_EQ(DumpJson(*tree).value(), "{\"a\":1,\"b\":[true,null,-2.5,\"火\"],\"c\":{}}");
}

TEST(JsonTest, BigIntegersStayExactAsText) {
  auto tree = ParseJson(
      "[9007199254740992,9007199254740993,-9007199254740993,18446744073709551615,"
      "123456789012345678901234567890,-123456789012345678901234567890,-9223372036854775808]");
  ASSERT_TRUE(tree.ok()) << tree.status();
  EXPECT_EQ((*tree)[0], 9007199254740992);
  EXPECT_EQ((*tree)[1], "9007199254740993");
  EXPECT_EQ((*tree)[2], "-9007199254740993");
  EXPECT_EQ((*tree)[3], "18446744073709551615");
  EXPECT_EQ((*tree)[4], "123456789012345678901234567890");
  EXPECT_EQ((*tree)[5], "-123456789012345678901234567890");
  EXPECT_EQ((*tree)[6], "-9223372036854775808");
}

TEST(JsonTest, ErrorsHaveLineColumnAndNoContent) {
  auto bad = ParseJson("{\n  \"BJRMC\": \"Zhang\",\n  \"LXDH\": 138000x\n}");
  ASSERT_EQ(Reason(bad), kReasonBadJson);
  EXPECT_NE(bad.status().message().find("line 3, column 17"), std::string::npos) << bad.status();
  EXPECT_EQ(bad.status().message().find("138000"), std::string::npos) << bad.status();
  EXPECT_EQ(bad.status().message().find("Zhang"), std::string::npos) << bad.status();
}

TEST(JsonTest, RefusesDuplicateKeysAtEveryDepth) {
  auto top = ParseJson("{\"secret\":1,\"secret\":2}");
  EXPECT_EQ(Reason(top), kReasonDuplicateKey);
  EXPECT_NE(top.status().message().find("line 1, column 20"), std::string::npos) << top.status();
  EXPECT_EQ(top.status().message().find("secret"), std::string::npos) << top.status();
  EXPECT_EQ(Reason(ParseJson("[{\"b\":{\"a\":null,\"a\":null}}]")), kReasonDuplicateKey);
  EXPECT_EQ(Reason(ParseJson("{\"a\":1,\"\\u0061\":2}")), kReasonDuplicateKey);
  EXPECT_TRUE(ParseJson("[{\"a\":1},{\"a\":2}]").ok());
}

TEST(JsonTest, BoundsHold) {
  auto nested = [](int depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(ParseJson(nested(kTreeDepthMax)).ok());
  EXPECT_EQ(Reason(ParseJson(nested(kTreeDepthMax + 1))), kReasonTooDeep);
  EXPECT_EQ(Reason(ParseJson(std::string(500000, '['))), kReasonTooDeep);
  EXPECT_EQ(Reason(ParseJson(std::string(kNativeMessageBytesMax + 1, ' '))), kReasonTooLarge);
  std::string many = "[0";
  for (size_t i = 0; i < kTreeNodesMax; ++i) many += ",0";
  EXPECT_EQ(Reason(ParseJson(many + "]")), kReasonTooManyValues);
  EXPECT_EQ(Reason(ParseJson("{\"" + std::string(kFieldNameBytesMax + 1, 'k') + "\":1}")), kReasonTooLong);
}

TEST(JsonTest, RefusesWhatIsNotJson) {
  for (const char* bad : {"",
                          " ",
                          "{",
                          "}",
                          "nul",
                          "{\"a\":1,}",
                          "[1,]",
                          "{'a':1}",
                          "// c\n1",
                          "/* c */1",
                          "1 2",
                          "01",
                          "+1",
                          ".5",
                          "1.",
                          "NaN",
                          "Infinity",
                          "1e999",
                          "\"\\x\"",
                          "\"\t\"",
                          "\"\\ud800\"",
                          "{\"a\"}",
                          "{1:2}",
                          "\"\\u0000\"",
                          "{\"\\u0000\":1}",
                          "\"\xFF\""}) {
    EXPECT_EQ(Reason(ParseJson(bad)), kReasonBadJson) << bad;
  }
  EXPECT_EQ(Reason(ParseJson(std::string("1\0", 2))), kReasonBadJson);
  EXPECT_EQ(Reason(ParseJson(std::string("{}\0{\"a\":1}", 10))), kReasonBadJson);
}

TEST(JsonTest, EveryTruncationIsAnError) {
  std::string text = "{\"header\":{\"type\":\"JJDB\"},\"body\":{\"BJNR\":\"起火\\n\",\"n\":[1,2.5,true,null]}}";
  ASSERT_TRUE(ParseJson(text).ok());
  for (size_t cut = 0; cut < text.size(); ++cut) {
    EXPECT_EQ(Reason(ParseJson(text.substr(0, cut))), kReasonBadJson) << cut;
  }
}

TEST(JsonTest, MutationsNeverCrashAndRoundTripWhenTheyParse) {
  const std::string text =
      "{\"header\":{\"type\":\"JJDB\"},\"body\":{\"BJNR\":\"起火\\n\",\"n\":[1,2.5,true,null,-7e3]}}";
  std::mt19937 random(7);
  int parsed = 0;
  for (int i = 0; i < 5000; ++i) {
    std::string mutant = text;
    for (unsigned edits = 1 + random() % 3; edits > 0; --edits) {
      size_t at = random() % mutant.size();
      switch (random() % 3) {
        case 0:
          mutant[at] = static_cast<char>(random());
          break;
        case 1:
          mutant.erase(at, 1 + random() % 4);
          if (mutant.empty()) mutant = "1";
          break;
        default:
          mutant.insert(at, 1, "{}[]\",:0e-\\"[random() % 11]);
      }
    }
    auto tree = ParseJson(mutant);
    if (!tree.ok()) {
      EXPECT_NE(ReasonOf(tree.status()), "") << tree.status();
      continue;
    }
    ++parsed;
    EXPECT_EQ(ParseJson(DumpJson(*tree).value()).value(), *tree) << mutant;
  }
  EXPECT_GT(parsed, 100);
}

TEST(JsonTest, DumpRefusesInvalidUtf8) { EXPECT_EQ(ReasonOf(DumpJson(json("\xFF")).status()), kReasonBadEncoding); }

}  // namespace
}  // namespace liandong::adapters
