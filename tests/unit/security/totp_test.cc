#include "security/totp.h"

#include <gtest/gtest.h>

namespace liandong::security {
namespace {

constexpr char kSecret[] = "12345678901234567890";  // of RFC 6238, appendix B

TEST(Totp, TheVectorsOfTheRfc) {
  const std::pair<int64_t, const char*> vectors[] = {
      {59, "94287082"},         {1111111109, "07081804"}, {1111111111, "14050471"},
      {1234567890, "89005924"}, {2000000000, "69279037"}, {20000000000, "65353130"},
  };
  for (const auto& [seconds, code] : vectors)
    EXPECT_EQ(TotpCode(kSecret, TotpStep(seconds * 1000), 8), code) << seconds;
}

TEST(Totp, ACodeIsGoodInItsStepAndBesideItAndOnce) {
  const int64_t now = 1'800'000'000'000;
  const uint64_t step = TotpStep(now);
  for (uint64_t near = step - 1; near <= step + 1; ++near)
    EXPECT_EQ(MatchTotp(kSecret, TotpCode(kSecret, near), now, 0), near);
  EXPECT_EQ(MatchTotp(kSecret, TotpCode(kSecret, step - 2), now, 0), std::nullopt);
  EXPECT_EQ(MatchTotp(kSecret, TotpCode(kSecret, step + 2), now, 0), std::nullopt);
  EXPECT_EQ(MatchTotp(kSecret, TotpCode(kSecret, step), now, step), std::nullopt);
  EXPECT_EQ(MatchTotp(kSecret, TotpCode(kSecret, step - 1), now, step), std::nullopt);
  EXPECT_EQ(MatchTotp(kSecret, "", now, 0), std::nullopt);
  EXPECT_EQ(MatchTotp(std::string(20, 'x'), TotpCode(kSecret, step), now, 0), std::nullopt);
}

TEST(Totp, WhatApplicationsRead) {
  EXPECT_EQ(Base32("foobar"), "MZXW6YTBOI");  // RFC 4648 without padding
  EXPECT_EQ(Base32("f"), "MY");
  EXPECT_EQ(Base32(""), "");
  EXPECT_EQ(TotpUri("云溪", "li.si", "f"),
            "otpauth://totp/%E4%BA%91%E6%BA%AA:li.si?secret=MY&issuer=%E4%BA%91%E6%BA%AA");
  EXPECT_EQ(MakeTotpSecret().size(), 20u);
  EXPECT_NE(MakeTotpSecret(), MakeTotpSecret());
}

}  // namespace
}  // namespace liandong::security
