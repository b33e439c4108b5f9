// A certificate that is revoked, or whose party leaves the site set, opens nothing any more and holds nothing open.
#include <gtest/gtest.h>

#include "hub/service/auth.h"
#include "security/file.h"
#include "security/revocation.h"
#include "tests/unit/hub/service/test_hub.h"
#include "tests/unit/security/temporary_folder.h"

namespace liandong::service {
namespace {

class RevokeTest : public testing::Test {
 protected:
  RevokeTest() {
    hub_.Stop();
    EXPECT_TRUE(security::RevokeCertificate(pki(), "").ok());
    hub_.with_crl = true;
    hub_.Start();
  }
  std::string pki() const { return hub_.folder() + "/pki"; }
  void Revoke(const std::string& party) {
    const absl::Status status = security::RevokeCertificate(pki(), security::Slurp(pki() + "/" + party + ".crt"));
    EXPECT_TRUE(status.ok()) << status;
  }
  static grpc::Status Fetch(v1::Link::Stub* link) {
    Call call;
    v1::FetchReply reply;
    return link->Fetch(&call, v1::FetchRequest(), &reply);
  }

  TestHub hub_;
};

TEST_F(RevokeTest, OpenStreamsEndAndNothingIsLetInAnyMore) {
  const Client power = hub_.As("power"), telecom = hub_.As("telecom"), command = hub_.As("command");
  Line line(power.link.get(), v1::Hello()), other(telecom.link.get(), v1::Hello());
  Call watching;
  auto watch = command.desk->Watch(&watching, v1::WatchRequest());
  ASSERT_TRUE(Fetch(power.link.get()).ok());
  Revoke("power");
  while (line.Read().has_value()) continue;  // ends, or the call's minute is over
  EXPECT_EQ(DetailOf(line.Finish()).reason(), "REVOKED");
  EXPECT_EQ(DetailOf(Fetch(power.link.get())).reason(), "REVOKED") << "on the connection that is open";
  EXPECT_EQ(DetailOf(Fetch(hub_.As("power").link.get())).reason(), "REVOKED") << "and on a new one";
  // Nobody else notices.
  hub_.Report("police-110", Flood("f1"));
  EXPECT_TRUE(other.Next().has_value());
  Revoke("command");
  v1::WatchEvent event;
  while (watch->Read(&event)) continue;
  EXPECT_EQ(DetailOf(watch->Finish()).reason(), "REVOKED");
}

TEST_F(RevokeTest, ARenewedCertificateIsLetIn) {
  hub_.As("power");
  Revoke("power");
  ASSERT_TRUE(Eventually([&] { return DetailOf(Fetch(hub_.As("power").link.get())).reason() == "REVOKED"; }));
  security::IssueOptions again;
  again.replace = true;
  ASSERT_TRUE(security::Issue(pki(), "power", again).ok());
  EXPECT_TRUE(Fetch(hub_.As("power").link.get()).ok());
}

TEST_F(RevokeTest, OpenStreamsOfARemovedPartyEnd) {
  const Client power = hub_.As("power");
  Line line(power.link.get(), v1::Hello());
  v1::SiteSet less = SmallCounty();
  for (int i = 0; i < less.party_size(); ++i) {
    if (less.party(i).id() == "town-two") less.mutable_party()->DeleteSubrange(i--, 1);
  }
  const Client town = hub_.As("town-two");
  Line removed(town.link.get(), v1::Hello());
  Call call;
  v1::AdoptSiteSetRequest request;
  *request.mutable_site() = less;
  v1::AdoptSiteSetReply reply;
  const grpc::Status status = hub_.As("command").desk->AdoptSiteSet(&call, request, &reply);
  ASSERT_TRUE(status.ok()) << status.error_message();
  while (removed.Read().has_value()) continue;
  EXPECT_EQ(DetailOf(removed.Finish()).reason(), "UNKNOWN_PARTY");
  hub_.Report("police-110", Flood("f1"));
  EXPECT_TRUE(line.Next().has_value());
}

TEST_F(RevokeTest, TheHubDoesNotStartWithoutTheListThatItWasPromised) {
  hub_.Stop();
  ASSERT_EQ(remove((pki() + "/ca.crl").c_str()), 0);
  hub::HubSettings settings;
  settings.config = hub_.config();
  EXPECT_FALSE(hub::Hub::Start(std::move(settings)).ok());
}

// New connections show the new certificate, and the line that is open stays.
TEST(RotationTest, CertificateFilesAreRenewedWhileTheHubRuns) {
  TestHub hub;
  const Client power = hub.As("power");
  Line line(power.link.get(), v1::Hello());
  const std::string pki = hub.folder() + "/pki", old = security::Slurp(pki + "/hub.crt");
  EXPECT_EQ(CertificateOf(hub.address(), pki + "/ca.crt"), old);
  security::IssueOptions again;
  again.ip_addresses = {"127.0.0.1"};
  again.replace = true;
  ASSERT_TRUE(security::Issue(pki, "hub", again).ok());
  const std::string renewed = security::Slurp(pki + "/hub.crt");
  ASSERT_NE(renewed, old);
  EXPECT_TRUE(Eventually([&] { return CertificateOf(hub.address(), pki + "/ca.crt") == renewed; }));
  hub.Report("police-110", Flood("f1"));
  const auto delivery = line.Next();
  ASSERT_TRUE(delivery.has_value());
  EXPECT_EQ(line.Acknowledge(delivery->envelope().delivery_id(), v1::RECEIVED).outcome(), v1::APPLIED);
}

}  // namespace
}  // namespace liandong::service
