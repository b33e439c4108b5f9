#include "hub/log/log_writer.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "hub/log/chain_check.h"
#include "hub/log/limits.h"
#include "hub/log/records.h"
#include "security/settle_wal.h"

namespace liandong::log {
namespace {

int RememberWalPages(void* pages, sqlite3*, const char*, int in_wal) {
  *static_cast<int*>(pages) = in_wal;
  return SQLITE_OK;
}

}  // namespace

absl::Status LogWriter::Open(const std::string& path, security::Suite suite) {
  path_ = path;
  suite_ = suite;
  auto connection = Connection::Open(path_, Connection::Mode::kCreate, kBusyMs);
  if (!connection.ok()) return connection.status();
  connection_ = *std::move(connection);
  if (auto status = connection_.Run("PRAGMA synchronous=FULL"); !status.ok()) return status;
  if (auto status = security::SettleWal(connection_.handle(), path_); !status.ok()) return status;
  if (auto status = PrepareLogFile(connection_, suite_); !status.ok()) return status;
  const std::string pragmas = absl::StrCat("PRAGMA wal_autocheckpoint=0; PRAGMA journal_size_limit=", kWalKeptBytes);
  if (auto status = connection_.Run(pragmas.c_str()); !status.ok()) return status;
  sqlite3_wal_hook(connection_.handle(), RememberWalPages, &wal_pages_);
  auto begin = connection_.Prepare("BEGIN IMMEDIATE");
  if (!begin.ok()) return begin.status();
  auto insert = connection_.Prepare("INSERT INTO batch(first_index, last_index, link, bytes) VALUES(?, ?, ?, ?)");
  if (!insert.ok()) return insert.status();
  auto commit = connection_.Prepare("COMMIT");
  if (!commit.ok()) return commit.status();
  begin_ = *std::move(begin);
  insert_ = *std::move(insert);
  commit_ = *std::move(commit);
  return absl::OkStatus();
}

absl::Status LogWriter::FindEnd(BatchReader& reader, uint64_t tail_batches_verified) {
  link_ = security::GenesisLink(suite_);
  const auto tail = reader.FindFromEnd(std::max<uint64_t>(tail_batches_verified, 1) - 1);
  if (!tail.ok()) return tail.status();
  const uint64_t from = tail->has_value() ? (*tail)->first_index : 1;
  uint64_t next_row = from;
  auto walk = reader.Begin(from - 1, "");
  if (!walk.ok()) return walk.status();
  while (true) {
    const auto piece = reader.ReadPiece(next_row, kReadBatchesMax, kReadBytesMax);
    if (!piece.ok()) return piece.status();
    for (const CommittedBatch& batch : *piece) {
      if (auto status = walk->Take(batch); !status.ok()) return status;
      if (auto parsed = ParseBatch(batch); !parsed.ok()) return parsed.status();
      next_row = batch.first_index + 1;
    }
    if (piece->empty()) break;
  }
  index_ = walk->index();
  if (index_ > 0) link_ = walk->link();
  return absl::OkStatus();
}

absl::Status LogWriter::Commit(const std::vector<Batch>& group, std::vector<security::ChainLink>& links) {
  if (auto status = begin_.Run(); !status.ok()) return status;
  absl::Status status = InsertAll(group, links);
  if (status.ok()) status = commit_.Run();
  if (status.ok()) {
    index_ = group.back().last_index;
    link_ = links.back();
    return status;
  }
  // Never tried again: after a failed sync the kernel may have dropped the pages and would report success.
  if (sqlite3_get_autocommit(connection_.handle()) == 0) connection_.Run("ROLLBACK").IgnoreError();
  return status;
}

absl::Status LogWriter::InsertAll(const std::vector<Batch>& group, std::vector<security::ChainLink>& links) {
  uint64_t index = index_;
  security::ChainLink link = link_;
  links.reserve(group.size());
  for (const Batch& batch : group) {
    if (batch.first_index != index + 1 || batch.last_index < batch.first_index || batch.bytes.size() > kBatchBytesMax) {
      return absl::InternalError(absl::StrCat(path_, ": a batch of records ", batch.first_index, " to ",
                                              batch.last_index, " (", batch.bytes.size(),
                                              " bytes) was appended after record ", index));
    }
    link = security::Next(suite_, link, batch.bytes);
    links.push_back(link);
    const std::string encoded = security::EncodeLink(link);
    insert_.Bind(1, batch.first_index).Bind(2, batch.last_index).BindBlob(3, encoded).BindBlob(4, batch.bytes);
    if (auto status = insert_.Run(); !status.ok()) return status;
    index = batch.last_index;
  }
  return absl::OkStatus();
}

absl::Status ReadBatches(BatchReader& reader, uint64_t after_index, std::string_view link, const EventLog::Visit& visit,
                         const std::function<uint64_t()>& committed) {
  auto walk = reader.Begin(after_index, link);
  if (!walk.ok()) return walk.status();
  // Most readers want one batch, or what the log has just grown by; who reads on gets larger pieces.
  size_t batches = 1;
  while (true) {
    const auto piece = reader.ReadPiece(walk->index() + 1, batches, kReadBytesMax);
    if (!piece.ok()) return piece.status();
    if (piece->empty()) return absl::OkStatus();
    for (const CommittedBatch& batch : *piece) {
      if (batch.last_index > committed()) return absl::OkStatus();
      if (auto status = walk->Take(batch); !status.ok()) {
        return absl::Status(status.code(), absl::StrCat(reader.path(), ": ", status.message()));
      }
      if (auto status = visit(batch); !status.ok()) return status;
    }
    batches = std::min(batches * 4, kReadBatchesMax);
  }
}

}  // namespace liandong::log
