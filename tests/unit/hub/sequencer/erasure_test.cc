// Save before act: a key is destroyed when the record that says so is durable, before the answer, and again at a start.
#include <atomic>

#include "gtest/gtest.h"
#include "hub/core/errors.h"
#include "hub/shredder.h"
#include "tests/unit/hub/sequencer/rig.h"

namespace liandong::hub {
namespace {

constexpr int64_t kDayMs = 24LL * 3600 * 1000;

// Moves when it is told to.
class HandClock : public Clock {
 public:
  int64_t WallMs() const override { return 1'783'900'800'000 + ms_; }
  int64_t MonotonicMs() const override { return ms_; }
  void Pass(int64_t ms) { ms_ += ms; }

 private:
  std::atomic<int64_t> ms_ = 0;
};

class ErasureTest : public testing::Test {
 protected:
  ErasureTest()
      : folder_(std::filesystem::temp_directory_path() /
                ("liandong-erasure-" + std::to_string(::getpid()) + "-" + std::to_string(next_++))) {
    std::filesystem::create_directories(folder_);
    OpenVault(1);
    sealer_ = std::make_unique<Sealer>(vault_.get());
    SequencerOptions options;
    options.by_hand = true;
    SequencerParts parts{&log_, nullptr, sealer_.get(), &clock_};
    parts.shredder = shredder_.get();
    sequencer_ = std::make_unique<Sequencer>(core::State(0), parts, options);
    auto site = routing::LoadSiteDir("deploy/county/site");
    v1::RetentionRule* rule = site->site.mutable_settings()->add_retention();
    rule->set_id("all");
    rule->set_days(30);
    rule->set_basis("突发事件应对法第八十五条");
    Submit(AdoptWork(Rig::Who("command"), site->site, adopted_.Next()));
    Submit(ReportWork(Rig::Who("fire-119"), Rig::Illness("r1"), receipts_.Next()));
    v1::CloseRequest close;
    close.set_incident_id(1);
    close.set_reason("已处置");
    Submit(CloseWork(Rig::Who("command"), close, true, false, acts_.Next()));
    Turnover();
    EXPECT_TRUE(acts_.Wait(1).ok()) << acts_.Wait(1).status();
  }
  ~ErasureTest() override {
    sequencer_.reset();
    shredder_.reset();
    vault_.reset();
    std::filesystem::remove_all(folder_);
  }

  void OpenVault(uint64_t first_unused) {
    vault_.reset();
    auto provider = security::FileKeyProvider::Open(folder_ / "master.key", security::Suite::kInternational);
    auto vault = security::Vault::Open(folder_ / "keys.db", *std::move(provider), first_unused);
    ASSERT_TRUE(vault.ok()) << vault.status();
    vault_ = *std::move(vault);
    shredder_ = std::make_unique<Shredder>(vault_.get());
  }
  void Submit(Work work) { ASSERT_TRUE(sequencer_->Submit(Priority::kAct, std::move(work)).ok()); }
  void Turnover() {
    sequencer_->RunOnce();
    sequencer_->ReleaseReady();
  }
  bool KeyThere(uint64_t id = 1) const { return vault_->Key(id).ok(); }

  inline static std::atomic<int> next_ = 0;
  const std::filesystem::path folder_;
  HandClock clock_;
  HeldLog log_;
  std::unique_ptr<security::Vault> vault_;
  std::unique_ptr<Shredder> shredder_;
  std::unique_ptr<Sealer> sealer_;
  std::unique_ptr<Sequencer> sequencer_;
  Answers<v1::AdoptSiteSetReply> adopted_;
  Answers<v1::Receipt> receipts_;
  Answers<v1::ActionReply> acts_;
};

v1::EraseIncidentRequest Request(uint64_t id) {
  v1::EraseIncidentRequest request;
  request.set_incident_id(id);
  request.set_reason("当事人申请");
  return request;
}

TEST_F(ErasureTest, TheKeyGoesWhenTheRecordIsDurableAndBeforeTheAnswer) {
  ASSERT_TRUE(KeyThere());
  log_.Hold();
  bool there_at_the_answer = true;
  Submit(EraseWork(Rig::Who("command"), Request(1), [&](absl::StatusOr<v1::ActionReply> answer) {
    EXPECT_TRUE(answer.ok()) << answer.status();
    there_at_the_answer = KeyThere();
  }));
  Turnover();
  EXPECT_TRUE(KeyThere()) << "the record is not durable: a crash now leaves an incident that was never erased";
  EXPECT_TRUE(there_at_the_answer);
  log_.Sync();
  sequencer_->ReleaseReady();
  EXPECT_FALSE(KeyThere());
  EXPECT_FALSE(there_at_the_answer);
  EXPECT_TRUE(absl::IsFailedPrecondition(vault_->Key(1).status()));
}

TEST_F(ErasureTest, TimeErasesToo) {
  clock_.Pass(29 * kDayMs);
  Turnover();
  EXPECT_TRUE(KeyThere());
  clock_.Pass(kDayMs + 1000);
  Turnover();
  EXPECT_FALSE(KeyThere());
}

TEST_F(ErasureTest, ALateRetryOfAnErasedReportIsRefused) {
  Submit(EraseWork(Rig::Who("command"), Request(1), acts_.Next()));
  Turnover();
  ASSERT_TRUE(acts_.Wait(2).ok()) << acts_.Wait(2).status();
  Submit(ReportWork(Rig::Who("fire-119"), Rig::Illness("r1"), receipts_.Next()));
  Turnover();
  EXPECT_EQ(core::DetailOf(receipts_.Wait(2).status()).reason(), "ERASED");
  // In the moment between the record and the destruction the answer is the same.
  Submit(ReportWork(Rig::Who("fire-119"), Rig::Illness("r2"), receipts_.Next()));
  Turnover();
  v1::CloseRequest close;
  close.set_incident_id(2);
  close.set_reason("已处置");
  Submit(CloseWork(Rig::Who("command"), close, true, false, acts_.Next()));
  Submit(EraseWork(Rig::Who("command"), Request(2), acts_.Next()));
  Submit(ReportWork(Rig::Who("fire-119"), Rig::Illness("r2"), receipts_.Next()));
  Turnover();
  ASSERT_TRUE(acts_.Wait(4).ok()) << acts_.Wait(4).status();
  EXPECT_EQ(core::DetailOf(receipts_.Wait(4).status()).reason(), "ERASED");
}

// The process ends between record and destruction; or an older copy of the key store is put back.
TEST_F(ErasureTest, AStartDestroysAgainWhatARecordSaysIsDestroyed) {
  core::KeyRanges erased;
  erased.AddRange(1, 1);
  sequencer_.reset();
  sealer_.reset();
  OpenVault(2);
  ASSERT_TRUE(KeyThere());
  const uint64_t other = vault_->TakeFreshKey().value();
  ASSERT_TRUE(shredder_->DestroyAgain(erased).ok());
  EXPECT_FALSE(KeyThere());
  EXPECT_TRUE(KeyThere(other));
  EXPECT_EQ(shredder_->waiting(), 0u);
  EXPECT_TRUE(shredder_->DestroyAgain(erased).ok()) << "again is the same";
}

// A lost key store, accepted by its operator, lacks keys: that must not save the others.
TEST_F(ErasureTest, AKeyThatIsNotThereDoesNotSaveTheOthers) {
  shredder_->Destroy({1, 999'999});
  EXPECT_FALSE(KeyThere());
  EXPECT_EQ(shredder_->waiting(), 0u);
}

}  // namespace
}  // namespace liandong::hub
