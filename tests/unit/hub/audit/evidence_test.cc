#include "security/audit/evidence.h"

#include "absl/strings/match.h"
#include "liandong/v1/record.pb.h"
#include "tests/unit/hub/audit/audit_testing.h"

namespace liandong::audit {
namespace {

using absl::StrContains;

class EvidenceTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(folder_.StartNotary(1000).ok());
    folder_.Append(7);
    ASSERT_TRUE(folder_.notary()->Stop().ok());
    auto made = MakeEvidence(folder_.data(), 7, folder_.ca_pem(), folder_.now_ms);
    ASSERT_TRUE(made.ok()) << made.status();
    package_ = made->package;
    EXPECT_EQ(made->not_yet, 0u);
  }
  v1::SignedEvidence Signed(const v1::EvidencePackage& package) const {
    auto evidence =
        SignEvidence(package, security::Slurp(folder_.pki("command.key")), security::Slurp(folder_.pki("command.crt")));
    EXPECT_TRUE(evidence.ok()) << evidence.status();
    return *evidence;
  }
  // What the check says of a package that its maker has falsified himself; "" when it passes.
  std::string Wrong(const v1::EvidencePackage& package) const {
    const auto checked = CheckEvidence(Signed(package), folder_.ca_pem());
    if (checked.ok()) return "";
    EXPECT_TRUE(absl::IsDataLoss(checked.status())) << checked.status();
    return std::string(checked.status().message());
  }

  AuditedFolder folder_;
  v1::EvidencePackage package_;
};

TEST_F(EvidenceTest, HoldsTheIncidentsRecordsAndTheAgreementsInForce) {
  const auto checked = CheckEvidence(Signed(package_), folder_.ca_pem());
  ASSERT_TRUE(checked.ok()) << checked.status();
  EXPECT_EQ(checked->maker, "command");
  ASSERT_EQ(checked->records.size(), 7u);
  for (size_t i = 0; i < 7; ++i) EXPECT_EQ(checked->records[i].index(), 2 + 3 * i);
  ASSERT_EQ(checked->site_sets.size(), 1u);
  EXPECT_EQ(checked->site_sets[0].site_set_adopted().site().agreement(0).title(), "防汛合作协议");
  EXPECT_EQ(checked->checkpoint.records(), 21u);
  EXPECT_EQ(checked->package.made_at_ms(), folder_.now_ms);
}

TEST_F(EvidenceTest, EachBitOfAPackageCounts) {
  const v1::SignedEvidence whole = Signed(package_);
  for (size_t at = 0; at < whole.package().size(); at += 11) {
    v1::SignedEvidence changed = whole;
    (*changed.mutable_package())[at] = static_cast<char>(whole.package()[at] ^ 1);
    EXPECT_TRUE(absl::IsDataLoss(CheckEvidence(changed, folder_.ca_pem()).status())) << at;
  }
}

TEST_F(EvidenceTest, AnotherSignatureOrMakerIsFound) {
  v1::SignedEvidence changed = Signed(package_);
  changed.mutable_signature()->back() = static_cast<char>(changed.signature().back() ^ 1);
  EXPECT_TRUE(absl::IsDataLoss(CheckEvidence(changed, folder_.ca_pem()).status()));
  changed = Signed(package_);
  changed.set_certificate_pem(security::Slurp(folder_.pki("hub.crt")));
  EXPECT_TRUE(absl::IsDataLoss(CheckEvidence(changed, folder_.ca_pem()).status()));
  // A forger leaves a record out and signs with a certificate of his own CA.
  AuditedFolder forger;
  v1::EvidencePackage less = package_;
  less.mutable_record()->DeleteSubrange(2, 1);
  const auto forged =
      SignEvidence(less, security::Slurp(forger.pki("command.key")), security::Slurp(forger.pki("command.crt")));
  ASSERT_TRUE(forged.ok());
  const auto checked = CheckEvidence(*forged, folder_.ca_pem());
  EXPECT_TRUE(absl::IsDataLoss(checked.status()));
  EXPECT_TRUE(StrContains(checked.status().message(), "maker")) << checked.status();
}

// Not even its maker can put a false record into it.
TEST_F(EvidenceTest, AChangedRecordHasNoProof) {
  v1::Record record;
  ASSERT_TRUE(record.ParseFromString(package_.record(2).bytes()));
  record.mutable_incident_closed()->set_reason("别的理由");
  v1::EvidencePackage changed = package_;
  changed.mutable_record(2)->set_bytes(record.SerializeAsString());
  EXPECT_TRUE(StrContains(Wrong(changed), "record 8")) << Wrong(changed);
}

TEST_F(EvidenceTest, ARecordAtAnotherPlaceHasNoProof) {
  v1::EvidencePackage changed = package_;
  changed.mutable_record(2)->set_index(9);
  EXPECT_TRUE(StrContains(Wrong(changed), "record 9")) << Wrong(changed);
  changed = package_;
  changed.mutable_record()->SwapElements(2, 3);
  EXPECT_TRUE(StrContains(Wrong(changed), "not in order")) << Wrong(changed);
  changed = package_;
  *changed.add_record() = package_.record(6);
  EXPECT_TRUE(StrContains(Wrong(changed), "not in order")) << Wrong(changed);
}

TEST_F(EvidenceTest, AChangedPathProvesNothing) {
  v1::EvidencePackage changed = package_;
  std::string& step = *changed.mutable_record(0)->mutable_path(1);
  step[5] = static_cast<char>(step[5] ^ 1);
  EXPECT_TRUE(StrContains(Wrong(changed), "record 2")) << Wrong(changed);
  changed = package_;
  changed.mutable_record(0)->mutable_path()->RemoveLast();
  EXPECT_TRUE(StrContains(Wrong(changed), "record 2")) << Wrong(changed);
}

TEST_F(EvidenceTest, AnAddedRecordOfAnotherIncidentIsFound) {
  auto other = MakeEvidence(folder_.data(), 1003, folder_.ca_pem(), folder_.now_ms);
  ASSERT_TRUE(other.ok()) << other.status();
  v1::EvidencePackage changed = package_;
  changed.mutable_record()->Clear();
  *changed.add_record() = package_.record(0);
  *changed.add_record() = other->package.record(0);
  EXPECT_TRUE(StrContains(Wrong(changed), "not about this incident")) << Wrong(changed);
  changed = package_;
  *changed.add_site_set() = package_.record(1);
  EXPECT_TRUE(StrContains(Wrong(changed), "adopts no site set")) << Wrong(changed);
}

TEST_F(EvidenceTest, AChangedCheckpointIsFound) {
  v1::Checkpoint checkpoint;
  ASSERT_TRUE(checkpoint.ParseFromString(package_.checkpoint().body()));
  checkpoint.set_wall_ms(checkpoint.wall_ms() + 1);
  v1::EvidencePackage changed = package_;
  changed.mutable_checkpoint()->set_body(checkpoint.SerializeAsString());
  EXPECT_TRUE(StrContains(Wrong(changed), "checkpoint")) << Wrong(changed);
  changed = package_;
  changed.set_certificate_pem(security::Slurp(folder_.pki("command.crt")));
  EXPECT_TRUE(StrContains(Wrong(changed), "checkpoint")) << Wrong(changed);
}

TEST_F(EvidenceTest, WhoeverChecksBringsHisOwnCa) {
  AuditedFolder other;
  const auto checked = CheckEvidence(Signed(package_), other.ca_pem());
  EXPECT_TRUE(absl::IsDataLoss(checked.status())) << checked.status();
}

TEST_F(EvidenceTest, RecordsThatAreNotSignedYetAreCounted) {
  folder_.Append(2);
  const auto made = MakeEvidence(folder_.data(), 7, folder_.ca_pem(), folder_.now_ms);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->package.record_size(), 7);
  EXPECT_EQ(made->not_yet, 2u);
  EXPECT_TRUE(absl::IsNotFound(MakeEvidence(folder_.data(), 8, folder_.ca_pem(), folder_.now_ms).status()));
}

TEST_F(EvidenceTest, IsNotMadeOfALogThatIsNotWhatWasSigned) {
  folder_.Close();
  Rewrite(folder_.data(), true, [](auto& rows) {
    v1::Batch batch;
    ASSERT_TRUE(batch.ParseFromString(rows[1].bytes));
    batch.mutable_record(1)->mutable_incident_closed()->set_reason("别的理由");
    rows[1].bytes = batch.SerializeAsString();
  });
  EXPECT_TRUE(absl::IsDataLoss(MakeEvidence(folder_.data(), 7, folder_.ca_pem(), folder_.now_ms).status()));
}

}  // namespace
}  // namespace liandong::audit
