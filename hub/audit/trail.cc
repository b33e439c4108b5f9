#include "hub/audit/trail.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <future>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/clock.h"
#include "hub/audit/limits.h"
#include "hub/log/sqlite_log.h"
#include "security/audit/log_file.h"
#include "security/audit/trail_marks.h"
#include "security/chain.h"
#include "security/file.h"

namespace liandong::audit {
namespace {

constexpr int64_t kMinuteMs = 60'000;

struct Waiting {
  int64_t time_ms = 0;
  v1::TrailEntry entry;
  Trail::Done done = nullptr;
};

std::string SegmentOf(int64_t time_ms) {
  return absl::FormatTime("%Y-%m", absl::FromUnixMillis(time_ms), absl::UTCTimeZone());
}

// The first moment after the segment's month; 0 when the name is none.
int64_t EndOf(const std::string& segment) {
  int64_t year = 0, month = 0;
  if (segment.size() != 7 || segment[4] != '-' || !absl::SimpleAtoi(segment.substr(0, 4), &year) ||
      !absl::SimpleAtoi(segment.substr(5), &month) || month < 1 || month > 12) {
    return 0;
  }
  return absl::ToUnixMillis(absl::FromCivil(absl::CivilMonth(year, static_cast<int>(month)) + 1, absl::UTCTimeZone()));
}

// Not in the middle of a character.
void Cut(std::string* text) {
  if (text->size() <= kTrailTextBytes) return;
  size_t end = kTrailTextBytes;
  while (end > 0 && (static_cast<unsigned char>((*text)[end]) & 0xC0) == 0x80) --end;
  text->resize(end);
}

v1::TrailEntry OfHub(const std::string& detail) {
  v1::TrailEntry entry;
  entry.set_kind(v1::TRAIL_HUB);
  entry.set_result("OK");
  entry.set_detail(detail);
  return entry;
}

// Of a whole segment: where it ended.
v1::TrailEntry OfSegment(const char* mark, const std::string& segment, const std::string& link) {
  v1::TrailEntry entry = OfHub(link);
  entry.set_method(mark);
  entry.set_object(SegmentObject(segment));
  return entry;
}

bool Matches(const v1::TrailRequest& ask, const v1::TrailRecord& record) {
  const v1::TrailEntry& entry = record.entry();
  return record.time_ms() >= ask.since_ms() && (ask.until_ms() == 0 || record.time_ms() < ask.until_ms()) &&
         (ask.kind() == v1::TRAIL_KIND_UNSPECIFIED || entry.kind() == ask.kind()) &&
         (ask.account().empty() || entry.account() == ask.account()) &&
         (ask.object().empty() || entry.object() == ask.object());
}

}  // namespace

class Trail::Impl {
 public:
  explicit Impl(TrailOptions options) : options_(std::move(options)) {
    if (options_.days == 0) options_.days = kTrailDays;
    options_.days = std::max(options_.days, kTrailDaysMin);
    if (!options_.now_ms) options_.now_ms = [] { return absl::ToUnixMillis(absl::Now()); };
  }
  ~Impl() {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    work_.notify_all();
    if (thread_.joinable()) thread_.join();
  }

  absl::Status Open() {
    if (auto status = security::MakeFolder(options_.folder, 0700); !status.ok()) return status;
    if (auto status = Roll(SegmentOf(options_.now_ms())); !status.ok()) return status;
    thread_ = std::thread([this] { Loop(); });
    return absl::OkStatus();
  }

  void Note(v1::TrailEntry entry, Done done) {
    const auto texts = {entry.mutable_party(),  entry.mutable_account(), entry.mutable_person(),
                        entry.mutable_via(),    entry.mutable_from(),    entry.mutable_method(),
                        entry.mutable_object(), entry.mutable_result(),  entry.mutable_detail()};
    for (std::string* text : texts) Cut(text);
    const int64_t now = options_.now_ms();
    const absl::Status taken = Take(now, std::move(entry), &done);
    if (done != nullptr) return done(taken);
    work_.notify_one();
  }

  void Flush() {
    std::unique_lock lock(mutex_);
    const uint64_t until = noted_;
    written_changed_.wait(lock, [&] { return written_ >= until || stopping_; });
  }

  absl::StatusOr<v1::TrailReply> Read(const v1::TrailRequest& ask) const {
    const size_t limit = std::clamp<uint32_t>(ask.limit() == 0 ? kTrailLines : ask.limit(), 1, kTrailLinesMax);
    std::deque<v1::TrailLine> lines;  // oldest first
    bool more = false;
    std::vector<std::string> segments = Segments();
    for (auto segment = segments.rbegin(); segment != segments.rend() && !more; ++segment) {
      if (EndOf(*segment) <= ask.since_ms()) break;
      std::deque<v1::TrailLine> here;
      const size_t room = limit - lines.size();
      auto status = ReadSegment(*segment, ask, room, &here, &more);
      if (!status.ok()) return status;
      lines.insert(lines.begin(), std::make_move_iterator(here.begin()), std::make_move_iterator(here.end()));
    }
    v1::TrailReply reply;
    for (v1::TrailLine& line : lines) *reply.add_line() = std::move(line);
    reply.set_more(more);
    return reply;
  }

  uint64_t lost() const { return lost_; }
  v1::TrailEnd End() const {
    std::lock_guard lock(mutex_);
    return end_;
  }

 private:
  // Takes `done` too when the entry is to be written.
  absl::Status Take(int64_t now, v1::TrailEntry entry, Done* done) {
    std::lock_guard lock(mutex_);
    if (entry.result() != "OK" && IsFlood(entry.via(), now)) return absl::OkStatus();
    if (waiting_.size() >= kTrailWaitingMax) {
      ++lost_;
      ++lost_untold_;
      return absl::ResourceExhaustedError("too many entries wait for the trail's disk");
    }
    waiting_.push_back({now, std::move(entry), std::exchange(*done, nullptr)});
    ++noted_;
    return absl::OkStatus();
  }

  // The last `room` that match; `more` when there were others.
  absl::Status ReadSegment(const std::string& segment, const v1::TrailRequest& ask, size_t room,
                           std::deque<v1::TrailLine>* lines, bool* more) const {
    auto file = LogFile::Open(absl::StrCat(options_.folder, "/", segment));
    if (!file.ok()) return file.status();
    Row row;
    while (true) {
      const auto next = (*file)->Next(&row);
      if (!next.ok()) return next.status();
      if (!*next) return absl::OkStatus();
      v1::TrailBatch batch;
      if (!batch.ParseFromString(row.bytes)) {
        return absl::DataLossError(absl::StrCat("trail ", segment, ": record ", row.first_index, " cannot be read"));
      }
      for (v1::TrailRecord& record : *batch.mutable_record()) {
        if (!Matches(ask, record)) continue;
        v1::TrailLine line;
        line.set_segment(segment);
        *line.mutable_record() = std::move(record);
        lines->push_back(std::move(line));
        if (lines->size() > room) {
          lines->pop_front();
          *more = true;
        }
      }
    }
  }

  // Oldest first.
  std::vector<std::string> Segments() const {
    std::vector<std::string> out;
    std::error_code error;
    for (auto it = std::filesystem::directory_iterator(options_.folder, error);
         !error && it != std::filesystem::end(it); it.increment(error)) {
      const std::string name = it->path().filename().string();
      if (EndOf(name) != 0 && std::filesystem::exists(it->path() / "log.db", error)) out.push_back(name);
    }
    std::sort(out.begin(), out.end());
    return out;
  }

  // mutex_ is held. Of a minute that is over: how many refusals were not noted one by one.
  void TellDenied(int64_t now) {
    if (now / kMinuteMs == denied_minute_) return;
    denied_minute_ = now / kMinuteMs;
    for (const auto& [party, count] : denied_) {
      if (count <= kDeniedPerMinute || waiting_.size() >= kTrailWaitingMax) continue;
      v1::TrailEntry entry =
          OfHub(absl::StrCat("另有拒绝未逐条记录 refused besides, not noted one by one: ", count - kDeniedPerMinute));
      entry.set_via(party);
      waiting_.push_back({now, std::move(entry)});
      ++noted_;
    }
    denied_.clear();
  }

  // mutex_ is held. Whether this refusal is one too many of its minute.
  bool IsFlood(const std::string& via, int64_t now) {
    TellDenied(now);
    const bool room = denied_.size() < kDeniedPartiesMax || denied_.count(via) > 0;
    return ++denied_[room ? via : std::string()] > kDeniedPerMinute;
  }

  void Loop() {
    while (true) {
      std::vector<Waiting> taken;
      uint64_t untold = 0;
      bool stopping = false;
      {
        std::unique_lock lock(mutex_);
        work_.wait_for(lock, std::chrono::milliseconds(kMinuteMs), [this] { return stopping_ || !waiting_.empty(); });
        TellDenied(stopping_ ? options_.now_ms() + kMinuteMs : options_.now_ms());
        taken.assign(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(waiting_.end()));
        waiting_.clear();
        untold = std::exchange(lost_untold_, 0);
        stopping = stopping_;
      }
      const uint64_t count = taken.size();
      const int64_t now = options_.now_ms();
      if (untold > 0) {
        taken.push_back({now, OfHub(absl::StrCat("未能记录 could not be noted: ", untold, " entries"))});
      }
      const std::string segment = SegmentOf(now);
      absl::Status status = log_ != nullptr && segment == segment_ ? absl::OkStatus() : Roll(segment);
      if (status.ok() && !taken.empty()) status = Append(taken);
      {
        std::lock_guard lock(mutex_);
        written_ += count;
        if (!status.ok()) {
          lost_ += count;
          lost_untold_ += count + untold;
        }
      }
      written_changed_.notify_all();
      for (const Waiting& one : taken) {
        if (one.done != nullptr) one.done(status);
      }
      if (status.ok()) status = Drop(now);
      if (!status.ok()) {
        log_.reset();  // a failed log stays failed; the next round opens it anew
        if (options_.say) {
          options_.say(absl::StrCat("审计轨迹未能写入 the trail could not be written (", count,
                                    " entries): ", status.message()));
        }
      }
      if (stopping) return;
    }
  }

  // Opens the segment, and says in it how the one before ended.
  absl::Status Roll(const std::string& segment) {
    log_.reset();
    auto opened = log::SqliteLog::Open({.data_dir = absl::StrCat(options_.folder, "/", segment)});
    if (!opened.ok()) return opened.status();
    log_ = *std::move(opened);
    segment_ = segment;
    index_ = log_->last_index();
    NoteEnd();
    if (index_ > 0) return absl::OkStatus();
    std::string before;
    for (const std::string& other : Segments()) {
      if (other < segment) before = other;
    }
    v1::TrailEntry entry = OfSegment(kBeginsAfter, before, before.empty() ? "" : EndLink(before));
    return Append({{options_.now_ms(), std::move(entry)}});
  }

  void NoteEnd() {
    std::lock_guard lock(mutex_);
    end_.set_segment(segment_);
    end_.set_records(index_);
    end_.set_link(log_->last_link());
  }

  std::string EndLink(const std::string& segment) const {
    auto file = LogFile::Open(absl::StrCat(options_.folder, "/", segment));
    Row row;
    while (file.ok()) {
      const auto next = (*file)->Next(&row);
      if (!next.ok() || !*next) break;
    }
    const auto link = security::DecodeLink(row.link);
    return link.ok() ? security::LinkText(*link) : "(unreadable)";
  }

  // The entry comes first: after a crash between the two the segment goes at the next look.
  absl::Status Drop(int64_t now) {
    if (now < next_drop_ms_) return absl::OkStatus();
    next_drop_ms_ = now + kTrailSweepMs;
    for (const std::string& segment : Segments()) {
      if (segment == segment_ || EndOf(segment) + options_.days * 86'400'000 > now) continue;
      if (auto noted = Append({{now, OfSegment(kDropped, segment, EndLink(segment))}}); !noted.ok()) return noted;
      std::error_code error;
      std::filesystem::remove_all(absl::StrCat(options_.folder, "/", segment), error);
      if (error) return absl::ErrnoToStatus(error.value(), absl::StrCat(options_.folder, "/", segment, ": removing"));
    }
    return absl::OkStatus();
  }

  absl::Status Append(const std::vector<Waiting>& entries) {
    v1::TrailBatch batch;
    batch.set_format(1);
    for (const Waiting& one : entries) {
      v1::TrailRecord* record = batch.add_record();
      record->set_index(index_ + static_cast<uint64_t>(batch.record_size()));
      record->set_time_ms(one.time_ms);
      *record->mutable_entry() = one.entry;
    }
    auto done = std::make_shared<std::promise<absl::Status>>();
    log_->Append(index_ + 1, index_ + entries.size(), batch.SerializeAsString(),
                 [done](const absl::Status& status, std::string_view) { done->set_value(status); });
    const absl::Status status = done->get_future().get();
    if (!status.ok()) return status;
    index_ += entries.size();
    NoteEnd();
    return absl::OkStatus();
  }

  TrailOptions options_;
  std::thread thread_;
  mutable std::mutex mutex_;
  std::condition_variable work_, written_changed_;
  std::deque<Waiting> waiting_;             // guarded by mutex_
  std::map<std::string, uint32_t> denied_;  // guarded by mutex_
  int64_t denied_minute_ = 0;               // guarded by mutex_
  uint64_t noted_ = 0, written_ = 0;        // guarded by mutex_
  uint64_t lost_untold_ = 0;                // guarded by mutex_
  v1::TrailEnd end_;                        // guarded by mutex_
  bool stopping_ = false;                   // guarded by mutex_
  std::atomic<uint64_t> lost_ = 0;

  // The thread's own, and Open's before it.
  std::unique_ptr<log::SqliteLog> log_;
  std::string segment_;
  uint64_t index_ = 0;
  int64_t next_drop_ms_ = 0;
};

Trail::Trail(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Trail::~Trail() = default;

absl::StatusOr<std::unique_ptr<Trail>> Trail::Open(TrailOptions options) {
  auto impl = std::make_unique<Impl>(std::move(options));
  if (auto status = impl->Open(); !status.ok()) return status;
  return std::unique_ptr<Trail>(new Trail(std::move(impl)));
}
void Trail::Note(v1::TrailEntry entry, Done done) { impl_->Note(std::move(entry), std::move(done)); }
void Trail::Flush() { impl_->Flush(); }
absl::StatusOr<v1::TrailReply> Trail::Read(const v1::TrailRequest& request) const { return impl_->Read(request); }
v1::TrailEnd Trail::End() const { return impl_->End(); }
uint64_t Trail::lost() const { return impl_->lost(); }

}  // namespace liandong::audit
