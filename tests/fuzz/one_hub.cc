#include "tests/fuzz/one_hub.h"

#include <stdlib.h>

#include <filesystem>
#include <utility>

#include "hub/log/records.h"
#include "hub/requests.h"
#include "security/key_provider.h"
#include "security/vault.h"
#include "tests/fuzz/target.h"

namespace liandong::fuzz {
namespace {

// Keys are made on disk, so one key store serves many inputs; a new one before it grows large.
class KeyStore {
 public:
  ~KeyStore() {
    vault_.reset();
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }
  security::Vault* Next() {
    constexpr int kInputsMax = 5000;
    if (vault_ == nullptr || ++inputs_ > kInputsMax) Renew();
    return vault_.get();
  }

 private:
  void Renew() {
    vault_.reset();
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
    folder_ = (std::filesystem::temp_directory_path() / "liandong-fuzz-XXXXXX").string();
    Expect(mkdtemp(folder_.data()) != nullptr, "a folder for keys");
    auto provider = security::FileKeyProvider::Open(folder_ + "/master.key", security::Suite::kInternational);
    Expect(provider.ok(), "a master key");
    auto vault = security::Vault::Open(folder_ + "/keys.db", *std::move(provider), 1);
    Expect(vault.ok(), "a key store");
    vault_ = *std::move(vault);
    inputs_ = 0;
  }
  std::string folder_;
  std::unique_ptr<security::Vault> vault_;
  int inputs_ = 0;
};

v1::Actor Command() {
  v1::Actor actor;
  actor.set_party("command");
  return actor;
}

}  // namespace

void MemoryLog::Append(uint64_t first, uint64_t last, std::string bytes, Done done) {
  {
    const std::lock_guard lock(mutex_);
    batches_.push_back({first, last, std::move(bytes), "link"});
  }
  done(absl::OkStatus(), "link");
}

absl::Status MemoryLog::Read(uint64_t, std::string_view, const Visit& visit) {
  const std::lock_guard lock(mutex_);
  for (const log::CommittedBatch& batch : batches_) {
    if (absl::Status status = visit(batch); !status.ok()) return status;
  }
  return absl::OkStatus();
}

uint64_t MemoryLog::last_index() const {
  const std::lock_guard lock(mutex_);
  return batches_.empty() ? 0 : batches_.back().last_index;
}

OneHub::OneHub(const v1::SiteSet& site) {
  static KeyStore keys;
  sealer_ = std::make_unique<hub::Sealer>(keys.Next());
  hub::SequencerOptions options;
  options.on_fatal = [](const absl::Status& status) { Expect(false, status.ToString()); };
  sequencer_ = std::make_unique<hub::Sequencer>(core::State(0),
                                                hub::SequencerParts{&log_, nullptr, sealer_.get(), &clock_}, options);
  bool adopted = false;
  Do(hub::AdoptWork(Command(), site, [&](const auto& reply) { adopted = reply.ok(); }));
  Expect(adopted, "the site set is adopted");
}

OneHub::~OneHub() = default;

void OneHub::Do(hub::Work work) {
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false;
  const absl::Status taken = sequencer_->Submit(hub::Priority::kAct, [&, work = std::move(work)](hub::Turn& turn) {
    work(turn);
    turn.Release([&] {
      const std::lock_guard lock(mutex);
      done = true;
      changed.notify_all();
    });
  });
  Expect(taken.ok(), "work is taken: " + taken.ToString());
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return done; });
}

void OneHub::StopAndFold() {
  std::string live;
  Do([&](hub::Turn& turn) {
    const absl::Status invariants = turn.state().Check();
    Expect(invariants.ok(), "the invariants hold: " + invariants.ToString());
  });
  sequencer_->Stop();
  core::State folded;
  const absl::Status status = log::ForEachRecord(log_, 0, "", [&](const v1::Record& record) {
    folded.Apply(record);
    return absl::OkStatus();
  });
  Expect(status.ok(), "the log can be read: " + status.ToString());
  const absl::Status invariants = folded.Check();
  Expect(invariants.ok(), "the invariants hold of the folded log: " + invariants.ToString());
  const absl::StatusOr<core::State> restored = core::State::FromSnapshot(folded.ToSnapshot());
  Expect(restored.ok() && restored->CanonicalBytes() == folded.CanonicalBytes(), "a snapshot gives the same State");
}

}  // namespace liandong::fuzz
