// From the party's system to the hub.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "adapters/spool/spool.h"

namespace liandong::adapters {

using spool::Database;
using spool::Query;

namespace {

constexpr std::string_view kTable = "inbound";

uint64_t ShareOf(const InboundItem& item) {
  if (item.kind != InboundKind::kReport) return kSpoolShareAcknowledgment;
  return item.lane == SpoolLane::kUrgent ? kSpoolShareUrgent : kSpoolShareOrdinary;
}

DeadKind DeadKindOf(InboundKind kind) {
  switch (kind) {
    case InboundKind::kReport:
      return DeadKind::kReport;
    case InboundKind::kAcknowledgment:
      return DeadKind::kAcknowledgment;
    case InboundKind::kTransfer:
    case InboundKind::kClose:
      break;
  }
  return DeadKind::kAction;
}

}  // namespace

absl::Status Spool::InsertInbound(Database& db, std::string_view link, const InboundItem& item, uint64_t* seq) {
  const uint64_t row = NextRow();
  const std::string sealed = Seal(kTable, row, item.body);
  if (absl::Status status = CheckRoom(sealed.size(), ShareOf(item)); !status.ok()) return status;
  absl::Status status = db.Prepare("INSERT INTO inbound(row, lane, kind, link, body, stored_at_ms) VALUES(?,?,?,?,?,?)")
                            .Int(static_cast<int64_t>(row))
                            .Int(static_cast<int64_t>(item.lane))
                            .Int(static_cast<int64_t>(item.kind))
                            .Text(link)
                            .Blob(sealed)
                            .Int(NowMs())
                            .Run();
  if (!status.ok()) return status;
  counters_.rows += 1;
  counters_.bytes += sealed.size();
  *seq = row;
  return absl::OkStatus();
}

absl::StatusOr<PutResult> Spool::Put(const PutRequest& request) {
  PutResult result;
  const absl::Status status = Commit([&](Database& db) -> absl::Status {
    const Counters before = counters_;
    const absl::Status put = [&]() -> absl::Status {
      const std::string hash =
          request.repeat_key.empty() ? std::string() : KeyHash("repeat", request.link, request.repeat_key);
      if (!hash.empty()) {
        Query query = db.Prepare("SELECT row, id FROM repeat WHERE hash = ? AND at_ms > ?");
        query.Blob(hash).Int(NowMs() - kSpoolRepeatWindowMs);
        if (query.Step()) {
          result = {query.UintAt(0), true, query.BytesAt(1)};
          return absl::OkStatus();
        }
        if (!query.status().ok()) return query.status();
      }
      result = {0, false, request.id};
      for (const InboundItem& item : request.items) {
        uint64_t row = 0;
        if (absl::Status inserted = InsertInbound(db, request.link, item, &row); !inserted.ok()) return inserted;
        if (result.seq == 0) result.seq = row;
      }
      for (const SameThing& same : request.same) {
        const std::string thing = KeyHash("same", request.link, same.same_as);
        absl::Status written = db.Prepare("INSERT OR REPLACE INTO same(hash, id, at_ms) VALUES(?,?,?)")
                                   .Blob(thing)
                                   .Text(same.id)
                                   .Int(NowMs())
                                   .Run();
        if (!written.ok()) return written;
      }
      if (hash.empty()) return absl::OkStatus();
      return db.Prepare("INSERT OR REPLACE INTO repeat(hash, row, id, at_ms) VALUES(?,?,?,?)")
          .Blob(hash)
          .Int(static_cast<int64_t>(result.seq))
          .Text(result.id)
          .Int(NowMs())
          .Run();
    }();
    // The savepoint takes the rows back; the counters are ours.
    if (!put.ok()) counters_ = before;
    return put;
  });
  if (!status.ok()) return status;
  return result;
}

absl::StatusOr<std::string> Spool::IdFor(std::string_view link, std::string_view same_as, int64_t within_ms) {
  {
    std::lock_guard<std::mutex> lock(reader_mutex_);
    const std::string thing = KeyHash("same", link, same_as);
    Query query = reader_->Prepare("SELECT id FROM same WHERE hash = ? AND at_ms >= ?");
    query.Blob(thing).Int(NowMs() - within_ms);
    if (query.Step()) return query.BytesAt(0);
    if (!query.status().ok()) return query.status();
  }
  return NewId();
}

absl::StatusOr<std::vector<SpooledRecord>> Spool::Peek(SpoolLane lane, size_t max) {
  std::lock_guard<std::mutex> lock(reader_mutex_);
  std::vector<SpooledRecord> result;
  size_t bytes = 0;
  Query query =
      reader_->Prepare("SELECT row, kind, link, body, stored_at_ms FROM inbound WHERE lane = ? ORDER BY row LIMIT ?");
  query.Int(static_cast<int64_t>(lane)).Int(static_cast<int64_t>(max));
  while (bytes < kSpoolPeekBytesMax && query.Step()) {
    SpooledRecord inbound;
    inbound.seq = query.UintAt(0);
    inbound.lane = lane;
    inbound.kind = static_cast<InboundKind>(query.IntAt(1));
    inbound.link = query.BytesAt(2);
    auto body = OpenBody(kTable, inbound.seq, query.BytesAt(3));
    if (!body.ok()) return body.status();
    inbound.body = *std::move(body);
    inbound.stored_at_ms = query.IntAt(4);
    bytes += inbound.body.size();
    result.push_back(std::move(inbound));
  }
  if (!query.status().ok()) return query.status();
  return result;
}

absl::Status Spool::Done(const std::vector<uint64_t>& seqs, const std::vector<KnownReport>& known) {
  return Commit([&](Database& db) -> absl::Status {
    uint64_t rows = 0;
    uint64_t bytes = 0;
    for (const uint64_t seq : seqs) {
      Query query = db.Prepare("DELETE FROM inbound WHERE row = ? RETURNING length(body)");
      query.Int(static_cast<int64_t>(seq));
      while (query.Step()) {
        ++rows;
        bytes += query.UintAt(0);
      }
      if (!query.status().ok()) return query.status();
    }
    for (const KnownReport& report : known) {
      for (const std::string& link : {report.link, std::string()}) {
        const std::string hash = KeyHash("report", link, report.external_id);
        absl::Status status =
            db.Prepare("INSERT OR REPLACE INTO native(hash, delivery_id, incident_id, lane, at_ms) VALUES(?,0,?,0,?)")
                .Blob(hash)
                .Int(static_cast<int64_t>(report.incident_id))
                .Int(NowMs())
                .Run();
        if (!status.ok()) return status;
      }
    }
    counters_.rows -= std::min(rows, counters_.rows);
    counters_.bytes -= std::min(bytes, counters_.bytes);
    return absl::OkStatus();
  });
}

absl::StatusOr<uint64_t> Spool::IncidentOf(std::string_view link, std::string_view external_id) {
  std::lock_guard<std::mutex> lock(reader_mutex_);
  const std::string hash = KeyHash("report", link, external_id);
  Query query = reader_->Prepare("SELECT incident_id FROM native WHERE hash = ?");
  query.Blob(hash);
  const uint64_t result = query.Step() ? query.UintAt(0) : 0;
  if (!query.status().ok()) return query.status();
  return result;
}

absl::Status Spool::Refuse(const SpooledRecord& inbound, std::string_view reason) {
  return Commit([&](Database& db) -> absl::Status {
    uint64_t bytes = 0;
    {
      Query query = db.Prepare("DELETE FROM inbound WHERE row = ? RETURNING length(body)");
      query.Int(static_cast<int64_t>(inbound.seq));
      if (!query.Step()) return query.status();
      bytes = query.UintAt(0);
    }
    DeadLetter letter;
    letter.kind = DeadKindOf(inbound.kind);
    letter.link = inbound.link;
    letter.reason = std::string(reason);
    letter.body = inbound.body;
    letter.lane = inbound.lane;
    letter.inbound_kind = inbound.kind;
    if (auto row = InsertDead(db, letter, ""); !row.ok()) return row.status();
    counters_.rows -= std::min<uint64_t>(1, counters_.rows);
    counters_.bytes -= std::min(bytes, counters_.bytes);
    return absl::OkStatus();
  });
}

}  // namespace liandong::adapters
