#include "routing/words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>
#include <vector>

namespace liandong::routing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(FoldTextTest, FoldsCaseAndFullWidthForms) {
  EXPECT_EQ(FoldText("ＬＰＧ泄漏　Ab１２！"), "lpg泄漏 ab12!");
  EXPECT_EQ(FoldText("中文，标点。"), "中文,标点。");
  EXPECT_EQ(FoldText(""), "");
}

TEST(FoldTextTest, KeepsBytesThatAreNotUtf8) {
  EXPECT_EQ(FoldText("\xE4\xB8"), "\xE4\xB8");
  EXPECT_EQ(FoldText("\xFF"
                     "A\xC3"),
            "\xFF"
            "a\xC3");
}

TEST(WordIndexTest, FindsWordsOfEveryLengthAtEveryPlace) {
  WordIndex index;
  uint32_t outage = index.Add("停电");
  uint32_t large_outage = index.Add("停电面积大");
  uint32_t water = index.Add("水");
  uint32_t lpg = index.Add("LPG");
  EXPECT_THAT(index.Find("停电面积大"), ElementsAre(outage, large_outage));
  EXPECT_THAT(index.Find("村里停电"), ElementsAre(outage));
  EXPECT_THAT(index.Find("进水了"), ElementsAre(water));
  EXPECT_THAT(index.Find("ｌｐｇ罐，水，停电"), ElementsAre(outage, water, lpg));
  EXPECT_THAT(index.Find("停水"), ElementsAre(water));
  EXPECT_THAT(index.Find("停"), IsEmpty());
  EXPECT_THAT(index.Find(""), IsEmpty());
}

TEST(WordIndexTest, WordsThatFoldToTheSameAreOne) {
  WordIndex index;
  EXPECT_EQ(index.Add("LPG"), index.Add("ｌｐｇ"));
  EXPECT_NE(index.Add("LPG罐"), index.Add("LPG"));
  EXPECT_EQ(index.size(), 2u);
}

TEST(WordIndexTest, NeverMatchesInsideACharacter) {
  WordIndex index;
  // The two last bytes of 电 (E7 94 B5) and the first of 线 are not a word of their own.
  index.Add("\x94\xB5");
  EXPECT_THAT(index.Find("电线"), IsEmpty());
}

// Against looking for each word by itself, on texts from a small alphabet so that words overlap and nest.
TEST(WordIndexTest, AgreesWithSearchingEachWord) {
  const std::vector<std::string> kAlphabet = {"停", "电", "水", "a", "B", "１", "é", "𠀀"};
  for (uint32_t seed = 1; seed <= 50; ++seed) {
    std::mt19937 random(seed);
    auto text_of = [&](size_t length) {
      std::string text;
      for (size_t i = 0; i < length; ++i) text += kAlphabet[random() % kAlphabet.size()];
      return text;
    };
    WordIndex index;
    std::vector<std::string> words;
    std::vector<uint32_t> ids;
    for (int i = 0; i < 60; ++i) {
      words.push_back(text_of(1 + random() % 4));
      ids.push_back(index.Add(words.back()));
    }
    std::string text = text_of(40);
    std::set<uint32_t> expected;
    for (size_t i = 0; i < words.size(); ++i) {
      if (FoldText(text).find(FoldText(words[i])) != std::string::npos) expected.insert(ids[i]);
    }
    EXPECT_EQ(index.Find(text), std::vector<uint32_t>(expected.begin(), expected.end())) << seed;
  }
}

}  // namespace
}  // namespace liandong::routing
