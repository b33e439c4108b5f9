#include "adapters/text/encoding.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "adapters/text/reason.h"

namespace liandong::adapters {
namespace {

const std::string kStreetUtf8 = "解放路灯不亮";
const std::string kStreetGbk = "\xBD\xE2\xB7\xC5\xC2\xB7\xB5\xC6\xB2\xBB\xC1\xC1";

TEST(EncodingTest, ConvertsBothWays) {
  EXPECT_EQ(ToUtf8(kStreetGbk, Encoding::kGbk).value(), kStreetUtf8);
  EXPECT_EQ(ToUtf8(kStreetGbk, Encoding::kGb18030).value(), kStreetUtf8);
  EXPECT_EQ(FromUtf8(kStreetUtf8, Encoding::kGbk).value(), kStreetGbk);
  EXPECT_EQ(FromUtf8(kStreetUtf8, Encoding::kGb18030).value(), kStreetGbk);
  EXPECT_EQ(FromUtf8(kStreetUtf8, Encoding::kUtf8).value(), kStreetUtf8);
}

TEST(EncodingTest, AutoPrefersUtf8AndFallsBackToGb18030) {
  EXPECT_EQ(ToUtf8(kStreetUtf8, Encoding::kAuto).value(), kStreetUtf8);
  EXPECT_EQ(ToUtf8(kStreetGbk, Encoding::kAuto).value(), kStreetUtf8);
  EXPECT_EQ(ToUtf8("plain", Encoding::kAuto).value(), "plain");
  EXPECT_EQ(ToUtf8("", Encoding::kAuto).value(), "");
}

TEST(EncodingTest, DropsByteOrderMarks) {
  EXPECT_EQ(ToUtf8("\xEF\xBB\xBF"
                   "a",
                   Encoding::kUtf8)
                .value(),
            "a");
  EXPECT_EQ(ToUtf8("\x84\x31\x95\x33" + kStreetGbk, Encoding::kAuto).value(), kStreetUtf8);
}

TEST(EncodingTest, InvalidInputNamesTheOffsetAndNotTheContent) {
  auto utf8 = ToUtf8(
      "ab\xFF"
      "cd",
      Encoding::kUtf8);
  ASSERT_EQ(utf8.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(utf8.status()), kReasonBadEncoding);
  EXPECT_NE(utf8.status().message().find("byte offset 2"), std::string::npos) << utf8.status();

  auto gbk = ToUtf8(kStreetGbk + "\xFF", Encoding::kGb18030);
  ASSERT_FALSE(gbk.ok());
  EXPECT_NE(gbk.status().message().find("byte offset 12"), std::string::npos) << gbk.status();

  auto neither = ToUtf8("ok\xFF\xFF", Encoding::kAuto);
  ASSERT_FALSE(neither.ok());
  EXPECT_NE(neither.status().message().find("neither UTF-8 (byte offset 2)"), std::string::npos) << neither.status();
}

TEST(EncodingTest, TruncatedCharactersAreErrors) {
  for (size_t cut = 1; cut < kStreetUtf8.size(); ++cut) {
    EXPECT_EQ(ToUtf8(kStreetUtf8.substr(0, cut), Encoding::kUtf8).ok(), cut % 3 == 0) << cut;
  }
  for (size_t cut = 1; cut < kStreetGbk.size(); ++cut) {
    EXPECT_EQ(ToUtf8(kStreetGbk.substr(0, cut), Encoding::kGbk).ok(), cut % 2 == 0) << cut;
  }
}

TEST(EncodingTest, RefusesWhatUtf8Forbids) {
  for (const char* bad : {"\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80",
                          "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\x80", "\xE4\xB8", "\xFE"}) {
    EXPECT_EQ(FirstInvalidUtf8(bad), std::optional<size_t>(0)) << bad;
  }
  for (const char* good :
       {"", "a", "\xC2\x80", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_EQ(FirstInvalidUtf8(good), std::nullopt) << good;
  }
}

TEST(EncodingTest, ACharacterThatTheTargetLacksIsAnError) {
  auto emoji = FromUtf8("火\xF0\x9F\x94\xA5", Encoding::kGbk);
  ASSERT_FALSE(emoji.ok());
  EXPECT_NE(emoji.status().message().find("byte offset 3"), std::string::npos) << emoji.status();
  EXPECT_TRUE(FromUtf8("火\xF0\x9F\x94\xA5", Encoding::kGb18030).ok());
  EXPECT_FALSE(FromUtf8("\xFF", Encoding::kUtf8).ok());
}

TEST(EncodingTest, LossyNeverFails) {
  LossyText whole = ToUtf8Lossy(kStreetGbk, Encoding::kGb18030);
  EXPECT_EQ(whole.utf8, kStreetUtf8);
  EXPECT_FALSE(whole.cut || whole.replaced);
  LossyText cut = ToUtf8Lossy(kStreetGbk.substr(0, 11), Encoding::kGb18030);
  EXPECT_EQ(cut.utf8, "解放路灯不");
  EXPECT_TRUE(cut.cut);
  LossyText bad = ToUtf8Lossy("\xBD\xE2\xFF\xB7\xC5", Encoding::kGb18030);
  EXPECT_EQ(bad.utf8, "解\xEF\xBF\xBD放");
  EXPECT_TRUE(bad.replaced);
}

TEST(EncodingTest, AnyBytesGiveValidUtf8OrAnError) {
  std::mt19937 random(1);
  int converted = 0;
  for (int i = 0; i < 5000; ++i) {
    std::string bytes(random() % 24, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    auto strict = ToUtf8(bytes, Encoding::kAuto);
    if (strict.ok()) {
      ++converted;
      EXPECT_EQ(FirstInvalidUtf8(*strict), std::nullopt);
    } else {
      EXPECT_EQ(ReasonOf(strict.status()), kReasonBadEncoding);
    }
    EXPECT_EQ(FirstInvalidUtf8(ToUtf8Lossy(bytes, Encoding::kGb18030).utf8), std::nullopt);
    EXPECT_EQ(FirstInvalidUtf8(ToUtf8Lossy(bytes, Encoding::kUtf8).utf8), std::nullopt);
  }
  EXPECT_GT(converted, 0);
}

TEST(EncodingTest, Names) {
  EXPECT_EQ(EncodingFromName("UTF-8"), Encoding::kUtf8);
  EXPECT_EQ(EncodingFromName("GB2312"), Encoding::kGbk);
  EXPECT_EQ(EncodingFromName("gb18030"), Encoding::kGb18030);
  EXPECT_EQ(EncodingFromName("big5"), std::nullopt);
}

}  // namespace
}  // namespace liandong::adapters
