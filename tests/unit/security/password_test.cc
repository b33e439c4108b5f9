#include "security/password.h"

#include <gtest/gtest.h>

#include <set>

namespace liandong::security {
namespace {

constexpr PasswordCost kCheap{4, 8, 1};

TEST(Password, VerifiesWhatItHashed) {
  const std::string kept = HashPassword("correct horse", kCheap);
  EXPECT_TRUE(VerifyPassword("correct horse", kept, kCheap));
  EXPECT_FALSE(VerifyPassword("correct horse ", kept, kCheap));
  EXPECT_FALSE(VerifyPassword("", kept, kCheap));
  EXPECT_EQ(kept.find("correct"), std::string::npos);
  EXPECT_NE(HashPassword("correct horse", kCheap), kept) << "another salt each time";
  // What was hashed at another cost still verifies.
  EXPECT_TRUE(VerifyPassword("correct horse", HashPassword("correct horse", {5, 4, 2}), kCheap));
}

// RFC 7914, section 12: scrypt("pleaseletmein", "SodiumChloride", 16384, 8, 1), first 32 bytes.
TEST(Password, TheVectorOfTheRfc) {
  const std::string kept =
      "scrypt$14$8$1$536f6469756d43686c6f72696465$"
      "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2";
  EXPECT_TRUE(VerifyPassword("pleaseletmein", kept));
  EXPECT_FALSE(VerifyPassword("pleaseletmeout", kept));
}

TEST(Password, WhatIsNoHashVerifiesNothing) {
  const std::string good = HashPassword("correct horse", kCheap);
  for (const std::string& kept : {std::string(), std::string("plain"), good.substr(0, good.size() - 2), "x" + good,
                                  std::string("scrypt$4$8$1$zz$zz"), std::string("scrypt$63$8$1$00$00"),
                                  std::string("scrypt$4$999999$1$00$00")}) {
    EXPECT_FALSE(VerifyPassword("correct horse", kept, kCheap)) << kept;
  }
}

TEST(Password, NewOnesAreLookedAt) {
  EXPECT_TRUE(CheckNewPassword("一二三四一二", "li.si").ok());
  EXPECT_FALSE(CheckNewPassword("short", "li.si").ok());
  EXPECT_FALSE(CheckNewPassword(std::string(257, 'a') + "b", "li.si").ok());
  EXPECT_FALSE(CheckNewPassword("xxLI.SI-2026", "li.si").ok());
  EXPECT_FALSE(CheckNewPassword("aaaaaaaaaaaaaa", "li.si").ok());
}

TEST(Password, FirstOnesDiffer) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const std::string password = MakePassword();
    EXPECT_EQ(password.size(), 23u);
    EXPECT_TRUE(CheckNewPassword(password, "li.si").ok());
    EXPECT_TRUE(seen.insert(password).second);
  }
}

}  // namespace
}  // namespace liandong::security
