#include "hub/audit/notary.h"

#include "absl/strings/match.h"
#include "liandong/v1/record.pb.h"
#include "security/audit/checkpoints.h"
#include "security/audit/merkle.h"
#include "security/pki.h"
#include "tests/unit/hub/audit/audit_testing.h"

namespace liandong::audit {
namespace {

std::vector<v1::Checkpoint> Checkpoints(const AuditedFolder& folder) {
  const auto file = ReadCheckpointFile(folder.data());
  EXPECT_TRUE(file.ok()) << file.status();
  std::vector<v1::Checkpoint> out;
  for (const auto& entry : file->entries) out.emplace_back().ParseFromString(entry.signed_checkpoint().body());
  return out;
}

TEST(NotaryTest, SignsEverySoManyRecords) {
  AuditedFolder folder;
  ASSERT_TRUE(folder.StartNotary(6).ok());
  folder.Append(2);
  ASSERT_TRUE(Eventually([&] { return folder.notary()->covered() == 6; }));
  folder.Append(1);
  folder.Close();
  const auto checkpoints = Checkpoints(folder);
  ASSERT_EQ(checkpoints.size(), 2u);
  EXPECT_EQ(checkpoints[0].records(), 6u);
  EXPECT_EQ(checkpoints[1].records(), 9u) << "the rest at the end";
  // The root is that of the stored bytes.
  std::string leaves;
  for (const Stored& row : Rows(folder.data())) {
    v1::Batch batch;
    ASSERT_TRUE(batch.ParseFromString(row.bytes));
    for (const auto& record : batch.record()) {
      leaves += LeafHash(security::Suite::kInternational, record.SerializeAsString());
    }
  }
  EXPECT_EQ(checkpoints[1].root(), Tree(security::Suite::kInternational, leaves).Root());
}

TEST(NotaryTest, SignsEverySoManyMinutesWhenSomethingIsNew) {
  AuditedFolder folder;
  ASSERT_TRUE(folder.StartNotary(1'000'000).ok());
  folder.Append(1);
  folder.now_ms += 4 * 60'000;
  folder.Append(1);
  EXPECT_EQ(folder.notary()->checkpoints(), 0u);
  // The notary may have read the first batch only when its time comes.
  ASSERT_TRUE(Eventually([&] {
    folder.now_ms += 5 * 60'000;
    return folder.notary()->covered() == 6;
  }));
  const uint64_t checkpoints = folder.notary()->checkpoints();
  folder.now_ms += 5 * 60'000;
  folder.Close();
  EXPECT_EQ(Checkpoints(folder).size(), checkpoints) << "nothing is new";
}

TEST(NotaryTest, SignsTheTrailsEnd) {
  AuditedFolder folder;
  v1::TrailEnd end;
  end.set_segment("2026-11");
  end.set_records(4);
  end.set_link(std::string(33, 'x'));
  folder.trail_end = [&] { return end; };
  ASSERT_TRUE(folder.StartNotary(6).ok());
  folder.Close();
  const auto checkpoints = Checkpoints(folder);
  ASSERT_EQ(checkpoints.size(), 1u) << "a trail alone is worth one";
  EXPECT_EQ(checkpoints[0].trail().SerializeAsString(), end.SerializeAsString());
}

TEST(NotaryTest, GoesOnAfterARestart) {
  AuditedFolder folder;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(folder.StartNotary(1000).ok());
    folder.Append(2);
    ASSERT_TRUE(folder.notary()->Stop().ok());
  }
  const auto checkpoints = Checkpoints(folder);
  ASSERT_EQ(checkpoints.size(), 3u);
  EXPECT_EQ(checkpoints[2].records(), 18u);
  EXPECT_EQ(checkpoints[2].number(), 3u);
  folder.Close();
  EXPECT_TRUE(folder.Verify().ok()) << folder.Verify().status();
}

TEST(NotaryTest, DoesNotSignALogThatIsNotWhatItSignedBefore) {
  AuditedFolder folder;
  ASSERT_TRUE(folder.StartNotary(6).ok());
  folder.Append(4);
  folder.Close();
  Rewrite(folder.data(), true, [](auto& rows) {
    v1::Batch batch;
    ASSERT_TRUE(batch.ParseFromString(rows[1].bytes));
    batch.mutable_record(1)->mutable_incident_closed()->set_reason("别的理由");
    rows[1].bytes = batch.SerializeAsString();
  });
  auto log = log::SqliteLog::Open({.data_dir = folder.data()});
  ASSERT_TRUE(log.ok());
  const auto started = Notary::Start(folder.options(6), log->get());
  EXPECT_TRUE(absl::IsDataLoss(started.status())) << started.status();
}

TEST(NotaryTest, WarnsWhenTheCheckpointsOfALongLogAreGone) {
  AuditedFolder folder;
  folder.Append(4);
  auto options = folder.options(6);
  std::string said;
  options.say = [&](const std::string& line) { said += line; };
  auto started = Notary::Start(std::move(options), folder.log());
  ASSERT_TRUE(started.ok()) << started.status();
  EXPECT_TRUE(absl::StrContains(said, "is missing beside a log of 12 records")) << said;
}

TEST(NotaryTest, SignsWithARenewedCertificateFromThenOn) {
  AuditedFolder folder;
  ASSERT_TRUE(folder.StartNotary(6).ok());
  folder.Append(2);
  ASSERT_TRUE(Eventually([&] { return folder.notary()->covered() == 6; }));
  security::IssueOptions again;
  again.replace = true;
  ASSERT_TRUE(security::Issue(folder.pki(""), "hub", again).ok());
  folder.Append(2);
  ASSERT_TRUE(Eventually([&] { return folder.notary()->covered() == 12; }));
  folder.Close();
  const auto verified = folder.Verify();
  ASSERT_TRUE(verified.ok()) << verified.status();
  EXPECT_EQ(verified->signers.size(), 2u);
}

TEST(NotaryTest, DoesNotStartWithAKeyThatCannotSignOrIsOpenToOthers) {
  AuditedFolder folder;
  auto options = folder.options(6);
  options.certificate = folder.pki("command.crt");
  EXPECT_TRUE(absl::IsInvalidArgument(Notary::Start(std::move(options), folder.log()).status()));
  ASSERT_EQ(chmod(folder.pki("hub.key").c_str(), 0644), 0);
  EXPECT_TRUE(absl::IsFailedPrecondition(folder.StartNotary(6)));
}

}  // namespace
}  // namespace liandong::audit
