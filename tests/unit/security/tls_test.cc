#include "security/tls.h"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <sys/stat.h>

#include <string>

#include "absl/time/clock.h"
#include "security/pki.h"
#include "tests/unit/security/temporary_folder.h"

namespace liandong::security {
namespace {

// Both ends of a TLS connection in memory.
class Handshake {
 public:
  Handshake(SSL_CTX* server, SSL_CTX* client, const std::string& host)
      : server_(SSL_new(server), SSL_free), client_(SSL_new(client), SSL_free) {
    BIO* server_end = nullptr;
    BIO* client_end = nullptr;
    BIO_new_bio_pair(&server_end, 0, &client_end, 0);
    SSL_set_bio(server_.get(), server_end, server_end);
    SSL_set_bio(client_.get(), client_end, client_end);
    SSL_set_accept_state(server_.get());
    SSL_set_connect_state(client_.get());
    if (!host.empty()) {
      EXPECT_TRUE(ExpectHost(client_.get(), host).ok());
    }
  }

  // True when both sides have finished and a byte went both ways (TLS 1.3 refuses client certificates only then).
  bool Run() {
    constexpr int kTurnsMax = 50;
    for (int turn = 0; turn < kTurnsMax; ++turn) {
      const int client = SSL_do_handshake(client_.get());
      const int server = SSL_do_handshake(server_.get());
      if (Dead(client_.get(), client) || Dead(server_.get(), server)) return false;
      if (client == 1 && server == 1) return Exchange();
    }
    return false;
  }
  SSL* server() { return server_.get(); }
  SSL* client() { return client_.get(); }

 private:
  static bool Dead(SSL* ssl, int result) {
    const int error = SSL_get_error(ssl, result);
    return result != 1 && error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE;
  }
  bool Exchange() {
    char byte = 0;
    return SSL_write(server_.get(), "s", 1) == 1 && SSL_read(client_.get(), &byte, 1) == 1 && byte == 's' &&
           SSL_write(client_.get(), "c", 1) == 1 && SSL_read(server_.get(), &byte, 1) == 1 && byte == 'c';
  }

  std::shared_ptr<SSL> server_, client_;
};

class TlsTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(InitCa(folder_ / "ca", "county.example").ok());
    ASSERT_TRUE(InitCa(folder_ / "foreign", "county.example").ok());
  }
  TlsFiles Files(const std::string& party, const std::string& ca = "ca", IssueOptions options = {}) {
    options.dns_names = {"localhost"};
    options.ip_addresses = {"127.0.0.1"};
    const auto files = Issue(folder_ / ca, party, options);
    EXPECT_TRUE(files.ok()) << files.status();
    return {files->ca, files->cert, files->key};
  }

  const TemporaryFolder folder_;
};

TEST_F(TlsTest, GoodFilesTellWhoseTheyAre) {
  const TlsFiles files = Files("hub");
  const auto checked = CheckTlsFiles(files, absl::Now());
  ASSERT_TRUE(checked.ok()) << checked.status();
  EXPECT_EQ(checked->identity, (Identity{"county.example", "hub"}));
  EXPECT_EQ(checked->expires_at, *CertificateExpiry(Slurp(files.cert)));
  EXPECT_EQ(checked->key_pem, Slurp(files.key));
  EXPECT_EQ(checked->cert_pem, Slurp(files.cert));
  EXPECT_EQ(checked->ca_pem, Slurp(files.ca));
}

TEST_F(TlsTest, AKeyOpenToOthersIsRefusedWithTheCommandThatMendsIt) {
  const TlsFiles files = Files("hub");
  ASSERT_EQ(chmod(files.key.c_str(), 0640), 0);
  const auto checked = CheckTlsFiles(files, absl::Now());
  EXPECT_EQ(checked.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(checked.status().message().find("chmod 600 " + files.key), std::string::npos) << checked.status();
  EXPECT_FALSE(MakeServerContext(files, true).ok());
  EXPECT_FALSE(MakeClientContext(files).ok());
}

TEST_F(TlsTest, WrongFilesAreNamed) {
  const TlsFiles good = Files("hub");
  const TlsFiles other = Files("other");
  const TlsFiles foreign = Files("hub", "foreign");
  const auto error = [](const TlsFiles& files) { return CheckTlsFiles(files, absl::Now()).status(); };
  EXPECT_EQ(error({good.ca, good.cert, folder_ / "none"}).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(error({folder_ / "none", good.cert, good.key}).code(), absl::StatusCode::kNotFound);
  const auto mismatch = error({good.ca, good.cert, other.key});
  EXPECT_EQ(mismatch.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(mismatch.message().find(other.key), std::string::npos) << mismatch;
  const auto chain = error({good.ca, foreign.cert, foreign.key});
  EXPECT_EQ(chain.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(chain.message().find(good.ca), std::string::npos) << chain;
  EXPECT_EQ(error({good.ca, good.key, good.key}).code(), absl::StatusCode::kFailedPrecondition)
      << "a key as certificate";
  const auto ca_as_own = error({good.ca, folder_ / "ca/ca.crt", folder_ / "ca/ca.key"});
  EXPECT_EQ(ca_as_own.code(), absl::StatusCode::kFailedPrecondition) << "the CA itself is no party";
}

TEST_F(TlsTest, TimesAreChecked) {
  const TlsFiles files = Files("hub", "ca", {.days = 30});
  EXPECT_TRUE(CheckTlsFiles(files, absl::Now() + absl::Hours(24 * 29)).ok());
  const auto late = CheckTlsFiles(files, absl::Now() + absl::Hours(24 * 31));
  EXPECT_EQ(late.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(late.status().message().find("expired"), std::string::npos) << late.status();
  const auto early = CheckTlsFiles(files, absl::Now() - absl::Hours(1));
  EXPECT_NE(early.status().message().find("not valid yet"), std::string::npos) << early.status();
}

TEST_F(TlsTest, SeveralRootsInOneFileAreAllKnown) {
  const TlsFiles files = Files("hub");
  const std::string both = folder_ / "both.crt";
  Spill(both, Slurp(folder_ / "foreign/ca.crt") + Slurp(files.ca));
  EXPECT_TRUE(CheckTlsFiles({both, files.cert, files.key}, absl::Now()).ok());
  Spill(both, Slurp(files.ca) + "-----BEGIN CERTIFICATE-----\nbroken\n-----END CERTIFICATE-----\n");
  EXPECT_FALSE(CheckTlsFiles({both, files.cert, files.key}, absl::Now()).ok());
}

TEST_F(TlsTest, BothSidesKnowEachOther) {
  const auto server = MakeServerContext(Files("hub"), true);
  const auto client = MakeClientContext(Files("agency"));
  ASSERT_TRUE(server.ok() && client.ok()) << server.status() << client.status();
  for (const char* host : {"localhost", "127.0.0.1"}) {
    Handshake handshake(server->get(), client->get(), host);
    ASSERT_TRUE(handshake.Run()) << host;
    EXPECT_EQ(PeerIdentity(handshake.server())->party, "agency");
    EXPECT_EQ(PeerIdentity(handshake.client())->party, "hub");
    EXPECT_EQ(SSL_version(handshake.client()), TLS1_3_VERSION);
  }
}

TEST_F(TlsTest, AClientWithoutACertificateIsTurnedAwayWhereOneIsRequired) {
  const TlsFiles files = Files("hub");
  const auto anonymous = MakeClientContext({files.ca, "", ""});
  ASSERT_TRUE(anonymous.ok()) << anonymous.status();
  EXPECT_FALSE(Handshake(MakeServerContext(files, true)->get(), anonymous->get(), "localhost").Run());
  const auto open = MakeServerContext({"", files.cert, files.key}, false);
  ASSERT_TRUE(open.ok()) << open.status();
  Handshake handshake(open->get(), anonymous->get(), "localhost");
  EXPECT_TRUE(handshake.Run());
  EXPECT_EQ(PeerIdentity(handshake.server()).status().code(), absl::StatusCode::kUnauthenticated);
}

TEST_F(TlsTest, ForeignCertificatesAndWrongHostsAreTurnedAway) {
  const TlsFiles files = Files("hub");
  const TlsFiles foreign = Files("agency", "foreign");
  const auto server = MakeServerContext(files, true);
  const auto stranger = MakeClientContext({files.ca, foreign.cert, foreign.key});
  ASSERT_TRUE(server.ok() && stranger.ok()) << stranger.status();
  EXPECT_FALSE(Handshake(server->get(), stranger->get(), "localhost").Run()) << "client of another CA";
  const TlsFiles agency = Files("agency2");
  EXPECT_FALSE(
      Handshake(server->get(), MakeClientContext({foreign.ca, agency.cert, agency.key})->get(), "localhost").Run())
      << "server of another CA";
  const auto client = MakeClientContext(agency);
  EXPECT_FALSE(Handshake(server->get(), client->get(), "other.example").Run());
  EXPECT_FALSE(Handshake(server->get(), client->get(), "127.0.0.2").Run());
}

TEST_F(TlsTest, AClientsCertificateIsNoServers) {
  const auto server = MakeServerContext(Files("agency", "ca", {.server = false}), true);
  EXPECT_FALSE(Handshake(server->get(), MakeClientContext(Files("hub"))->get(), "localhost").Run());
}

TEST_F(TlsTest, Tls12IsSpokenUnless13IsRequired) {
  const TlsFiles files = Files("hub");
  const auto client = MakeClientContext(Files("agency"));
  ASSERT_TRUE(client.ok());
  SSL_CTX_set_max_proto_version(client->get(), TLS1_2_VERSION);
  Handshake old(MakeServerContext(files, true)->get(), client->get(), "localhost");
  EXPECT_TRUE(old.Run());
  EXPECT_EQ(SSL_version(old.client()), TLS1_2_VERSION);
  EXPECT_FALSE(
      Handshake(MakeServerContext(files, true, {.tls13_only = true})->get(), client->get(), "localhost").Run());
  SSL_CTX_set_min_proto_version(client->get(), TLS1_1_VERSION);
  SSL_CTX_set_max_proto_version(client->get(), TLS1_1_VERSION);
  EXPECT_FALSE(Handshake(MakeServerContext(files, true)->get(), client->get(), "localhost").Run());
}

TEST_F(TlsTest, AHostThatIsNoneIsRefused) {
  const auto client = MakeClientContext(Files("agency"));
  ASSERT_TRUE(client.ok());
  const std::shared_ptr<SSL> ssl(SSL_new(client->get()), SSL_free);
  EXPECT_FALSE(ExpectHost(ssl.get(), "").ok());
}

}  // namespace
}  // namespace liandong::security
