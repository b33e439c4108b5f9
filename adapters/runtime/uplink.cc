#include "adapters/runtime/uplink.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "adapters/client/error.h"
#include "adapters/limits.h"
#include "adapters/log/log.h"
#include "adapters/runtime/link.h"

namespace liandong::adapters {
namespace {

// For the operator: the hub's token and its Chinese words; the hub never repeats what a report says.
std::string Why(const absl::Status& status) {
  const auto detail = DetailOf(status);
  if (!detail.has_value()) return status.ToString();
  return absl::StrCat(detail->reason(), ": ", detail->message_zh(), " (", std::string(status.message()), ")",
                      detail->field().empty() ? "" : " ", detail->field());
}

// A step that crossed the end of its duty: nobody needs it any more. What brings counts or words is kept for a person.
bool IsMoot(const SpooledRecord& record, const absl::Status& status) {
  v1::Acknowledgment ack;
  return record.kind == InboundKind::kAcknowledgment && ErrorReasonOf(status) == "DUTY_ENDED" &&
         ack.ParseFromString(record.body) && !ack.has_counts() && ack.note().empty() && ack.reason().empty();
}

}  // namespace

// What became of the records that were sent together.
class Uplink::Round {
 public:
  void Sent() {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++waiting_;
  }
  void Answered(const SpooledRecord& record, const absl::Status& status, const KnownReport* known = nullptr) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (status.ok()) {
      done_.push_back(record.seq);
      if (known != nullptr) known_.push_back(*known);
    } else if (absl::IsCancelled(status) || WorthRetrying(status)) {
      again_ = true;
      why_ = status;
    } else {
      refused_.emplace_back(&record, status);
    }
  }
  void Finished() {
    const std::lock_guard<std::mutex> lock(mutex_);
    --waiting_;
    changed_.notify_all();
  }
  void Wait() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return waiting_ == 0; });
  }
  void Again(const absl::Status& why) {
    const std::lock_guard<std::mutex> lock(mutex_);
    again_ = true;
    why_ = why;
  }

  // After Wait.
  bool again() const { return again_; }
  const absl::Status& why() const { return why_; }
  const std::vector<uint64_t>& done() const { return done_; }
  const std::vector<KnownReport>& known() const { return known_; }
  const std::vector<std::pair<const SpooledRecord*, absl::Status>>& refused() const { return refused_; }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int waiting_ = 0;
  bool again_ = false;
  absl::Status why_;
  std::vector<uint64_t> done_;
  std::vector<KnownReport> known_;
  std::vector<std::pair<const SpooledRecord*, absl::Status>> refused_;
};

Uplink::Uplink(std::shared_ptr<HubClient> client, LinkSession* session, Spool* spool)
    : client_(std::move(client)), session_(session), spool_(spool) {
  for (const SpoolLane lane : kSpoolLanes) {
    const size_t i = static_cast<size_t>(lane) - 1;
    pipes_[i] = std::make_unique<ReportPipe>(client_);
    threads_[i] = std::thread([this, lane] { Loop(lane); });
  }
}

Uplink::~Uplink() { Stop(); }

void Uplink::Stop() {
  stopping_ = true;
  for (auto& pipe : pipes_) pipe->Stop();
  spool_->Wake();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void Uplink::Loop(SpoolLane lane) {
  ReportPipe* const pipe = pipes_[static_cast<size_t>(lane) - 1].get();
  int64_t backoff_ms = kUplinkBackoffMsMin;
  while (!stopping_) {
    const uint64_t version = spool_->Version();
    auto records = spool_->Peek(lane, kUplinkBatchMax);
    if (!records.ok())
      LogAlarm(absl::StrCat("暂存库无法读取 (the spool cannot be read): ", records.status().ToString()));
    if (!records.ok() || records->empty()) {
      spool_->WaitPast(version, absl::Milliseconds(kHousekeepingMs));
      continue;
    }
    if (Send(*records, pipe) || stopping_) {
      backoff_ms = kUplinkBackoffMsMin;
      continue;
    }
    // Not woken by new records: they wait behind these.
    spool_->Pause(absl::Milliseconds(backoff_ms), stopping_);
    backoff_ms = std::min(backoff_ms * 2, kUplinkBackoffMsMax);
  }
}

bool Uplink::Send(const std::vector<SpooledRecord>& records, ReportPipe* pipe) {
  if (records.front().kind == InboundKind::kTransfer || records.front().kind == InboundKind::kClose) {
    return SendAction(records.front());
  }
  // Shared with the answers, the last of which may still be at work when Wait returns.
  const auto round = std::make_shared<Round>();
  std::set<std::string> under_way;
  for (size_t i = 0; i < records.size();) {
    const SpooledRecord& record = records[i];
    if (record.kind == InboundKind::kReport) {
      v1::Report report;
      if (!report.ParseFromString(record.body)) {
        round->Answered(record, absl::DataLossError("BAD_RECORD: 记录无法解析 (the record cannot be read)"));
        ++i;
        continue;
      }
      if (!under_way.insert(report.external_id()).second) break;
      KnownReport known{record.link, report.external_id(), 0};
      round->Sent();
      const absl::Status taken = pipe->Send(
          std::move(report),
          [round, &record, known = std::move(known)](absl::StatusOr<v1::Receipt> receipt) mutable {
            if (receipt.ok()) known.incident_id = receipt->incident_id();
            round->Answered(record, receipt.status(), &known);
            round->Finished();
          },
          absl::ZeroDuration());
      if (!taken.ok()) {
        round->Finished();
        // No room in the pipe: those under way first.
        if (absl::IsResourceExhausted(taken) && i > 0) break;
        round->Again(taken);
        break;
      }
      ++i;
      continue;
    }
    if (record.kind != InboundKind::kAcknowledgment) break;
    std::vector<v1::Acknowledgment> acks;
    const size_t from = i;
    for (; i < records.size() && records[i].kind == InboundKind::kAcknowledgment && acks.size() < kAcknowledgmentsMax;
         ++i) {
      acks.emplace_back().ParseFromString(records[i].body);
    }
    const size_t count = acks.size();
    round->Sent();
    const absl::Status taken = session_->Acknowledge(std::move(acks), [round, &records, from, count](auto reply) {
      for (size_t k = 0; k < count; ++k) {
        absl::Status status = reply.status();
        if (status.ok() && static_cast<int>(k) >= reply->reply_size()) {
          status = absl::UnavailableError("the hub answered fewer acknowledgments than were sent");
        } else if (status.ok() && reply->reply(static_cast<int>(k)).outcome() == v1::REJECTED) {
          const v1::AckReply& one = reply->reply(static_cast<int>(k));
          status = StatusFromDetail(one.error(), one.message());
        }
        round->Answered(records[from + k], status);
      }
      round->Finished();
    });
    if (!taken.ok()) {
      round->Finished();
      round->Again(taken);
      break;
    }
  }
  round->Wait();
  if (!round->done().empty()) {
    if (absl::Status status = spool_->Done(round->done(), round->known()); !status.ok()) {
      LogAlarm(absl::StrCat("暂存库无法写入 (the spool cannot be written): ", status.ToString()));
      return false;
    }
  }
  for (const auto& [record, status] : round->refused()) {
    const std::string why = Why(status);
    if (IsMoot(*record, status)) {
      LogInfo(absl::StrCat(record->link, ": 任务已结束,回执不再需要 (the duty has ended, the step says nothing more)"));
      if (absl::Status done = spool_->Done({record->seq}); !done.ok()) return false;
      continue;
    }
    LogAlarm(absl::StrCat(record->link,
                          ": 枢纽拒绝了一条记录,已转死信 (the hub refused a record, now a dead letter): ", why));
    if (absl::Status kept = spool_->Refuse(*record, why); !kept.ok()) return false;
  }
  if (round->again() && !stopping_) {
    LogWarning(absl::StrCat("枢纽暂不接收,稍后再发 (the hub does not take it now, again later): ", Why(round->why())));
  }
  return !round->again();
}

bool Uplink::SendAction(const SpooledRecord& record) {
  std::string external_id;
  std::string body;
  UnpackAction(record.body, &external_id, &body);
  auto incident = spool_->IncidentOf("", external_id);
  if (!incident.ok()) return false;
  absl::Status status;
  if (*incident == 0) {
    // Its report may wait in the other lane.
    for (const SpoolLane lane : kSpoolLanes) {
      auto head = spool_->Peek(lane, 1);
      if (!head.ok() || (!head->empty() && head->front().seq < record.seq)) return false;
    }
    LogInfo(absl::StrCat(record.link,
                         ": 移交或办结的不是我方上报的事件,不转发 (a transfer or closing of something that was never "
                         "reported to the hub: not passed on)"));
  } else if (record.kind == InboundKind::kTransfer) {
    v1::TransferRequest request;
    if (!request.ParseFromString(body)) return false;
    request.set_incident_id(*incident);
    status = client_->Transfer(request).status();
  } else {
    v1::CloseRequest request;
    if (!request.ParseFromString(body)) return false;
    request.set_incident_id(*incident);
    status = client_->Close(request).status();
  }
  if (status.ok()) return spool_->Done({record.seq}).ok();
  if (WorthRetrying(status)) return false;
  LogAlarm(absl::StrCat(record.link,
                        ": 枢纽拒绝了移交或办结,已转死信 (the hub refused a transfer or closing, now a dead "
                        "letter): ",
                        Why(status)));
  return spool_->Refuse(record, Why(status)).ok();
}

}  // namespace liandong::adapters
