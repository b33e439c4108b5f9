#include "security/seal.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <string>

namespace liandong::security {
namespace {

// A second, plain way to run a cipher of OpenSSL, to check ours against.
std::string Encrypt(const EVP_CIPHER* cipher, const std::string& key, const std::string& iv, const std::string& in) {
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  EVP_EncryptInit_ex(context, cipher, nullptr, reinterpret_cast<const unsigned char*>(key.data()),
                     iv.empty() ? nullptr : reinterpret_cast<const unsigned char*>(iv.data()));
  EVP_CIPHER_CTX_set_padding(context, 0);
  std::string out(in.size(), '\0');
  int written = 0;
  EVP_EncryptUpdate(context, reinterpret_cast<unsigned char*>(out.data()), &written,
                    reinterpret_cast<const unsigned char*>(in.data()), static_cast<int>(in.size()));
  EVP_CIPHER_CTX_free(context);
  return out;
}

class SealTest : public testing::TestWithParam<Suite> {
 protected:
  const Suite suite_ = GetParam();
  const std::string key_ = Hash(Suite::kInternational, "a key of this test");
  const std::string plaintext_ = "张三 13800000000 松溪镇和平路7号";
};

TEST_P(SealTest, WhatWasSealedOpens) {
  for (const std::string& text : {std::string(), std::string("x"), plaintext_, std::string(100'000, 'z')}) {
    const std::string sealed = Seal(suite_, key_, "report/1", text);
    EXPECT_EQ(sealed.size(), text.size() + SealOverheadBytes(suite_));
    EXPECT_EQ(*SealedSuite(sealed), suite_);
    const auto opened = Open(key_, "report/1", sealed);
    ASSERT_TRUE(opened.ok()) << opened.status();
    EXPECT_EQ(*opened, text);
  }
}

TEST_P(SealTest, SealedBytesShowNothingAndNeverRepeat) {
  const std::string first = Seal(suite_, key_, "a", plaintext_);
  EXPECT_EQ(first.find(plaintext_.substr(0, 6)), std::string::npos);
  EXPECT_NE(first, Seal(suite_, key_, "a", plaintext_));
}

TEST_P(SealTest, EveryChangedByteIsFound) {
  const std::string sealed = Seal(suite_, key_, "aad", plaintext_);
  for (size_t i = 0; i < sealed.size(); ++i) {
    for (const int bit : {0x01, 0x80}) {
      std::string changed = sealed;
      changed[i] = static_cast<char>(changed[i] ^ bit);
      EXPECT_EQ(Open(key_, "aad", changed).status().code(), absl::StatusCode::kDataLoss) << "byte " << i;
    }
  }
}

TEST_P(SealTest, EveryShorterPartAndALongerOneIsRefused) {
  const std::string sealed = Seal(suite_, key_, "aad", plaintext_);
  for (size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_EQ(Open(key_, "aad", sealed.substr(0, size)).status().code(), absl::StatusCode::kDataLoss) << size;
  }
  EXPECT_EQ(Open(key_, "aad", sealed + "x").status().code(), absl::StatusCode::kDataLoss);
}

TEST_P(SealTest, AnotherKeyOrPlaceDoesNotOpen) {
  const std::string sealed = Seal(suite_, key_, "report/1", plaintext_);
  std::string other = key_;
  other[31] ^= 1;
  EXPECT_EQ(Open(other, "report/1", sealed).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(Open(key_, "report/2", sealed).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(Open(key_, "", sealed).status().code(), absl::StatusCode::kDataLoss);
}

TEST_P(SealTest, NothingMovesBetweenAadAndCiphertext) {
  const std::string sealed = Seal(suite_, key_, "ab", "cd");
  EXPECT_FALSE(Open(key_, "a", sealed).ok());
  EXPECT_FALSE(Open(key_, "abc", sealed).ok());
}

TEST_P(SealTest, MacTellsARepeatFromOtherContentAndNeedsTheKey) {
  const std::string mac = Mac(suite_, key_, "content");
  EXPECT_EQ(mac.size(), 33u);
  EXPECT_EQ(mac[0], static_cast<char>(suite_));
  EXPECT_EQ(mac, Mac(suite_, key_, "content"));
  EXPECT_NE(mac, Mac(suite_, key_, "content."));
  EXPECT_NE(mac, Mac(suite_, Sha256("another key"), "content"));
  EXPECT_NE(mac.substr(1), Hmac(suite_, key_, "content"));
}

INSTANTIATE_TEST_SUITE_P(Suites, SealTest, testing::Values(Suite::kInternational, Suite::kShangmi),
                         [](const auto& suite) { return std::string(SuiteName(suite.param)); });

TEST(Seal, Sm4OfThisMachineMatchesTheStandard) {
  // GB/T 32907-2016, example 1.
  const std::string block = *FromHex("0123456789abcdeffedcba9876543210");
  EXPECT_EQ(Hex(Encrypt(EVP_sm4_ecb(), block, "", block)), "681edf34d206965e86b3e94f536e4246");
}

TEST(Seal, TheShangmiFormIsAsWritten) {
  const std::string key = Sha256("k");
  const std::string sealed = Seal(Suite::kShangmi, key, "aad", "text to seal");
  const std::string nonce = sealed.substr(2, 16);
  const std::string ciphertext = sealed.substr(18, 12);
  const std::string cipher_key = HmacSm3(key, "liandong seal 1 sm4-ctr cipher").substr(0, 16);
  // CTR by hand: one block of key stream is the block cipher of the nonce.
  std::string expected = Encrypt(EVP_sm4_ecb(), cipher_key, "", nonce).substr(0, 12);
  for (size_t i = 0; i < expected.size(); ++i) expected[i] ^= "text to seal"[i];
  EXPECT_EQ(ciphertext, expected);
  const std::string covered =
      std::string("\x01\x02") + nonce + std::string("\0\0\0\0\0\0\0\x03", 8) + "aad" + ciphertext;
  EXPECT_EQ(sealed.substr(30), HmacSm3(HmacSm3(key, "liandong seal 1 sm4-ctr mac"), covered));
}

// on-disk values: sealed by this version, must open for ever.
TEST(Seal, WhatThisVersionSealedOpensForEver) {
  const std::string key = Sha256("golden");
  EXPECT_EQ(*Open(key, "place", *FromHex("0101000102030405060708090a0bd1c46174a3d84fab53e17925836373b91027945ee99d")),
            "联动");
  EXPECT_EQ(*Open(key, "place",
                  *FromHex("0102000102030405060708090a0b0c0d0e0f729a15c5f615a769213cc69adc55ae8b1b9d21d481c074eb5282253"
                           "6a127f9244d604b38012c")),
            "联动");
}

}  // namespace
}  // namespace liandong::security
