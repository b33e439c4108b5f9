#include "tests/simulation/sim_log.h"

#include <utility>
#include <vector>

#include "hub/log/limits.h"

namespace liandong::sim {
namespace {

constexpr int kWalPages = 60;  // small, so that checkpoints are met by crashes too

}  // namespace

absl::StatusOr<std::unique_ptr<SimLog>> SimLog::Open(Options options) {
  std::unique_ptr<SimLog> log(new SimLog(std::move(options)));
  if (auto status = log->writer_.Open(log->options_.path, security::Suite::kInternational); !status.ok()) return status;
  auto reader = log::BatchReader::Open(log->options_.path);
  if (!reader.ok()) return reader.status();
  log->reader_ = *std::move(reader);
  const uint64_t tail = log->options_.trusts_blindly ? 1 : log::kTailBatchesVerified;
  const absl::Status end = log->writer_.FindEnd(*log->reader_, tail);
  if (!end.ok()) return end;
  return log;
}

void SimLog::Append(uint64_t first_index, uint64_t last_index, std::string bytes, Done done) {
  if (options_.change) bytes = options_.change(std::move(bytes));
  if (options_.lies_about_sync && done != nullptr) {
    done(absl::OkStatus(), "");
    done = nullptr;
  }
  queue_.push_back({first_index, last_index, std::move(bytes), std::move(done)});
}

bool SimLog::Work() {
  if (queue_.empty()) return false;
  std::vector<log::LogWriter::Batch> group(std::make_move_iterator(queue_.begin()),
                                           std::make_move_iterator(queue_.end()));
  queue_.clear();
  std::vector<security::ChainLink> links;
  if (failure_.ok()) failure_ = writer_.Commit(group, links);
  for (size_t i = 0; i < group.size(); ++i) {
    if (failure_.ok() && options_.on_durable) options_.on_durable(group[i].bytes, security::EncodeLink(links[i]));
    if (group[i].done == nullptr) continue;
    group[i].done(failure_, failure_.ok() ? security::EncodeLink(links[i]) : std::string());
  }
  if (failure_.ok() && writer_.wal_pages() > kWalPages) failure_ = writer_.Checkpoint();
  return true;
}

absl::Status SimLog::Read(uint64_t after_index, std::string_view link, const Visit& visit) {
  if (!options_.trusts_blindly)
    return log::ReadBatches(*reader_, after_index, link, visit, [this] { return last_index(); });
  auto all = reader_->ReadPiece(after_index + 1, SIZE_MAX / 2, SIZE_MAX);
  if (!all.ok()) return all.status();
  for (const auto& batch : *all) {
    if (auto status = visit(batch); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace liandong::sim
