#include "hub/history/history.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "hub/history/follower.h"
#include "hub/history/queries.h"
#include "hub/log/records.h"
#include "hub/log/sqlite_pool.h"

namespace liandong::history {
namespace {

constexpr absl::Duration kWaitMax = absl::Hours(24);

}  // namespace

class History::Impl {
 public:
  Impl(const HistoryOptions& options, log::EventLog* log)
      : options_(options),
        log_(log),
        follower_(options, log),
        readers_([path = HistoryPath(options.data_dir)] { return Queries::Open(path); }, kIdleReadersMax) {}
  ~Impl() { Stop().IgnoreError(); }

  absl::Status Start(const FoldFactory& make_fold);
  absl::Status Stop();

  uint64_t index() const { return Locked(index_); }
  uint64_t last_snapshot_index() const { return Locked(last_snapshot_index_); }
  absl::Status status() const { return Locked(status_); }
  bool ready() const {
    std::lock_guard lock(mutex_);
    return index_ >= ready_at_;
  }
  bool WaitForIndex(uint64_t index, absl::Duration timeout);

  // Runs `ask` on a reader, between two looks at whether history.db may answer.
  template <typename Ask>
  auto Query(Ask ask) -> decltype(ask(std::declval<Queries&>()));

  log::EventLog& log() { return *log_; }

 private:
  void Loop();
  void Step();
  void Rebuild(const absl::Status& why);
  void Gather();
  void Pause(std::chrono::milliseconds time);
  void SetStatus(const absl::Status& status);
  bool Interrupted();
  absl::Status NotReady() const;

  template <typename T>
  T Locked(const T& value) const {
    std::lock_guard lock(mutex_);
    return value;
  }

  const HistoryOptions options_;
  log::EventLog* const log_;
  Follower follower_;  // the thread's own once it runs
  log::ReaderPool<Queries> readers_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // All guarded by mutex_.
  uint64_t index_ = 0;
  uint64_t ready_at_ = 0;
  uint64_t rebuilds_ = 0;
  uint64_t last_snapshot_index_ = 0;
  absl::Status status_;
  absl::Status stop_status_;
  absl::Status unreadable_;  // what a query found; OK: nothing
  size_t waiters_ = 0;       // in WaitForIndex
  bool stopping_ = false;
  bool ended_ = false;

  std::mutex join_mutex_;
  std::thread thread_;
};

absl::Status History::Impl::Start(const FoldFactory& make_fold) {
  if (auto status = follower_.Open(make_fold); !status.ok()) return status;
  {
    std::lock_guard lock(mutex_);
    index_ = follower_.index();
    ready_at_ = log_->last_index();
    last_snapshot_index_ = follower_.last_snapshot_index();
  }
  thread_ = std::thread([this] { Loop(); });
  return absl::OkStatus();
}

absl::Status History::Impl::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  std::lock_guard joining(join_mutex_);
  if (thread_.joinable()) thread_.join();
  return Locked(stop_status_);
}

void History::Impl::Loop() {
  while (!Locked(stopping_)) {
    Step();
    const absl::Status now = status();
    if (!now.ok() && !absl::IsUnavailable(now)) break;
  }
  absl::Status last = status();
  if (last.ok()) {
    Step();
    last = follower_.WriteSnapshotNow();
  }
  {
    std::lock_guard lock(mutex_);
    stop_status_ = last.ok() ? status_ : last;
    last_snapshot_index_ = follower_.last_snapshot_index();
    ended_ = true;
  }
  changed_.notify_all();
}

void History::Impl::Step() {
  const absl::Status unreadable = Locked(unreadable_);
  if (!unreadable.ok()) return Rebuild(unreadable);
  if (!Locked(stopping_) && follower_.position() >= log_->last_index() && status().ok()) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(kIdleWaitMs);
    if (!log_->WaitFor(follower_.position(), absl::Milliseconds(kIdleWaitMs))) {
      // A log that has failed does not wait, and must not keep this thread turning.
      const auto left = until - std::chrono::steady_clock::now();
      return Pause(std::chrono::duration_cast<std::chrono::milliseconds>(left));
    }
    Gather();
  }
  const absl::Status status = follower_.CatchUp(
      [this](uint64_t index) {
        {
          std::lock_guard lock(mutex_);
          index_ = index;
          last_snapshot_index_ = follower_.last_snapshot_index();
        }
        changed_.notify_all();
      },
      [this] { return Interrupted(); });
  if (status.ok()) return SetStatus(status);
  if (follower_.tables_failed() && absl::IsDataLoss(status)) return Rebuild(status);
  if (!follower_.tables_failed() && absl::IsDataLoss(status)) return SetStatus(status);
  SetStatus(absl::UnavailableError(absl::StrCat("history stands still and tries again: ", status.message())));
  Pause(std::chrono::milliseconds(kRetryMs));
}

void History::Impl::Rebuild(const absl::Status& why) {
  if (options_.warn) {
    options_.warn(absl::StrCat("history.db is built anew from the log (历史库损坏,正在由日志重建): ", why.message()));
  }
  {
    // Before the file changes, so that no query takes a half-built one for the whole.
    std::lock_guard lock(mutex_);
    ++rebuilds_;
    index_ = 0;
    ready_at_ = log_->last_index();
    unreadable_ = absl::OkStatus();
  }
  const absl::Status begun = follower_.BeginAnew();
  readers_.Renew();
  if (!begun.ok()) {
    SetStatus(absl::UnavailableError(absl::StrCat("history.db cannot be made anew: ", begun.message())));
  }
  // A disk that damages every file must not keep this thread turning.
  Pause(std::chrono::milliseconds(kRetryMs));
}

void History::Impl::Gather() {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::milliseconds(kGatherMs),
                    [this] { return stopping_ || waiters_ > 0 || index_ < ready_at_; });
}

void History::Impl::Pause(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, time, [this] { return stopping_; });
}

void History::Impl::SetStatus(const absl::Status& status) {
  bool news = false;
  {
    std::lock_guard lock(mutex_);
    news = !status.ok() && status != status_;
    status_ = status;
  }
  if (news && options_.warn) options_.warn(std::string(status.message()));
}

// A stop waits for the end of an ordinary catching up, not for that of a rebuild.
bool History::Impl::Interrupted() {
  return Locked(stopping_) && log_->last_index() - follower_.position() > kCatchUpAtStopMax;
}

bool History::Impl::WaitForIndex(uint64_t index, absl::Duration timeout) {
  std::unique_lock lock(mutex_);
  if (index_ >= index) return true;
  ++waiters_;
  changed_.notify_all();
  changed_.wait_for(lock, absl::ToChronoNanoseconds(std::min(timeout, kWaitMax)),
                    [&] { return index_ >= index || ended_; });
  --waiters_;
  return index_ >= index;
}

absl::Status History::Impl::NotReady() const {
  return absl::UnavailableError(absl::StrCat("history is catching up (历史库正在追赶日志): record ", index_, " of ",
                                             ready_at_, "; ask again later"));
}

template <typename Ask>
auto History::Impl::Query(Ask ask) -> decltype(ask(std::declval<Queries&>())) {
  uint64_t rebuilds = 0;
  {
    std::lock_guard lock(mutex_);
    if (index_ < ready_at_) return NotReady();
    rebuilds = rebuilds_;
  }
  auto reader = readers_.Take();
  auto answer = reader.ok() ? ask(**reader) : decltype(ask(std::declval<Queries&>()))(reader.status());
  std::lock_guard lock(mutex_);
  if (rebuilds != rebuilds_) return NotReady();
  if (absl::IsDataLoss(answer.status())) unreadable_ = answer.status();
  return answer;
}

History::History(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
History::~History() = default;

absl::StatusOr<std::unique_ptr<History>> History::Start(const HistoryOptions& options, log::EventLog* log,
                                                        const FoldFactory& make_fold) {
  auto impl = std::make_unique<Impl>(options, log);
  if (auto status = impl->Start(make_fold); !status.ok()) return status;
  return std::unique_ptr<History>(new History(std::move(impl)));
}

absl::Status History::Stop() { return impl_->Stop(); }
uint64_t History::index() const { return impl_->index(); }
bool History::ready() const { return impl_->ready(); }
absl::Status History::status() const { return impl_->status(); }
uint64_t History::last_snapshot_index() const { return impl_->last_snapshot_index(); }
bool History::WaitForIndex(uint64_t index, absl::Duration timeout) { return impl_->WaitForIndex(index, timeout); }

absl::StatusOr<std::optional<v1::ReportState>> History::FindReport(std::string_view party,
                                                                   std::string_view external_id) {
  return impl_->Query([&](Queries& queries) { return queries.FindReport(party, external_id); });
}

absl::StatusOr<uint64_t> History::FindReference(std::string_view party, std::string_view external_id) {
  return impl_->Query([&](Queries& queries) { return queries.FindReference(party, external_id); });
}

absl::StatusOr<std::optional<v1::DeliveryState>> History::FindDelivery(uint64_t delivery_id) {
  return impl_->Query([&](Queries& queries) { return queries.FindDelivery(delivery_id); });
}

absl::StatusOr<std::optional<v1::IncidentState>> History::FindIncident(uint64_t incident_id) {
  return impl_->Query([&](Queries& queries) { return queries.FindIncident(incident_id); });
}

absl::StatusOr<v1::Changes> History::LoadIncident(uint64_t incident_id) {
  return impl_->Query([&](Queries& queries) { return queries.LoadIncident(incident_id); });
}

absl::StatusOr<std::vector<v1::IncidentState>> History::ListIncidents(const IncidentFilter& filter, uint64_t before_id,
                                                                      size_t limit) {
  return impl_->Query([&](Queries& queries) { return queries.ListIncidents(filter, before_id, limit); });
}

absl::Status History::VisitIncidents(v1::Purpose purpose, int64_t from_ms, int64_t until_ms,
                                     const IncidentVisit& visit) {
  return impl_
      ->Query([&](Queries& queries) -> absl::StatusOr<bool> {
        const absl::Status status = queries.VisitIncidents(purpose, from_ms, until_ms, visit);
        if (!status.ok()) return status;
        return true;
      })
      .status();
}

absl::StatusOr<std::vector<v1::Record>> History::RecordsOf(uint64_t incident_id, size_t limit, uint64_t after_index) {
  const auto indexes =
      impl_->Query([&](Queries& queries) { return queries.RecordsOf(incident_id, limit, after_index); });
  if (!indexes.ok()) return indexes.status();
  std::vector<v1::Record> records;
  records.reserve(indexes->size());
  for (const uint64_t index : *indexes) {
    auto record = log::ReadRecord(impl_->log(), index);
    if (!record.ok()) return record.status();
    records.push_back(*std::move(record));
  }
  return records;
}

}  // namespace liandong::history
