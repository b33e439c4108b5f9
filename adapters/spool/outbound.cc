// From the hub to the party's system.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/spool/spool.h"

namespace liandong::adapters {

using spool::Database;
using spool::Query;

namespace {

constexpr std::string_view kTable = "outbound";

// on-disk values: never renumber.
enum State : int64_t { kWaiting = 0, kTaken = 1, kDead = 2 };

}  // namespace

absl::Status Spool::StoreDeliveries(const std::vector<OutboundItem>& items) {
  return Commit([&](Database& db) -> absl::Status {
    const Counters before = counters_;
    const absl::Status stored = [&]() -> absl::Status {
      for (const OutboundItem& item : items) {
        const uint64_t row = NextRow();
        const bool waits = !item.link.empty();
        const std::string sealed = waits ? Seal(kTable, row, item.body) : std::string();
        if (waits) {
          if (absl::Status room = CheckRoom(sealed.size(), kSpoolShareOutbound); !room.ok()) return room;
        }
        absl::Status inserted =
            db.Prepare(
                  "INSERT INTO outbound(row, link, lane, sequence, delivery_id, queued_at_ms, incident_id, revision, "
                  "duty_id, state, tries, next_try_ms, stored_at_ms, body) VALUES(?,?,?,?,?,?,?,?,?,?,0,0,?,?) "
                  "ON CONFLICT DO NOTHING")
                .Int(static_cast<int64_t>(row))
                .Text(item.link)
                .Int(static_cast<int64_t>(item.lane))
                .Int(static_cast<int64_t>(item.sequence))
                .Int(static_cast<int64_t>(item.delivery_id))
                .Int(item.queued_at_ms)
                .Int(static_cast<int64_t>(item.incident_id))
                .Int(static_cast<int64_t>(item.incident_revision))
                .Int(static_cast<int64_t>(item.duty_id))
                .Int(waits ? kWaiting : kTaken)
                .Int(NowMs())
                .Blob(sealed)
                .Run();
        if (!inserted.ok()) return inserted;
        if (db.Changes() > 0 && waits) {
          counters_.rows += 1;
          counters_.bytes += sealed.size();
        }
        absl::Status moved =
            db.Prepare(
                  "INSERT INTO cursor(lane, sequence) VALUES(?, ?) ON CONFLICT(lane) DO UPDATE SET sequence = "
                  "max(sequence, excluded.sequence)")
                .Int(static_cast<int64_t>(item.lane))
                .Int(static_cast<int64_t>(item.sequence))
                .Run();
        if (!moved.ok()) return moved;
      }
      return absl::OkStatus();
    }();
    if (!stored.ok()) counters_ = before;
    return stored;
  });
}

absl::StatusOr<uint64_t> Spool::Cursor(SpoolLane lane) {
  std::lock_guard<std::mutex> lock(reader_mutex_);
  Query query = reader_->Prepare("SELECT sequence FROM cursor WHERE lane = ?");
  query.Int(static_cast<int64_t>(lane));
  const uint64_t result = query.Step() ? query.UintAt(0) : 0;
  if (!query.status().ok()) return query.status();
  return result;
}

absl::Status Spool::ResetCursor(SpoolLane lane, uint64_t sequence) {
  return Commit([&](Database& db) {
    return db.Prepare("INSERT OR REPLACE INTO cursor(lane, sequence) VALUES(?, ?)")
        .Int(static_cast<int64_t>(lane))
        .Int(static_cast<int64_t>(sequence))
        .Run();
  });
}

absl::StatusOr<std::optional<SpooledDelivery>> Spool::NextOutbound(std::string_view link) {
  std::lock_guard<std::mutex> lock(reader_mutex_);
  Query query = reader_->Prepare(
      "SELECT row, lane, sequence, delivery_id, incident_id, revision, tries, stored_at_ms, body FROM outbound AS o "
      "WHERE link = ?1 AND state = 0 AND next_try_ms <= ?2 AND NOT EXISTS (SELECT 1 FROM outbound AS e WHERE "
      "e.link = ?1 AND e.state = 0 AND e.incident_id = o.incident_id AND e.incident_id <> 0 AND e.lane = o.lane AND "
      "e.sequence < o.sequence) ORDER BY lane, sequence LIMIT 1");
  query.Text(link).Int(NowMs());
  if (!query.Step()) {
    if (!query.status().ok()) return query.status();
    return std::optional<SpooledDelivery>();
  }
  SpooledDelivery result;
  result.row = query.UintAt(0);
  result.item.link = std::string(link);
  result.item.lane = static_cast<SpoolLane>(query.IntAt(1));
  result.item.sequence = query.UintAt(2);
  result.item.delivery_id = query.UintAt(3);
  result.item.incident_id = query.UintAt(4);
  result.item.incident_revision = query.UintAt(5);
  result.tries = static_cast<uint32_t>(query.IntAt(6));
  result.stored_at_ms = query.IntAt(7);
  auto body = OpenBody(kTable, result.row, query.BytesAt(8));
  if (!body.ok()) return body.status();
  result.item.body = *std::move(body);
  return std::optional<SpooledDelivery>(std::move(result));
}

absl::StatusOr<std::optional<int64_t>> Spool::NextDueMs(std::string_view link) {
  std::lock_guard<std::mutex> lock(reader_mutex_);
  // The head of each incident only: what waits behind it cannot go before it does.
  Query query = reader_->Prepare(
      "SELECT min(next_try_ms), count(*) FROM outbound AS o WHERE link = ?1 AND state = 0 AND NOT EXISTS (SELECT 1 "
      "FROM outbound AS e WHERE e.link = ?1 AND e.state = 0 AND e.incident_id = o.incident_id AND e.incident_id <> 0 "
      "AND e.lane = o.lane AND e.sequence < o.sequence)");
  query.Text(link);
  std::optional<int64_t> result;
  if (query.Step() && query.IntAt(1) > 0) result = query.IntAt(0);
  if (!query.status().ok()) return query.status();
  return result;
}

absl::StatusOr<uint64_t> Spool::TakenRevision(std::string_view link, uint64_t duty_id) {
  std::lock_guard<std::mutex> lock(reader_mutex_);
  Query query =
      reader_->Prepare("SELECT coalesce(max(revision), 0) FROM outbound WHERE link = ? AND duty_id = ? AND state = 1");
  query.Text(link).Int(static_cast<int64_t>(duty_id));
  const uint64_t result = query.Step() ? query.UintAt(0) : 0;
  if (!query.status().ok()) return query.status();
  return result;
}

absl::Status Spool::OutboundDone(uint64_t row) {
  return Commit([&](Database& db) -> absl::Status {
    uint64_t bytes = 0;
    {
      Query query = db.Prepare("SELECT length(body) FROM outbound WHERE row = ? AND state = 0");
      query.Int(static_cast<int64_t>(row));
      if (!query.Step()) return query.status();
      bytes = query.UintAt(0);
    }
    // The row stays without its body, so that the same delivery is known when it comes again.
    absl::Status status =
        db.Prepare("UPDATE outbound SET state = 1, body = x'' WHERE row = ?").Int(static_cast<int64_t>(row)).Run();
    if (!status.ok()) return status;
    counters_.rows -= std::min<uint64_t>(1, counters_.rows);
    counters_.bytes -= std::min(bytes, counters_.bytes);
    return absl::OkStatus();
  });
}

absl::Status Spool::OutboundRetry(uint64_t row, int64_t next_try_ms) {
  return Commit([&](Database& db) {
    return db.Prepare("UPDATE outbound SET tries = tries + 1, next_try_ms = ? WHERE row = ?")
        .Int(next_try_ms)
        .Int(static_cast<int64_t>(row))
        .Run();
  });
}

absl::Status Spool::OutboundFailed(const SpooledDelivery& outbound, std::string_view reason) {
  return Commit([&](Database& db) -> absl::Status {
    uint64_t bytes = 0;
    {
      Query query = db.Prepare("SELECT length(body) FROM outbound WHERE row = ? AND state = 0");
      query.Int(static_cast<int64_t>(outbound.row));
      if (!query.Step()) return query.status();
      bytes = query.UintAt(0);
    }
    DeadLetter letter;
    letter.kind = DeadKind::kDelivery;
    letter.link = outbound.item.link;
    letter.reason = std::string(reason);
    letter.body = outbound.item.body;
    letter.lane = outbound.item.lane;
    letter.outbound_row = outbound.row;
    if (auto row = InsertDead(db, letter, ""); !row.ok()) return row.status();
    absl::Status status = db.Prepare("UPDATE outbound SET state = 2, body = x'' WHERE row = ?")
                              .Int(static_cast<int64_t>(outbound.row))
                              .Run();
    if (!status.ok()) return status;
    counters_.rows -= std::min<uint64_t>(1, counters_.rows);
    counters_.bytes -= std::min(bytes, counters_.bytes);
    return absl::OkStatus();
  });
}

}  // namespace liandong::adapters
