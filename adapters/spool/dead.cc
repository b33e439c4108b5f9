// Dead letters and the spool's own status.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "adapters/spool/spool.h"

namespace liandong::adapters {

using spool::Database;
using spool::Join;
using spool::Query;

namespace {

constexpr std::string_view kBody = "dead";
constexpr std::string_view kContext = "dead context";

#define LIANDONG_DEAD_COLUMNS                                                                                          \
  "SELECT row, kind, link, reason, at_ms, times, body_bytes, resend, lane, inbound_kind, outbound_row, context, body " \
  "FROM dead "

absl::Status NoSuchLetter(uint64_t row) {
  return absl::NotFoundError(
      Join("没有编号为 ", row, " 的死信,见 dead list (no dead letter ", row, "; see `dead list`)"));
}

}  // namespace

std::string_view DeadKindName(DeadKind kind) {
  switch (kind) {
    case DeadKind::kNative:
      return "native";
    case DeadKind::kReport:
      return "report";
    case DeadKind::kAcknowledgment:
      return "acknowledgment";
    case DeadKind::kDelivery:
      return "delivery";
    case DeadKind::kAction:
      return "action";
  }
  return "unknown";
}

absl::StatusOr<uint64_t> Spool::InsertDead(Database& db, const DeadLetter& letter, std::string_view hash) {
  if (counters_.dead >= options_.dead_max) {
    return absl::ResourceExhaustedError("spool: 死信过多,请先处理 (too many dead letters: look at them first)");
  }
  const uint64_t row = NextRow();
  const std::string context = Seal(kContext, row, letter.context);
  const std::string body = Seal(kBody, row, letter.body);
  absl::Status status =
      db.Prepare(
            "INSERT INTO dead(row, kind, link, hash, reason, context, body, body_bytes, at_ms, times, resend, lane, "
            "inbound_kind, outbound_row) VALUES(?,?,?,?,?,?,?,?,?,1,0,?,?,?)")
          .Int(static_cast<int64_t>(row))
          .Int(static_cast<int64_t>(letter.kind))
          .Text(letter.link)
          .Blob(hash)
          .Text(std::string_view(letter.reason).substr(0, kSpoolReasonBytesMax))
          .Blob(context)
          .Blob(body)
          .Int(static_cast<int64_t>(letter.body.size()))
          .Int(NowMs())
          .Int(static_cast<int64_t>(letter.lane))
          .Int(static_cast<int64_t>(letter.inbound_kind))
          .Int(static_cast<int64_t>(letter.outbound_row))
          .Run();
  if (!status.ok()) return status;
  counters_.dead += 1;
  counters_.bytes += body.size();
  return row;
}

absl::StatusOr<uint64_t> Spool::PutDead(DeadKind kind, std::string_view link, std::string_view repeat_key,
                                        std::string_view reason, std::string_view context, std::string_view body) {
  uint64_t result = 0;
  const absl::Status status = Commit([&](Database& db) -> absl::Status {
    const std::string hash = repeat_key.empty() ? std::string() : KeyHash("dead", link, repeat_key);
    if (!hash.empty()) {
      Query query = db.Prepare("UPDATE dead SET times = times + 1, reason = ? WHERE hash = ? RETURNING row");
      query.Text(reason.substr(0, kSpoolReasonBytesMax)).Blob(hash);
      while (query.Step()) result = query.UintAt(0);
      if (!query.status().ok()) return query.status();
      if (result != 0) return absl::OkStatus();
    }
    if (absl::Status room = CheckRoom(body.size(), kSpoolShareUrgent); !room.ok()) return room;
    DeadLetter letter;
    letter.kind = kind;
    letter.link = std::string(link);
    letter.reason = std::string(reason);
    letter.context = std::string(context);
    letter.body = std::string(body);
    auto row = InsertDead(db, letter, hash);
    if (row.ok()) result = *row;
    return row.status();
  });
  if (!status.ok()) return status;
  return result;
}

absl::StatusOr<std::vector<DeadLetter>> Spool::ReadDead(const char* sql, uint64_t parameter, bool with_bodies) {
  std::lock_guard<std::mutex> lock(reader_mutex_);
  std::vector<DeadLetter> result;
  Query query = reader_->Prepare(sql);
  query.Int(static_cast<int64_t>(parameter));
  while (query.Step()) {
    DeadLetter letter;
    letter.row = query.UintAt(0);
    letter.kind = static_cast<DeadKind>(query.IntAt(1));
    letter.link = query.BytesAt(2);
    letter.reason = query.BytesAt(3);
    letter.at_ms = query.IntAt(4);
    letter.times = static_cast<uint32_t>(query.IntAt(5));
    letter.body_bytes = query.UintAt(6);
    letter.resend = query.IntAt(7) != 0;
    letter.lane = static_cast<SpoolLane>(query.IntAt(8));
    letter.inbound_kind = static_cast<InboundKind>(query.IntAt(9));
    letter.outbound_row = query.UintAt(10);
    if (with_bodies) {
      auto context = OpenBody(kContext, letter.row, query.BytesAt(11));
      if (!context.ok()) return context.status();
      auto body = OpenBody(kBody, letter.row, query.BytesAt(12));
      if (!body.ok()) return body.status();
      letter.context = *std::move(context);
      letter.body = *std::move(body);
    }
    result.push_back(std::move(letter));
  }
  if (!query.status().ok()) return query.status();
  return result;
}

absl::StatusOr<std::vector<DeadLetter>> Spool::ListDead() {
  return ReadDead(LIANDONG_DEAD_COLUMNS "ORDER BY row LIMIT ?", kSpoolDeadListMax, false);
}

absl::StatusOr<DeadLetter> Spool::ShowDead(uint64_t row) {
  auto letters = ReadDead(LIANDONG_DEAD_COLUMNS "WHERE row = ?", row, true);
  if (!letters.ok()) return letters.status();
  if (letters->empty()) return NoSuchLetter(row);
  return letters->front();
}

absl::Status Spool::AskResend(uint64_t row) {
  return Commit([&](Database& db) -> absl::Status {
    absl::Status status = db.Prepare("UPDATE dead SET resend = 1 WHERE row = ?").Int(static_cast<int64_t>(row)).Run();
    if (!status.ok()) return status;
    return db.Changes() > 0 ? absl::OkStatus() : NoSuchLetter(row);
  });
}

absl::StatusOr<std::vector<DeadLetter>> Spool::TakeResends() {
  auto letters = ReadDead(LIANDONG_DEAD_COLUMNS "WHERE resend = ? ORDER BY row LIMIT 64", 1, true);
  if (!letters.ok() || letters->empty()) return letters;
  const absl::Status status = Commit([&](Database& db) -> absl::Status {
    for (const DeadLetter& letter : *letters) {
      absl::Status marked =
          db.Prepare("UPDATE dead SET resend = 0 WHERE row = ?").Int(static_cast<int64_t>(letter.row)).Run();
      if (!marked.ok()) return marked;
    }
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return letters;
}

absl::Status Spool::DropDead(uint64_t row) {
  return Commit([&](Database& db) -> absl::Status {
    Query query = db.Prepare("DELETE FROM dead WHERE row = ? RETURNING length(body)");
    query.Int(static_cast<int64_t>(row));
    if (!query.Step()) return query.status().ok() ? NoSuchLetter(row) : query.status();
    counters_.dead -= std::min<uint64_t>(1, counters_.dead);
    counters_.bytes -= std::min(query.UintAt(0), counters_.bytes);
    return query.Run();
  });
}

absl::Status Spool::Revive(const DeadLetter& letter) {
  if (letter.kind == DeadKind::kNative) {
    return absl::InvalidArgumentError("spool: a native message has to be mapped first");
  }
  return Commit([&](Database& db) -> absl::Status {
    const Counters before = counters_;
    const absl::Status revived = [&]() -> absl::Status {
      uint64_t bytes = 0;
      {
        Query query = db.Prepare("DELETE FROM dead WHERE row = ? RETURNING length(body)");
        query.Int(static_cast<int64_t>(letter.row));
        if (!query.Step()) return query.status().ok() ? NoSuchLetter(letter.row) : query.status();
        bytes = query.UintAt(0);
      }
      counters_.dead -= std::min<uint64_t>(1, counters_.dead);
      counters_.bytes -= std::min(bytes, counters_.bytes);
      if (letter.kind != DeadKind::kDelivery) {
        uint64_t seq = 0;
        return InsertInbound(db, letter.link, {letter.lane, letter.inbound_kind, letter.body}, &seq);
      }
      const std::string sealed = Seal("outbound", letter.outbound_row, letter.body);
      absl::Status status =
          db.Prepare("UPDATE outbound SET state = 0, tries = 0, next_try_ms = 0, body = ? WHERE row = ? AND state = 2")
              .Blob(sealed)
              .Int(static_cast<int64_t>(letter.outbound_row))
              .Run();
      if (!status.ok()) return status;
      counters_.rows += 1;
      counters_.bytes += sealed.size();
      return absl::OkStatus();
    }();
    if (!revived.ok()) counters_ = before;
    return revived;
  });
}

absl::StatusOr<SpoolStatus> Spool::Status() {
  std::lock_guard<std::mutex> lock(reader_mutex_);
  SpoolStatus result;
  for (const SpoolLane lane : kSpoolLanes) {
    SpoolStatus::Lane& out = result.lane[static_cast<size_t>(lane) - 1];
    Query query = reader_->Prepare(
        "SELECT (SELECT count(*) FROM inbound WHERE lane = ?1), (SELECT coalesce(min(stored_at_ms), 0) FROM inbound "
        "WHERE lane = ?1), (SELECT count(*) FROM outbound WHERE state = 0 AND lane = ?1), (SELECT count(*) FROM "
        "outbound WHERE state = 0 AND lane = ?1 AND tries > 0), (SELECT coalesce(max(sequence), 0) FROM cursor WHERE "
        "lane = ?1)");
    query.Int(static_cast<int64_t>(lane));
    if (query.Step()) {
      out = {query.UintAt(0), query.UintAt(1), query.UintAt(2), query.UintAt(3), query.UintAt(4)};
    }
    if (!query.status().ok()) return query.status();
  }
  Query sums = reader_->Prepare(
      "SELECT (SELECT count(*) FROM parked), (SELECT count(*) FROM dead), (SELECT coalesce(sum(length(body)), 0) FROM "
      "inbound) + (SELECT coalesce(sum(length(body)), 0) FROM outbound) + (SELECT coalesce(sum(length(body)), 0) FROM "
      "dead) + (SELECT coalesce(sum(length(body)), 0) FROM parked)");
  if (sums.Step()) {
    result.parked = sums.UintAt(0);
    result.dead = sums.UintAt(1);
    result.bytes = sums.UintAt(2);
  }
  if (!sums.status().ok()) return sums.status();
  Query links = reader_->Prepare("SELECT link, count(*) FROM dead GROUP BY link ORDER BY link");
  while (links.Step()) result.dead_by_link.emplace_back(links.BytesAt(0), links.UintAt(1));
  if (!links.status().ok()) return links.status();
  return result;
}

}  // namespace liandong::adapters
