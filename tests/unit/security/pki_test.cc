#include "security/pki.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <cstdio>
#include <set>
#include <string>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "security/file.h"
#include "security/identity.h"
#include "security/limits.h"
#include "tests/unit/security/temporary_folder.h"

namespace liandong::security {
namespace {

struct Ran {
  int exit_code = -1;
  std::string output;
};

// A second opinion from the openssl command line.
Ran OpensslTool(const std::string& command) {
  Ran ran;
  FILE* out = popen((command + " 2>&1").c_str(), "r");
  if (out == nullptr) return ran;
  std::array<char, 4096> piece;
  while (const size_t got = fread(piece.data(), 1, piece.size(), out)) ran.output.append(piece.data(), got);
  const int status = pclose(out);
  ran.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ran;
}

class PkiTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(InitCa(ca_, "county.example").ok()); }

  std::string Text(const std::string& cert) { return OpensslTool("openssl x509 -noout -text -in " + cert).output; }

  const TemporaryFolder folder_;
  const std::string ca_ = folder_ / "pki";
};

TEST_F(PkiTest, TheCaIsOneAndItsKeyIsPrivate) {
  EXPECT_EQ(ModeOf(ca_ + "/ca.key"), 0600u);
  EXPECT_EQ(ModeOf(ca_ + "/ca.crt"), 0644u);
  EXPECT_EQ(ModeOf(ca_), 0700u);
  const std::string text = Text(ca_ + "/ca.crt");
  EXPECT_NE(text.find("CA:TRUE, pathlen:0"), std::string::npos) << text;
  EXPECT_NE(text.find("Certificate Sign, CRL Sign"), std::string::npos) << text;
  EXPECT_NE(text.find("URI:spiffe://county.example\n"), std::string::npos) << text;
  EXPECT_NE(text.find("NIST CURVE: P-256"), std::string::npos) << text;
}

TEST_F(PkiTest, ASecondCaInTheFolderIsRefused) {
  const std::string before = Slurp(ca_ + "/ca.key");
  const auto status = InitCa(ca_, "other.example");
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_NE(status.message().find("ca.key"), std::string::npos) << status;
  EXPECT_EQ(Slurp(ca_ + "/ca.key"), before);
}

TEST_F(PkiTest, AnIssuedCertificateVerifiesAndNamesItsParty) {
  const auto files = Issue(ca_, "police-110",
                           {.dns_names = {"localhost", "hub.county.example"}, .ip_addresses = {"127.0.0.1", "::1"}});
  ASSERT_TRUE(files.ok()) << files.status();
  EXPECT_EQ(files->uri, "spiffe://county.example/party/police-110");
  EXPECT_EQ(ModeOf(files->key), 0600u);
  EXPECT_EQ(ModeOf(files->cert), 0644u);
  for (const char* purpose : {"sslclient", "sslserver"}) {
    const Ran verified = OpensslTool("openssl verify -x509_strict -purpose " + std::string(purpose) + " -CAfile " +
                                     files->ca + " " + files->cert);
    EXPECT_EQ(verified.exit_code, 0) << verified.output;
  }
  const std::string text = Text(files->cert);
  for (const char* part : {"URI:spiffe://county.example/party/police-110", "DNS:localhost", "DNS:hub.county.example",
                           "IP Address:127.0.0.1", "IP Address:0:0:0:0:0:0:0:1", "CA:FALSE", "Digital Signature",
                           "TLS Web Server Authentication, TLS Web Client Authentication", "Subject Key Identifier",
                           "Authority Key Identifier", "ecdsa-with-SHA256", "CN = police-110"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }
  const auto identity = PartyFromCertificatePem(Slurp(files->cert));
  ASSERT_TRUE(identity.ok()) << identity.status();
  EXPECT_EQ(*identity, (Identity{"county.example", "police-110"}));
}

TEST_F(PkiTest, SerialNumbersAreRandomAndOf128Bits) {
  std::set<std::string> seen;
  for (const char* party : {"p1", "p2", "p3", "p4"}) {
    const auto files = Issue(ca_, party);
    ASSERT_TRUE(files.ok()) << files.status();
    const std::string serial = OpensslTool("openssl x509 -noout -serial -in " + files->cert).output;
    EXPECT_EQ(serial.size(), std::string("serial=\n").size() + 32) << serial;
    EXPECT_TRUE(seen.insert(serial).second);
  }
}

TEST_F(PkiTest, ValidityIsAsAskedAndEndsWithTheCa) {
  const auto files = Issue(ca_, "agency", {.days = 10});
  const auto until = CertificateExpiry(Slurp(files->cert));
  ASSERT_TRUE(until.ok());
  EXPECT_LE(*until, absl::Now() + absl::Hours(24 * 10));
  EXPECT_GE(*until, absl::Now() + absl::Hours(24 * 10) - absl::Minutes(5));
  ASSERT_TRUE(InitCa(folder_ / "short", "county.example", {.days = 2}).ok());
  const auto shortened = Issue(folder_ / "short", "agency", {.days = 100});
  EXPECT_EQ(*CertificateExpiry(Slurp(shortened->cert)), *CertificateExpiry(Slurp(folder_ / "short/ca.crt")));
}

TEST_F(PkiTest, UsagesAreAsAsked) {
  const auto client = Issue(ca_, "client-only", {.server = false});
  const std::string text = Text(client->cert);
  EXPECT_NE(text.find("TLS Web Client Authentication"), std::string::npos);
  EXPECT_EQ(text.find("TLS Web Server Authentication"), std::string::npos);
  EXPECT_FALSE(Issue(ca_, "neither", {.client = false, .server = false}).ok());
}

TEST_F(PkiTest, AnIssueNeverReplacesUnlessAsked) {
  const auto first = Issue(ca_, "agency");
  ASSERT_TRUE(first.ok());
  const std::string key = Slurp(first->key);
  const auto again = Issue(ca_, "agency");
  EXPECT_EQ(again.status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_NE(again.status().message().find("--replace"), std::string::npos) << again.status();
  EXPECT_EQ(Slurp(first->key), key);
  ASSERT_TRUE(Issue(ca_, "agency", {.replace = true}).ok());
  EXPECT_NE(Slurp(first->key), key);
  EXPECT_EQ(ModeOf(first->key), 0600u);
}

TEST_F(PkiTest, AnOutputFolderGetsAllThatAPartyNeedsAndNoCaKey) {
  const auto files = Issue(ca_, "agency", {.out_folder = folder_ / "out/agency"});
  ASSERT_TRUE(files.ok()) << files.status();
  EXPECT_EQ(Slurp(folder_ / "out/agency/ca.crt"), Slurp(ca_ + "/ca.crt"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "out/agency/ca.key"));
  ASSERT_TRUE(InitCa(folder_ / "other", "other.example").ok());
  const auto mixed = Issue(folder_ / "other", "agency2", {.out_folder = folder_ / "out/agency"});
  EXPECT_EQ(mixed.status().code(), absl::StatusCode::kAlreadyExists) << "two CAs in one folder";
}

TEST_F(PkiTest, Pkcs12IsReadableWithItsPassword) {
  const auto files = Issue(ca_, "agency", {.pkcs12_password = "pass word"});
  ASSERT_TRUE(files.ok()) << files.status();
  EXPECT_EQ(ModeOf(files->pkcs12), 0600u);
  const std::string read = "openssl pkcs12 -nodes -in " + files->pkcs12 + " -passin ";
  const Ran good = OpensslTool(read + "'pass:pass word'");
  EXPECT_EQ(good.exit_code, 0) << good.output;
  EXPECT_NE(good.output.find("BEGIN PRIVATE KEY"), std::string::npos);
  EXPECT_NE(good.output.find("CN = agency"), std::string::npos) << good.output;
  EXPECT_NE(good.output.find("Liandong CA county.example"), std::string::npos) << "the CA is inside";
  EXPECT_NE(OpensslTool(read + "pass:wrong").exit_code, 0);
}

TEST_F(PkiTest, ARequestIsSignedForThePartyThatTheCaNames) {
  const auto csr = MakeCsr(folder_ / "own.key", "weather");
  ASSERT_TRUE(csr.ok()) << csr.status();
  EXPECT_EQ(ModeOf(folder_ / "own.key"), 0600u);
  const auto files = SignCsr(ca_, *csr, "weather");
  ASSERT_TRUE(files.ok()) << files.status();
  EXPECT_TRUE(files->key.empty());
  EXPECT_EQ(OpensslTool("openssl verify -CAfile " + files->ca + " " + files->cert).exit_code, 0);
  EXPECT_EQ(PartyFromCertificatePem(Slurp(files->cert))->party, "weather");
  EXPECT_EQ(OpensslTool("openssl x509 -noout -pubkey -in " + files->cert).output,
            OpensslTool("openssl pkey -pubout -in " + (folder_ / "own.key")).output);
  EXPECT_EQ(MakeCsr(folder_ / "own.key", "weather").status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_FALSE(SignCsr(ca_, *csr, "weather2", {.pkcs12_password = "x"}).ok());
}

TEST_F(PkiTest, NamesInARequestAreNotTaken) {
  const Ran made = OpensslTool("openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout " +
                               (folder_ / "k") + " -out " + (folder_ / "csr") +
                               " -subj /CN=command -addext 'subjectAltName=URI:spiffe://county.example/party/command'");
  ASSERT_EQ(made.exit_code, 0) << made.output;
  const auto files = SignCsr(ca_, Slurp(folder_ / "csr"), "weather");
  ASSERT_TRUE(files.ok()) << files.status();
  EXPECT_EQ(Text(files->cert).find("command"), std::string::npos);
}

TEST_F(PkiTest, WeakBrokenAndForeignRequestsAreRefused) {
  const std::string request =
      "openssl req -new -nodes -keyout " + (folder_ / "k") + " -out " + (folder_ / "csr") + " -subj /CN=x ";
  ASSERT_EQ(OpensslTool(request + "-newkey rsa:1024").exit_code, 0);
  EXPECT_EQ(SignCsr(ca_, Slurp(folder_ / "csr"), "weak").status().code(), absl::StatusCode::kInvalidArgument);
  ASSERT_EQ(OpensslTool(request + "-newkey ec -pkeyopt ec_paramgen_curve:P-224").exit_code, 0);
  EXPECT_EQ(SignCsr(ca_, Slurp(folder_ / "csr"), "weak").status().code(), absl::StatusCode::kInvalidArgument);
  ASSERT_EQ(OpensslTool(request + "-newkey ed25519").exit_code, 0);
  EXPECT_TRUE(SignCsr(ca_, Slurp(folder_ / "csr"), "ed25519").ok());

  const auto csr = MakeCsr(folder_ / "own.key", "weather");
  std::string broken = *csr;
  const size_t near_end = broken.rfind("-----END") - 12;
  broken[near_end] = broken[near_end] == 'A' ? 'B' : 'A';
  EXPECT_EQ(SignCsr(ca_, broken, "broken").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(SignCsr(ca_, "text", "broken").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(SignCsr(ca_, std::string(kPemBytesMax + 1, 'x'), "broken").status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(PkiTest, NamesThatCouldSmuggleSomethingInAreRefused) {
  for (const std::string& name : {std::string(), std::string("a,URI:spiffe://county.example/party/command"),
                                  std::string("a b"), std::string("主机"), std::string("*.x"), std::string(300, 'a')}) {
    EXPECT_EQ(Issue(ca_, "agency", {.dns_names = {name}}).status().code(), absl::StatusCode::kInvalidArgument) << name;
  }
  for (const char* address : {"", "1.2.3", "127.0.0.1,DNS:x", "localhost"}) {
    EXPECT_EQ(Issue(ca_, "agency", {.ip_addresses = {address}}).status().code(), absl::StatusCode::kInvalidArgument);
  }
  for (const char* party : {"ca", "A", "x/../y", "../x1"}) {
    EXPECT_EQ(Issue(ca_, party).status().code(), absl::StatusCode::kInvalidArgument) << party;
  }
  EXPECT_EQ(Issue(ca_, "agency", {.days = 0}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(InitCa(folder_ / "x", "a,CA:TRUE").code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(PkiTest, ACaThatIsMissingOpenOrMixedIsRefused) {
  const auto none = Issue(folder_ / "none", "agency");
  EXPECT_EQ(none.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(none.status().message().find("liandong pki init"), std::string::npos) << none.status();
  ASSERT_TRUE(InitCa(folder_ / "other", "county.example").ok());
  Spill(ca_ + "/ca.crt", Slurp(folder_ / "other/ca.crt"));
  EXPECT_EQ(Issue(ca_, "agency").status().code(), absl::StatusCode::kFailedPrecondition);
  ASSERT_EQ(chmod((folder_ / "other/ca.key").c_str(), 0640), 0);
  EXPECT_EQ(Issue(folder_ / "other", "agency").status().code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace liandong::security
