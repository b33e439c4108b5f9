#include "security/identity.h"

#include <gtest/gtest.h>

#include <string>

namespace liandong::security {
namespace {

TEST(Identity, AUriRoundTrips) {
  const Identity identity{"county.example", "police-110"};
  EXPECT_EQ(PartyUri(identity), "spiffe://county.example/party/police-110");
  EXPECT_EQ(*ParsePartyUri(PartyUri(identity)), identity);
}

TEST(Identity, PartyIdsHaveOneForm) {
  EXPECT_TRUE(CheckPartyId("ab").ok());
  EXPECT_TRUE(CheckPartyId("120").ok());
  EXPECT_TRUE(CheckPartyId(std::string(64, 'a')).ok());
  for (const std::string& bad : {std::string(), std::string("a"), std::string(65, 'a'), std::string("Police"),
                                 std::string("a_b"), std::string("a/b"), std::string("a b"), std::string("-ab"),
                                 std::string("ab-"), std::string("警察"), std::string("a\0b", 3)}) {
    EXPECT_EQ(CheckPartyId(bad).code(), absl::StatusCode::kInvalidArgument) << bad;
  }
}

TEST(Identity, TrustDomainsHaveOneForm) {
  EXPECT_TRUE(CheckTrustDomain("county.example").ok());
  EXPECT_TRUE(CheckTrustDomain(std::string(255, 'a')).ok());
  for (const std::string& bad : {std::string(), std::string(256, 'a'), std::string("County"), std::string("a/b"),
                                 std::string("a:1"), std::string("u@h"), std::string("a,DNS:b")}) {
    EXPECT_EQ(CheckTrustDomain(bad).code(), absl::StatusCode::kInvalidArgument) << bad;
  }
}

TEST(Identity, OtherUrisAreNoParties) {
  for (const std::string& bad :
       {std::string(), std::string("spiffe://"), std::string("spiffe://county.example"),
        std::string("spiffe://county.example/party/"), std::string("spiffe:///party/ab"),
        std::string("https://county.example/party/ab"), std::string("SPIFFE://county.example/party/ab"),
        std::string("spiffe://county.example/workload/ab"), std::string("spiffe://county.example/party/ab/cd"),
        std::string("spiffe://county.example//party/ab"), std::string("spiffe://county.example/party/ab?x"),
        std::string("spiffe://county.example:1/party/ab"), "spiffe://county.example/party/" + std::string(3000, 'a')}) {
    EXPECT_EQ(ParsePartyUri(bad).status().code(), absl::StatusCode::kInvalidArgument) << bad;
  }
}

TEST(Identity, WhatIsNoCertificateIsSaidSo) {
  for (const std::string& bad :
       {std::string(), std::string("text"),
        std::string("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), std::string(1'000'000, 'x')}) {
    EXPECT_EQ(PartyFromCertificatePem(bad).status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(CertificateExpiry(bad).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace liandong::security
