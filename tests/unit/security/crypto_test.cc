#include "security/crypto.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace liandong::security {
namespace {

TEST(Crypto, HashesMatchTheirPublishedVectors) {
  // FIPS 180-4 and GB/T 32905-2016, both of "abc".
  EXPECT_EQ(Hex(Sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Hex(Sm3("abc")), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
  EXPECT_EQ(Hex(Sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Crypto, HashAndHmacGoByTheSuite) {
  EXPECT_EQ(Hash(Suite::kInternational, "x"), Sha256("x"));
  EXPECT_EQ(Hash(Suite::kShangmi, "x"), Sm3("x"));
  EXPECT_EQ(Hmac(Suite::kInternational, "k", "x"), HmacSha256("k", "x"));
  EXPECT_EQ(Hmac(Suite::kShangmi, "k", "x"), HmacSm3("k", "x"));
  EXPECT_NE(HmacSha256("k", "x"), HmacSm3("k", "x"));
}

TEST(Crypto, HmacMatchesRfc4231) {
  EXPECT_EQ(Hex(HmacSha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Crypto, HmacSm3IsTheConstructionOfRfc2104) {
  const std::string key = "a key shorter than one block";
  std::string inner(64, '\x36');
  std::string outer(64, '\x5c');
  for (size_t i = 0; i < key.size(); ++i) {
    inner[i] ^= key[i];
    outer[i] ^= key[i];
  }
  EXPECT_EQ(HmacSm3(key, "text"), Sm3(outer + Sm3(inner + "text")));
}

TEST(Crypto, AnEmptyKeyIsAKeyOfItsOwn) {
  HmacSha256("a key used before", "x");
  EXPECT_EQ(Hex(HmacSha256("", "")), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(Crypto, RandomBytesHaveTheirLengthAndDoNotRepeat) {
  EXPECT_EQ(RandomBytes(0), "");
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const std::string bytes = RandomBytes(16);
    EXPECT_EQ(bytes.size(), 16u);
    EXPECT_TRUE(seen.insert(bytes).second);
  }
}

TEST(Crypto, HexRoundTripsAndRefusesWhatIsNotHex) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  EXPECT_EQ(*FromHex(Hex(all)), all);
  EXPECT_EQ(*FromHex("00fF"), std::string("\0\xff", 2));
  EXPECT_EQ(FromHex("abc").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(FromHex("0g").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(Crypto, ConstantTimeEqualIsEquality) {
  EXPECT_TRUE(ConstantTimeEqual("", ""));
  EXPECT_TRUE(ConstantTimeEqual("same", "same"));
  EXPECT_FALSE(ConstantTimeEqual("same", "samE"));
  EXPECT_FALSE(ConstantTimeEqual("same", "same "));
}

TEST(Crypto, SuitesAreNumbersAndNames) {
  EXPECT_EQ(*SuiteFromNumber(1), Suite::kInternational);
  EXPECT_EQ(*SuiteFromNumber(2), Suite::kShangmi);
  EXPECT_FALSE(SuiteFromNumber(0).ok());
  EXPECT_FALSE(SuiteFromNumber(257).ok());
  for (const Suite suite : {Suite::kInternational, Suite::kShangmi}) EXPECT_EQ(*SuiteFromName(SuiteName(suite)), suite);
  EXPECT_FALSE(SuiteFromName("sm").ok());
}

TEST(Crypto, WipeEmpties) {
  std::string secret = "secret";
  Wipe(secret);
  EXPECT_TRUE(secret.empty());
}

}  // namespace
}  // namespace liandong::security
