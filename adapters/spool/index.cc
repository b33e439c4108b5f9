// Ids of the party's system, and acknowledgments that wait for their delivery.
#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "adapters/spool/spool.h"

namespace liandong::adapters {

using spool::Database;
using spool::Query;

namespace {
constexpr std::string_view kTable = "parked";
}  // namespace

absl::StatusOr<std::vector<ParkedAck>> Spool::Remember(const std::vector<std::string>& native_ids, const NativeRef& ref,
                                                       bool keep_known) {
  std::vector<ParkedAck> waiting;
  const absl::Status status = Commit([&](Database& db) -> absl::Status {
    std::set<uint64_t> seen;
    for (const std::string& id : native_ids) {
      const std::string hash = KeyHash("native", "", id);
      const char* sql =
          keep_known ? "INSERT OR IGNORE INTO native(hash, delivery_id, incident_id, lane, at_ms) VALUES(?,?,?,?,?)"
                     : "INSERT OR REPLACE INTO native(hash, delivery_id, incident_id, lane, at_ms) VALUES(?,?,?,?,?)";
      absl::Status written = db.Prepare(sql)
                                 .Blob(hash)
                                 .Int(static_cast<int64_t>(ref.delivery_id))
                                 .Int(static_cast<int64_t>(ref.incident_id))
                                 .Int(static_cast<int64_t>(ref.lane))
                                 .Int(NowMs())
                                 .Run();
      if (!written.ok()) return written;
      Query query = db.Prepare(
          "SELECT p.row, p.link, p.body FROM parked_key AS k JOIN parked AS p ON p.row = k.row WHERE k.hash = ? "
          "ORDER BY p.row");
      query.Blob(hash);
      while (query.Step()) {
        if (!seen.insert(query.UintAt(0)).second) continue;
        auto body = OpenBody(kTable, query.UintAt(0), query.BytesAt(2));
        if (!body.ok()) return body.status();
        waiting.push_back({query.UintAt(0), query.BytesAt(1), *std::move(body)});
      }
      if (!query.status().ok()) return query.status();
    }
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  std::sort(waiting.begin(), waiting.end(), [](const ParkedAck& a, const ParkedAck& b) { return a.row < b.row; });
  return waiting;
}

absl::StatusOr<std::optional<NativeRef>> Spool::Find(std::string_view native_id) {
  std::lock_guard<std::mutex> lock(reader_mutex_);
  const std::string hash = KeyHash("native", "", native_id);
  Query query = reader_->Prepare("SELECT delivery_id, incident_id, lane FROM native WHERE hash = ?");
  query.Blob(hash);
  std::optional<NativeRef> result;
  if (query.Step()) result = NativeRef{query.UintAt(0), query.UintAt(1), static_cast<SpoolLane>(query.IntAt(2))};
  if (!query.status().ok()) return query.status();
  return result;
}

absl::StatusOr<std::optional<NativeRef>> Spool::Park(std::string_view link, std::string_view repeat_key,
                                                     const std::vector<std::string>& native_ids, std::string_view body,
                                                     bool quiet) {
  std::optional<NativeRef> known;
  const absl::Status parked = Commit([&](Database& db) -> absl::Status {
    for (const std::string& id : native_ids) {
      const std::string hash = KeyHash("native", "", id);
      Query query = db.Prepare("SELECT delivery_id, incident_id, lane FROM native WHERE hash = ?");
      query.Blob(hash);
      if (query.Step()) {
        known = NativeRef{query.UintAt(0), query.UintAt(1), static_cast<SpoolLane>(query.IntAt(2))};
        return absl::OkStatus();
      }
      if (!query.status().ok()) return query.status();
    }
    const std::string repeat = repeat_key.empty() ? std::string() : KeyHash("park", link, repeat_key);
    if (!repeat.empty()) {
      Query query = db.Prepare("SELECT 1 FROM parked WHERE repeat = ?");
      query.Blob(repeat);
      if (query.Step()) return absl::OkStatus();
      if (!query.status().ok()) return query.status();
    }
    {
      Query query = db.Prepare("SELECT count(*) FROM parked");
      if (query.Step() && query.UintAt(0) >= kSpoolParkedMax) {
        if (quiet) return absl::OkStatus();
        return absl::ResourceExhaustedError(
            "spool: 等待匹配的回执过多 (too many acknowledgments wait for their delivery)");
      }
      if (!query.status().ok()) return query.status();
    }
    const uint64_t row = NextRow();
    const std::string sealed = Seal(kTable, row, body);
    if (absl::Status room = CheckRoom(sealed.size(), kSpoolShareAcknowledgment); !room.ok()) return room;
    absl::Status status = db.Prepare("INSERT INTO parked(row, link, repeat, body, at_ms, quiet) VALUES(?,?,?,?,?,?)")
                              .Int(static_cast<int64_t>(row))
                              .Text(link)
                              .Blob(repeat)
                              .Blob(sealed)
                              .Int(NowMs())
                              .Int(quiet ? 1 : 0)
                              .Run();
    for (const std::string& id : native_ids) {
      if (!status.ok()) return status;
      const std::string hash = KeyHash("native", "", id);
      status = db.Prepare("INSERT OR IGNORE INTO parked_key(hash, row) VALUES(?,?)")
                   .Blob(hash)
                   .Int(static_cast<int64_t>(row))
                   .Run();
    }
    if (!status.ok()) return status;
    counters_.rows += 1;
    counters_.bytes += sealed.size();
    return absl::OkStatus();
  });
  if (!parked.ok()) return parked;
  return known;
}

absl::Status Spool::Unpark(uint64_t row, std::string_view link, const InboundItem& completed) {
  return Commit([&](Database& db) -> absl::Status {
    uint64_t bytes = 0;
    {
      Query query = db.Prepare("DELETE FROM parked WHERE row = ? RETURNING length(body)");
      query.Int(static_cast<int64_t>(row));
      // Somebody else has moved it already.
      if (!query.Step()) return query.status();
      bytes = query.UintAt(0);
    }
    uint64_t seq = 0;
    if (absl::Status status = InsertInbound(db, link, completed, &seq); !status.ok()) return status;
    counters_.rows -= 1;
    counters_.bytes -= std::min(bytes, counters_.bytes);
    return absl::OkStatus();
  });
}

absl::StatusOr<uint64_t> Spool::Expire() {
  uint64_t moved = 0;
  const absl::Status status = Commit([&](Database& db) -> absl::Status {
    moved = 0;
    const Counters before = counters_;
    const absl::Status expired = [&]() -> absl::Status {
      std::vector<DeadLetter> letters;
      std::vector<bool> quiet;
      std::vector<std::pair<uint64_t, uint64_t>> rows;
      {
        Query query = db.Prepare("SELECT row, link, body, quiet FROM parked WHERE at_ms <= ? ORDER BY row");
        query.Int(NowMs() - kSpoolParkMs);
        while (query.Step()) {
          DeadLetter letter;
          letter.kind = DeadKind::kAcknowledgment;
          letter.inbound_kind = InboundKind::kAcknowledgment;
          letter.link = query.BytesAt(1);
          letter.reason = "NO_DELIVERY: 没有与之对应的任务 (no delivery has the id that it names)";
          const std::string sealed = query.BytesAt(2);
          auto body = OpenBody(kTable, query.UintAt(0), sealed);
          if (!body.ok()) return body.status();
          letter.body = *std::move(body);
          letters.push_back(std::move(letter));
          quiet.push_back(query.IntAt(3) != 0);
          rows.emplace_back(query.UintAt(0), sealed.size());
        }
        if (!query.status().ok()) return query.status();
      }
      for (size_t i = 0; i < letters.size(); ++i) {
        if (!quiet[i]) {
          if (auto row = InsertDead(db, letters[i], ""); !row.ok()) return row.status();
          ++moved;
        }
        absl::Status deleted =
            db.Prepare("DELETE FROM parked WHERE row = ?").Int(static_cast<int64_t>(rows[i].first)).Run();
        if (!deleted.ok()) return deleted;
        counters_.rows -= 1;
        counters_.bytes -= std::min(rows[i].second, counters_.bytes);
      }
      absl::Status forgotten =
          db.Prepare("DELETE FROM repeat WHERE at_ms <= ?").Int(NowMs() - kSpoolRepeatWindowMs).Run();
      forgotten.Update(db.Prepare("DELETE FROM same WHERE at_ms <= ?").Int(NowMs() - kSpoolIndexKeepMs).Run());
      forgotten.Update(db.Prepare("DELETE FROM native WHERE at_ms <= ?").Int(NowMs() - kSpoolIndexKeepMs).Run());
      forgotten.Update(db.Prepare("DELETE FROM outbound WHERE state = 1 AND stored_at_ms <= ?")
                           .Int(NowMs() - kSpoolIndexKeepMs)
                           .Run());
      return forgotten;
    }();
    if (!expired.ok()) counters_ = before;
    return expired;
  });
  if (!status.ok()) return status;
  return moved;
}

}  // namespace liandong::adapters
