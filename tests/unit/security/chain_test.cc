#include "security/chain.h"

#include <gtest/gtest.h>

#include <string>

namespace liandong::security {
namespace {

TEST(Chain, ALinkIsTheHashOfThePreviousLinkAndTheHashOfTheBytes) {
  const ChainLink genesis = GenesisLink(Suite::kInternational);
  EXPECT_EQ(genesis.digest, std::string(32, '\0'));
  const ChainLink first = Next(Suite::kInternational, genesis, "bytes");
  EXPECT_EQ(first.digest, Sha256(std::string("\x01") + std::string(32, '\0') + Sha256("bytes")));
  const ChainLink second = Next(Suite::kShangmi, first, "more");
  EXPECT_EQ(second.suite, Suite::kShangmi);
  EXPECT_EQ(second.digest, Sm3(std::string("\x01") + first.digest + Sm3("more")));
}

// on-disk values: a log of any version has to verify for ever.
TEST(Chain, LinksOfThisVersionNeverChange) {
  const ChainLink sha = Next(Suite::kInternational, GenesisLink(Suite::kInternational), "liandong");
  EXPECT_EQ(LinkText(sha), "1:faccf2ed7a8273b350d045790abbc1d831acd1bbe605a566b62bce3cc43425c9");
  const ChainLink sm3 = Next(Suite::kShangmi, GenesisLink(Suite::kShangmi), "liandong");
  EXPECT_EQ(LinkText(sm3), "2:630aeedbddbf1cefbb28ce70e6b098f464c1e3a275edc005c8f3aa2a9e8273e6");
}

TEST(Chain, EveryByteAndEveryPlaceCounts) {
  const ChainLink genesis = GenesisLink(Suite::kInternational);
  const ChainLink a = Next(Suite::kInternational, genesis, "a");
  EXPECT_NE(a, Next(Suite::kInternational, genesis, "b"));
  EXPECT_NE(Next(Suite::kInternational, a, "b"),
            Next(Suite::kInternational, Next(Suite::kInternational, genesis, "b"), "a"));
  EXPECT_NE(Next(Suite::kInternational, genesis, "a"), Next(Suite::kInternational, GenesisLink(Suite::kShangmi), "a"));
}

TEST(Chain, AKnownHashGivesTheSameLink) {
  const ChainLink genesis = GenesisLink(Suite::kShangmi);
  EXPECT_EQ(NextFromHash(Suite::kShangmi, genesis, Sm3("body")), Next(Suite::kShangmi, genesis, "body"));
}

TEST(Chain, BytesAndTextRoundTrip) {
  for (const Suite suite : {Suite::kInternational, Suite::kShangmi}) {
    const ChainLink link = Next(suite, GenesisLink(suite), "x");
    EXPECT_EQ(EncodeLink(link).size(), kChainLinkBytes);
    EXPECT_EQ(*DecodeLink(EncodeLink(link)), link);
    EXPECT_EQ(*ParseLinkText(LinkText(link)), link);
  }
}

TEST(Chain, WrongBytesAndTextsAreRefused) {
  const std::string good = EncodeLink(GenesisLink(Suite::kInternational));
  EXPECT_EQ(DecodeLink("").status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(DecodeLink(good + "x").status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(DecodeLink("\x07" + good.substr(1)).status().code(), absl::StatusCode::kDataLoss);
  const std::string text = LinkText(GenesisLink(Suite::kInternational));
  EXPECT_FALSE(ParseLinkText("").ok());
  EXPECT_FALSE(ParseLinkText(text.substr(1)).ok());
  EXPECT_FALSE(ParseLinkText("9" + text.substr(1)).ok());
  EXPECT_FALSE(ParseLinkText(text.substr(0, text.size() - 1) + "g").ok());
}

}  // namespace
}  // namespace liandong::security
