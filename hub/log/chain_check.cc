#include "hub/log/chain_check.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "hub/log/batch_table.h"
#include "hub/log/limits.h"
#include "hub/log/records.h"
#include "hub/log/sqlite_log.h"

namespace liandong::log {

absl::StatusOr<ChainWalk> ChainWalk::After(uint64_t index, std::string_view link) {
  auto decoded = security::DecodeLink(link);
  if (!decoded.ok()) {
    return absl::DataLossError(absl::StrCat("record ", index, ": ", decoded.status().message()));
  }
  ChainWalk walk;
  walk.index_ = index;
  walk.at_genesis_ = false;
  walk.link_ = *std::move(decoded);
  return walk;
}

absl::Status ChainWalk::Take(const CommittedBatch& batch) {
  const uint64_t expected = index_ + 1;
  if (batch.first_index > expected) {
    return absl::DataLossError(
        absl::StrCat("record ", expected, " is missing: the next batch begins with record ", batch.first_index));
  }
  if (batch.first_index < expected || batch.last_index < batch.first_index) {
    return absl::DataLossError(absl::StrCat("record ", batch.first_index, ": a batch of records ", batch.first_index,
                                            " to ", batch.last_index, " stands where record ", expected,
                                            " should follow"));
  }
  auto link = security::DecodeLink(batch.link);
  if (!link.ok()) {
    return absl::DataLossError(absl::StrCat("record ", batch.first_index, ": ", link.status().message()));
  }
  if (at_genesis_) link_ = security::GenesisLink(link->suite);
  if (security::Next(link->suite, link_, batch.bytes) != *link) {
    return absl::DataLossError(absl::StrCat("record ", batch.first_index, ": the chain breaks at the batch of records ",
                                            batch.first_index, " to ", batch.last_index,
                                            ": its bytes or its link were changed"));
  }
  at_genesis_ = false;
  index_ = batch.last_index;
  link_ = *std::move(link);
  return absl::OkStatus();
}

namespace {

absl::Status CheckAnchors(const std::multimap<uint64_t, std::string>& anchors, const CommittedBatch& batch) {
  const auto end = anchors.upper_bound(batch.last_index);
  for (auto anchor = anchors.lower_bound(batch.first_index); anchor != end; ++anchor) {
    if (anchor->first == batch.last_index && anchor->second == batch.link) continue;
    return absl::DataLossError(
        absl::StrCat("record ", anchor->first, ": the chain differs from the link that was noted for this record"));
  }
  return absl::OkStatus();
}

absl::Status WalkAll(BatchReader& reader, const std::multimap<uint64_t, std::string>& anchors, const VisitRecord& visit,
                     ChainSummary& summary) {
  ChainWalk walk;
  // Every row there is, not only those where the next batch should begin: a row out of place must be seen too. This is
  // SQLite's smallest integer.
  uint64_t from = uint64_t{1} << 63;
  while (true) {
    const auto piece = reader.ReadPiece(from, kReadBatchesMax, kReadBytesMax);
    if (!piece.ok()) return piece.status();
    if (piece->empty()) return absl::OkStatus();
    from = piece->back().first_index + 1;
    for (const CommittedBatch& batch : *piece) {
      if (auto status = walk.Take(batch); !status.ok()) return status;
      const auto parsed = ParseBatch(batch);
      if (!parsed.ok()) return parsed.status();
      if (auto status = CheckAnchors(anchors, batch); !status.ok()) return status;
      ++summary.batches;
      summary.records += batch.last_index - batch.first_index + 1;
      summary.last_index = batch.last_index;
      summary.last_link = batch.link;
      if (!visit) continue;
      for (const v1::Record& record : parsed->record()) {
        if (auto status = visit(record); !status.ok()) return status;
      }
    }
  }
}

}  // namespace

absl::StatusOr<ChainSummary> VerifyChain(const std::string& data_dir, const std::vector<Anchor>& anchors,
                                         const VisitRecord& visit) {
  const std::string path = LogPath(data_dir);
  auto connection = Connection::Open(path, Connection::Mode::kReadOnly, kBusyMs);
  if (!connection.ok()) return connection.status();
  if (auto status = CheckLogFile(*connection); !status.ok()) return status;
  auto reader = BatchReader::Open(path);
  if (!reader.ok()) return reader.status();

  std::multimap<uint64_t, std::string> by_index;
  for (const Anchor& anchor : anchors) by_index.emplace(anchor.index, anchor.link);
  ChainSummary summary;
  absl::Status status = WalkAll(**reader, by_index, visit, summary);
  if (status.ok() && !by_index.empty() && by_index.rbegin()->first > summary.last_index) {
    status = absl::DataLossError(
        absl::StrCat("record ", summary.last_index + 1, " is missing: the log ends with record ", summary.last_index,
                     ", but record ", by_index.rbegin()->first, " was noted before; its end was cut off"));
  }
  if (!status.ok()) return absl::Status(status.code(), absl::StrCat(path, ": ", status.message()));
  return summary;
}

}  // namespace liandong::log
