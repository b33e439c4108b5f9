#include "adapters/cli/words.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/match.h"
#include "liandong/v1/acknowledgment.pb.h"
#include "liandong/v1/delivery.pb.h"

namespace liandong::cli {
namespace {

TEST(WordsTest, SaysBothLanguages) {
  EXPECT_EQ(Say(v1::ACCEPTED), "受理 accepted");
  EXPECT_EQ(Say(v1::ACK_STATE_UNSPECIFIED), "-");
  EXPECT_EQ(SayZh(v1::EXTREME), "特别重大");
  EXPECT_EQ(Say(static_cast<v1::AckState>(99)), "99");
}

TEST(WordsTest, UnderstandsBothLanguages) {
  EXPECT_EQ(*Parse<v1::AckState>("on-scene"), v1::ON_SCENE);
  EXPECT_EQ(*Parse<v1::AckState>("ON_SCENE"), v1::ON_SCENE);
  EXPECT_EQ(*Parse<v1::AckState>("到场"), v1::ON_SCENE);
  const auto bad = Parse<v1::AckState>("arrived");
  EXPECT_TRUE(absl::IsInvalidArgument(bad.status()));
  EXPECT_TRUE(absl::StrContains(bad.status().message(), "on-scene (到场)"));
  EXPECT_FALSE(Parse<v1::AckState>("ack-state-unspecified").ok());
}

TEST(WordsTest, EveryStateThatAPartyCanSayHasAChineseWord) {
  for (int state = v1::RECEIVED; state <= v1::PROGRESS; ++state) {
    const auto value = static_cast<v1::AckState>(state);
    EXPECT_NE(SayZh(value), Say(value)) << v1::AckState_Name(value);
  }
  for (int kind = v1::TASK; kind <= v1::RETURN_REQUEST; ++kind) {
    const auto value = static_cast<v1::DeliveryKind>(kind);
    EXPECT_NE(SayZh(value), Say(value)) << v1::DeliveryKind_Name(value);
  }
}

TEST(WordsTest, MendsComeInBothLanguages) {
  EXPECT_FALSE(MendZh("REASON_REQUIRED").empty());
  EXPECT_FALSE(MendEn("REASON_REQUIRED").empty());
  EXPECT_TRUE(MendZh("SOMETHING_NEW").empty());
}

}  // namespace
}  // namespace liandong::cli
