#include "security/audit/verify.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "security/audit/checkpoints.h"
#include "security/audit/log_file.h"
#include "security/audit/merkle.h"
#include "security/audit/trail_marks.h"

namespace liandong::audit {
namespace {

using security::ChainLink;

absl::Status Wrong(uint64_t record, const std::string& what) {
  return absl::DataLossError(absl::StrCat("record ", record, ": ", what));
}

std::string Batch(const Row& row) {
  return row.first_index == row.last_index
             ? std::string("its batch")
             : absl::StrCat("its batch (records ", row.first_index, " to ", row.last_index, ")");
}

// The chain of one log, row by row.
class Chain {
 public:
  // The records of the row; their bytes live as long as the row's.
  absl::StatusOr<std::vector<RecordBytes>> Take(const Row& row) {
    const uint64_t expected = index_ + 1;
    if (row.first_index != expected) {
      return Wrong(expected,
                   absl::StrCat("缺失 it is missing; the next stored batch begins with record ", row.first_index));
    }
    const auto link = security::DecodeLink(row.link);
    if (!link.ok()) return Wrong(expected, absl::StrCat("链接无效 ", link.status().message()));
    if (index_ == 0) link_ = security::GenesisLink(link->suite);
    if (security::Next(link->suite, link_, row.bytes) != *link) {
      return Wrong(expected, absl::StrCat("已被改动、插入或调换 ", Batch(row), " was changed, inserted or moved"));
    }
    auto records = SplitBatch(row.bytes);
    if (!records.ok()) return Wrong(expected, std::string(records.status().message()));
    uint64_t next = expected;
    for (const RecordBytes& record : *records) {
      if (record.index != next) return Wrong(next, absl::StrCat("record ", record.index, " stands in its place"));
      ++next;
    }
    if (next != row.last_index + 1) return Wrong(next, absl::StrCat("缺失 ", Batch(row), " ends before it"));
    index_ = row.last_index;
    link_ = *link;
    return records;
  }
  uint64_t index() const { return index_; }
  std::string link() const { return index_ == 0 ? "" : security::EncodeLink(link_); }

 private:
  uint64_t index_ = 0;
  ChainLink link_;
};

struct Signed {
  std::vector<v1::Checkpoint> checkpoints;
  std::vector<std::string> signers;
};

absl::StatusOr<Signed> OpenCheckpoints(const VerifyOptions& options) {
  const std::string path = CheckpointsPath(options.data_dir);
  const auto file = ReadCheckpointFile(options.data_dir);
  if (!file.ok()) return file.status();
  Signed out;
  std::map<std::string, std::string> certificates;
  std::string previous;
  for (const v1::CheckpointEntry& entry : file->entries) {
    const uint64_t number = out.checkpoints.size() + 1;
    const auto wrong = [&](const std::string& what) {
      return absl::DataLossError(absl::StrCat(path, ": 检查点 checkpoint ", number, ": ", what));
    };
    const std::string& signer = entry.signed_checkpoint().certificate();
    if (!entry.certificate_pem().empty()) certificates[signer] = entry.certificate_pem();
    auto checkpoint = Open(entry.signed_checkpoint(), certificates[signer], options.ca_pem);
    if (!checkpoint.ok()) return wrong(std::string(checkpoint.status().message()));
    if (checkpoint->number() != number || checkpoint->previous() != previous ||
        (number > 1 && checkpoint->records() < out.checkpoints.back().records())) {
      return wrong("缺失或调换 one is missing, or stands in another's place");
    }
    const auto suite = security::SuiteFromNumber(checkpoint->suite());
    previous = security::Hash(*suite, entry.signed_checkpoint().body());
    if (std::find(out.signers.begin(), out.signers.end(), signer) == out.signers.end()) out.signers.push_back(signer);
    out.checkpoints.push_back(*std::move(checkpoint));
  }
  return out;
}

class Walk {
 public:
  Walk(const VerifyOptions& options, const Signed& signed_ones) : options_(options), signed_(signed_ones.checkpoints) {
    for (const v1::Checkpoint& one : signed_) {
      const auto suite = security::SuiteFromNumber(one.suite());
      trees_.try_emplace(one.suite(), Frontier(*suite));
    }
  }

  absl::Status Run(Verified* out) {
    auto snapshots = ListSnapshots(options_.data_dir, true);
    if (!snapshots.ok()) return snapshots.status();
    for (const SnapshotFile& one : *snapshots) snapshots_.emplace(one.index, one);
    auto file = LogFile::Open(options_.data_dir);
    if (!file.ok()) return file.status();
    if (auto status = CheckSigned(); !status.ok()) return status;
    Row row;
    while (true) {
      const auto more = (*file)->Next(&row);
      if (!more.ok()) return more.status();
      if (!*more) break;
      if (auto status = Take(row); !status.ok()) return status;
      ++out->batches;
    }
    out->records = chain_.index();
    out->link = chain_.link();
    out->checkpoints = signed_.size();
    out->covered = signed_.empty() ? 0 : signed_.back().records();
    if (auto status = CheckEnd(); !status.ok()) return status;
    return CheckSnapshots(out);
  }

 private:
  absl::Status Take(const Row& row) {
    const auto records = chain_.Take(row);
    if (!records.ok()) return records.status();
    for (auto& [number, tree] : trees_) {
      const auto suite = security::SuiteFromNumber(number);
      for (const RecordBytes& record : *records) tree.Add(LeafHash(*suite, record.bytes));
    }
    if (auto status = CheckSigned(); !status.ok()) return status;
    const std::string link = chain_.link();
    if (const auto found = snapshots_.find(chain_.index()); found != snapshots_.end()) {
      if (found->second.link != link) {
        return absl::DataLossError(absl::StrCat(found->second.path,
                                                ": 快照不属于此日志 it rests on another chain link than record ",
                                                chain_.index(), " has"));
      }
      placed_.insert(found->first);
    }
    std::erase_if(anchors_, [&](const ChainLink& anchor) { return security::EncodeLink(anchor) == link; });
    return absl::OkStatus();
  }

  // Every checkpoint that signed what was read so far, and no more.
  absl::Status CheckSigned() {
    for (; next_ < signed_.size() && signed_[next_].records() <= chain_.index(); ++next_) {
      const v1::Checkpoint& one = signed_[next_];
      const auto suite = security::SuiteFromNumber(one.suite());
      const std::string link =
          chain_.index() == 0 ? security::EncodeLink(security::GenesisLink(*suite)) : chain_.link();
      if (one.records() == chain_.index() && one.link() == link && trees_.at(one.suite()).Root() == one.root())
        continue;
      const uint64_t from = next_ == 0 ? 1 : signed_[next_ - 1].records() + 1;
      return Wrong(from, absl::StrCat("重算过的日志 the log was computed anew from here or later: up to record ",
                                      one.records(), " it is not what checkpoint ", next_ + 1, " signed"));
    }
    return absl::OkStatus();
  }

  absl::Status CheckEnd() const {
    if (next_ < signed_.size()) {
      return Wrong(chain_.index() + 1, absl::StrCat("日志被截断 the log ends before it; checkpoint ", next_ + 1,
                                                    " signed ", signed_[next_].records(), " records"));
    }
    for (const ChainLink& anchor : anchors_) {
      return Wrong(chain_.index() + 1,
                   absl::StrCat("日志被截断或重算 the noted link ", security::LinkText(anchor),
                                " is nowhere in the chain: its end was cut, or it was computed anew"));
    }
    return absl::OkStatus();
  }

  absl::Status CheckSnapshots(Verified* out) const {
    out->snapshots = snapshots_.size();
    for (const auto& [index, file] : snapshots_) {
      if (placed_.count(index) == 0) {
        return absl::DataLossError(absl::StrCat(file.path, ": 快照不属于此日志 record ", index, " ends no batch"));
      }
      bool seen = false;
      for (const v1::Checkpoint& one : signed_) {
        for (const v1::SnapshotHash& hash : one.snapshot()) {
          if (hash.index() != index) continue;
          seen = true;
          if (hash.suite() != file.suite || hash.hash() != file.hash) {
            return absl::DataLossError(absl::StrCat(
                file.path, ": 快照系伪造 forged: its state is not the one that checkpoint ", one.number(), " signed"));
          }
        }
      }
      if (!seen) ++out->snapshots_open;
    }
    return absl::OkStatus();
  }

  const VerifyOptions& options_;
  const std::vector<v1::Checkpoint>& signed_;
  std::vector<ChainLink> anchors_ = options_.anchors;
  std::map<uint32_t, Frontier> trees_;
  std::map<uint64_t, SnapshotFile> snapshots_;
  std::set<uint64_t> placed_;
  Chain chain_;
  size_t next_ = 0;
};

// The trail: each segment a log of the same form, all of them there but those that the trail says it dropped, and each
// link of it that a checkpoint signed or a later segment names.
class TrailWalk {
 public:
  TrailWalk(const std::string& data_dir, const std::vector<v1::Checkpoint>& checkpoints)
      : folder_(data_dir + "/trail"), checkpoints_(checkpoints) {}

  absl::Status Run(Verified* out) {
    if (auto status = List(); !status.ok()) return status;
    for (const std::string& segment : segments_) {
      if (auto status = Look(segment); !status.ok()) return status;
    }
    for (size_t i = 0; i < segments_.size(); ++i) {
      if (auto status = CheckBefore(i); !status.ok()) return status;
    }
    for (const v1::Checkpoint& one : checkpoints_) Expect(one);
    for (const std::string& segment : segments_) {
      if (auto status = Prove(segment, out); !status.ok()) return status;
    }
    return missing_;
  }

 private:
  struct Segment {
    std::string before, before_link;          // as its first entry says
    std::set<std::string> links;              // to be in its chain, encoded
    std::map<uint64_t, std::string> signed_;  // the same, after so many records
  };

  std::string Path(const std::string& segment) const { return absl::StrCat(folder_, "/", segment); }
  absl::Status Bad(const std::string& segment, const std::string& what) const {
    return absl::DataLossError(absl::StrCat(Path(segment), "/log.db: ", what));
  }

  absl::Status List() {
    std::error_code error;
    if (!std::filesystem::exists(folder_, error)) return absl::OkStatus();
    for (auto it = std::filesystem::directory_iterator(folder_, error); !error && it != std::filesystem::end(it);
         it.increment(error)) {
      if (std::filesystem::exists(it->path() / "log.db", error)) segments_.push_back(it->path().filename().string());
    }
    std::sort(segments_.begin(), segments_.end());
    return error ? absl::ErrnoToStatus(error.value(), absl::StrCat(folder_, ": listing")) : absl::OkStatus();
  }

  absl::Status ForEachRow(const std::string& segment, const std::function<absl::Status(const Row&)>& visit) const {
    auto file = LogFile::Open(Path(segment));
    if (!file.ok()) return file.status();
    Row row;
    while (true) {
      const auto more = (*file)->Next(&row);
      if (!more.ok()) return more.status();
      if (!*more) return absl::OkStatus();
      if (auto status = visit(row); !status.ok()) return status;
    }
  }

  // What the segment says of itself and of others.
  absl::Status Look(const std::string& segment) {
    Segment& here = known_[segment];
    return ForEachRow(segment, [&](const Row& row) {
      v1::TrailBatch batch;
      if (!batch.ParseFromString(row.bytes)) {
        return Bad(segment, absl::StrCat("record ", row.first_index, ": it cannot be read"));
      }
      for (const v1::TrailRecord& record : batch.record()) {
        const v1::TrailEntry& entry = record.entry();
        if (entry.kind() != v1::TRAIL_HUB) continue;
        if (entry.method() == kDropped) dropped_.insert(entry.object());
        if (entry.method() == kBeginsAfter && record.index() == 1 && !entry.object().empty()) {
          here.before = entry.object();
          here.before_link = entry.detail();
        }
      }
      return absl::OkStatus();
    });
  }

  absl::Status CheckBefore(size_t at) {
    const Segment& here = known_[segments_[at]];
    const std::string before = at == 0 ? "" : segments_[at - 1];
    if (here.before.empty() || dropped_.contains(here.before)) return absl::OkStatus();
    if (here.before != SegmentObject(before)) {
      return Bad(segments_[at], absl::StrCat("缺失 the segment before it is missing: ", here.before));
    }
    const auto link = security::ParseLinkText(here.before_link);
    if (link.ok()) known_[before].links.insert(security::EncodeLink(*link));
    return absl::OkStatus();
  }

  // Of segments that were dropped nothing is left to prove.
  void Expect(const v1::Checkpoint& one) {
    const std::string& segment = one.trail().segment();
    if (segment.empty()) return;
    if (const auto found = known_.find(segment); found != known_.end()) {
      found->second.signed_[one.trail().records()] = one.trail().link();
    } else if (segments_.empty() || (segment > segments_.front() && !dropped_.contains(SegmentObject(segment)))) {
      missing_ = absl::DataLossError(absl::StrCat(Path(segment), ": 轨迹缺失 the segment is missing; checkpoint ",
                                                  one.number(), " signed ", one.trail().records(), " records of it"));
    }
  }

  absl::Status Prove(const std::string& segment, Verified* out) {
    Segment& here = known_[segment];
    Chain chain;
    const absl::Status walked = ForEachRow(segment, [&](const Row& row) {
      if (const auto taken = chain.Take(row); !taken.ok()) return Bad(segment, std::string(taken.status().message()));
      here.links.erase(row.link);
      const auto found = here.signed_.find(chain.index());
      if (found == here.signed_.end()) return absl::OkStatus();
      if (found->second != row.link) {
        return Bad(segment, absl::StrCat("重算过的轨迹 the trail was computed anew: up to record ", chain.index(),
                                         " it is not what a checkpoint signed"));
      }
      here.signed_.erase(found);
      return absl::OkStatus();
    });
    if (!walked.ok()) return walked;
    if (!here.signed_.empty()) {
      return Bad(segment, absl::StrCat("record ", std::min(chain.index(), here.signed_.begin()->first) + 1,
                                       ": 轨迹被截断或重算 a checkpoint signed ", here.signed_.begin()->first,
                                       " records; they are cut or computed anew"));
    }
    if (!here.links.empty()) {
      return Bad(segment, "轨迹被截断或重算 it does not have the link that the next segment says it ended with");
    }
    ++out->trail_segments;
    out->trail_records += chain.index();
    return absl::OkStatus();
  }

  const std::string folder_;
  const std::vector<v1::Checkpoint>& checkpoints_;
  std::vector<std::string> segments_;  // oldest first
  std::map<std::string, Segment> known_;
  std::set<std::string> dropped_;
  absl::Status missing_;
};

}  // namespace

absl::StatusOr<Verified> Verify(const VerifyOptions& options) {
  Verified out;
  auto signed_ones = OpenCheckpoints(options);
  if (!signed_ones.ok()) return signed_ones.status();
  if (auto status = Walk(options, *signed_ones).Run(&out); !status.ok()) return status;
  if (auto status = TrailWalk(options.data_dir, signed_ones->checkpoints).Run(&out); !status.ok()) return status;
  out.signers = std::move(signed_ones->signers);
  return out;
}

}  // namespace liandong::audit
