#include "hub/audit/notary.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "hub/audit/limits.h"
#include "security/audit/checkpoints.h"
#include "security/audit/log_file.h"
#include "security/audit/merkle.h"
#include "security/chain.h"
#include "security/file.h"
#include "security/identity.h"
#include "security/limits.h"

namespace liandong::audit {
namespace {

constexpr security::Suite kSuite = security::Suite::kInternational;  // the log's own

}  // namespace

class Notary::Impl {
 public:
  Impl(NotaryOptions options, log::EventLog* log) : options_(std::move(options)), log_(log) {
    if (options_.every_records == 0) options_.every_records = kCheckpointEveryRecords;
    if (options_.every_minutes == 0) options_.every_minutes = kCheckpointEveryMinutes;
    if (!options_.now_ms) options_.now_ms = [] { return absl::ToUnixMillis(absl::Now()); };
  }
  ~Impl() { Stop().IgnoreError(); }

  absl::Status Start() {
    if (auto status = Resume(); !status.ok()) return status;
    // A key that cannot sign shows now, not at the first checkpoint.
    auto trial = LoadAndSign(v1::Checkpoint());
    if (!trial.ok()) return trial.status();
    thread_ = std::thread([this] { Loop(); });
    return absl::OkStatus();
  }

  absl::Status Stop() {
    {
      std::lock_guard lock(mutex_);
      if (stopping_) return absl::OkStatus();
      stopping_ = true;
    }
    wake_.notify_all();
    if (!thread_.joinable()) return absl::OkStatus();
    thread_.join();
    absl::Status status = CatchUp(true);
    if (status.ok() && (HasNews() || HasNewSnapshot())) status = Checkpoint();
    return status;
  }

  uint64_t checkpoints() const { return number_; }
  uint64_t covered() const { return covered_; }

 private:
  void Say(const std::string& line) const {
    if (options_.say) options_.say(line);
  }

  // Where the last checkpoint left off.
  absl::Status Resume() {
    auto file = ReadCheckpointFile(options_.data_dir);
    if (!file.ok()) return file.status();
    at_ = file->bytes;
    last_ms_ = options_.now_ms();
    if (file->entries.empty()) {
      if (log_->last_index() > options_.every_records) {
        Say(absl::StrCat("警告:日志已有 ", log_->last_index(),
                         " 条记录,却没有检查点文件;如非首次启用,请查明原因 warning: ",
                         CheckpointsPath(options_.data_dir), " is missing beside a log of ", log_->last_index(),
                         " records; if the hub had signed checkpoints before, somebody has removed them"));
      }
      return absl::OkStatus();
    }
    std::string certificate;
    for (const auto& entry : file->entries) known_.insert(entry.signed_checkpoint().certificate());
    const v1::CheckpointEntry& last = file->entries.back();
    for (const auto& entry : file->entries) {
      if (entry.signed_checkpoint().certificate() == last.signed_checkpoint().certificate() &&
          !entry.certificate_pem().empty()) {
        certificate = entry.certificate_pem();
      }
    }
    const std::string path = CheckpointsPath(options_.data_dir);
    const auto checkpoint = Open(last.signed_checkpoint(), certificate, "");
    if (!checkpoint.ok()) return absl::DataLossError(absl::StrCat(path, ": ", checkpoint.status().message()));
    auto tree = Frontier::From(kSuite, checkpoint->records(), {last.frontier().begin(), last.frontier().end()});
    if (!tree.ok() || tree->Root() != checkpoint->root()) {
      return absl::DataLossError(absl::StrCat(path, ": the last checkpoint's subtrees are not its root's"));
    }
    tree_ = *std::move(tree);
    link_ = checkpoint->records() == 0 ? "" : checkpoint->link();
    number_ = checkpoint->number();
    covered_ = checkpoint->records();
    previous_ = security::Hash(kSuite, last.signed_checkpoint().body());
    for (const auto& snapshot : checkpoint->snapshot()) snapshot_ = std::max(snapshot_, snapshot.index());
    trail_ = checkpoint->trail();
    const absl::Status rests =
        log_->Read(covered_, link_, [](const log::CommittedBatch&) { return absl::CancelledError("checked"); });
    if (rests.ok() || absl::IsCancelled(rests)) return absl::OkStatus();
    return absl::Status(rests.code(), absl::StrCat(path, ": 日志与已签署的检查点不符 the log is not what checkpoint ",
                                                   number_.load(), " signed: ", rests.message()));
  }

  void Loop() {
    while (true) {
      absl::Status status;
      if (log_->WaitFor(tree_.size(), absl::Milliseconds(kNotaryWaitMs))) status = CatchUp(false);
      if (status.ok() && HasNews() && options_.now_ms() - last_ms_ >= options_.every_minutes * 60'000) {
        status = Checkpoint();
      }
      if (!status.ok())
        Say(absl::StrCat("检查点未签成,稍后重试 no checkpoint was made, it is tried again: ", status.message()));
      std::unique_lock lock(mutex_);
      const int64_t pause = status.ok() ? kNotaryWaitMs : kNotaryRetryMs;
      if (wake_.wait_for(lock, std::chrono::milliseconds(pause), [this] { return stopping_; })) return;
    }
  }

  absl::Status CatchUp(bool to_the_end) {
    const absl::Status status = log_->Read(tree_.size(), link_, [&](const log::CommittedBatch& batch) -> absl::Status {
      const auto records = SplitBatch(batch.bytes);
      if (!records.ok()) return records.status();
      for (const RecordBytes& record : *records) tree_.Add(LeafHash(kSuite, record.bytes));
      link_ = batch.link;
      if (tree_.size() - covered_ >= options_.every_records) {
        if (auto made = Checkpoint(); !made.ok()) return made;
      }
      std::lock_guard lock(mutex_);
      return stopping_ && !to_the_end ? absl::CancelledError("stopping") : absl::OkStatus();
    });
    return absl::IsCancelled(status) ? absl::OkStatus() : status;
  }

  v1::TrailEnd TrailEnd() const { return options_.trail_end ? options_.trail_end() : v1::TrailEnd(); }
  bool HasNews() const { return tree_.size() > covered_ || TrailEnd().link() != trail_.link(); }

  bool HasNewSnapshot() const {
    const auto files = ListSnapshots(options_.data_dir, false);
    return files.ok() && !files->empty() && files->back().index > snapshot_ && files->back().index <= tree_.size();
  }

  struct SignedWith {
    v1::SignedCheckpoint signed_checkpoint;
    std::string certificate_pem;
  };
  absl::StatusOr<SignedWith> LoadAndSign(const v1::Checkpoint& checkpoint) const {
    if (auto status = security::CheckPrivateFile(options_.key); !status.ok()) return status;
    auto key = security::ReadFileBounded(options_.key, security::kPemBytesMax);
    if (!key.ok()) return key.status();
    SignedWith out;
    auto certificate = security::ReadFileBounded(options_.certificate, security::kPemBytesMax);
    if (!certificate.ok()) return certificate.status();
    auto made = Sign(checkpoint, *key, *certificate);
    security::Wipe(*key);
    if (!made.ok()) {
      return absl::Status(made.status().code(),
                          absl::StrCat(options_.key, ", ", options_.certificate, ": ", made.status().message()));
    }
    out.signed_checkpoint = *std::move(made);
    out.certificate_pem = *std::move(certificate);
    return out;
  }

  absl::Status Checkpoint() {
    v1::Checkpoint checkpoint;
    checkpoint.set_format(1);
    checkpoint.set_suite(static_cast<uint32_t>(kSuite));
    checkpoint.set_number(number_ + 1);
    checkpoint.set_records(tree_.size());
    checkpoint.set_root(tree_.Root());
    checkpoint.set_link(link_.empty() ? security::EncodeLink(security::GenesisLink(kSuite)) : link_);
    checkpoint.set_wall_ms(options_.now_ms());
    checkpoint.set_previous(previous_);
    if (v1::TrailEnd end = TrailEnd(); !end.link().empty()) *checkpoint.mutable_trail() = std::move(end);
    const auto files = ListSnapshots(options_.data_dir, false);
    if (!files.ok()) return files.status();
    for (const SnapshotFile& file : *files) {
      if (file.index > tree_.size()) continue;  // of the next one
      auto* snapshot = checkpoint.add_snapshot();
      snapshot->set_index(file.index);
      snapshot->set_suite(file.suite);
      snapshot->set_hash(file.hash);
    }
    auto made = LoadAndSign(checkpoint);
    if (!made.ok()) return made.status();
    v1::CheckpointEntry entry;
    const bool is_known = known_.count(made->signed_checkpoint.certificate()) > 0;
    if (!is_known) entry.set_certificate_pem(std::move(made->certificate_pem));
    *entry.mutable_signed_checkpoint() = std::move(made->signed_checkpoint);
    for (const std::string& root : tree_.roots()) entry.add_frontier(root);
    if (auto status = AppendCheckpoint(options_.data_dir, entry, &at_); !status.ok()) return status;
    known_.insert(entry.signed_checkpoint().certificate());
    previous_ = security::Hash(kSuite, entry.signed_checkpoint().body());
    if (checkpoint.snapshot_size() > 0) snapshot_ = checkpoint.snapshot().rbegin()->index();
    trail_ = checkpoint.trail();
    covered_ = checkpoint.records();
    ++number_;
    last_ms_ = options_.now_ms();
    return absl::OkStatus();
  }

  NotaryOptions options_;
  log::EventLog* const log_;
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;  // guarded by mutex_

  // The thread's own; Stop's after it has ended.
  Frontier tree_{kSuite};
  std::string link_, previous_;
  std::set<std::string> known_;  // certificates that stand in the file
  uint64_t at_ = 0;
  uint64_t snapshot_ = 0;  // newest that was signed
  v1::TrailEnd trail_;     // as it was signed last
  int64_t last_ms_ = 0;
  std::atomic<uint64_t> number_ = 0, covered_ = 0;
};

Notary::Notary(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Notary::~Notary() = default;

absl::StatusOr<std::unique_ptr<Notary>> Notary::Start(NotaryOptions options, log::EventLog* log) {
  auto impl = std::make_unique<Impl>(std::move(options), log);
  if (auto status = impl->Start(); !status.ok()) return status;
  return std::unique_ptr<Notary>(new Notary(std::move(impl)));
}
absl::Status Notary::Stop() { return impl_->Stop(); }
uint64_t Notary::checkpoints() const { return impl_->checkpoints(); }
uint64_t Notary::covered() const { return impl_->covered(); }

}  // namespace liandong::audit
