// State, as far as erasure goes: what awaits its end, in memory and out of it, and which keys are gone.
#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
#include "hub/core/check.h"
#include "hub/core/state.h"

namespace liandong::core {

void State::PutKept(uint64_t root, const Kept& kept) {
  LIANDONG_CHECK(!incidents_.Has(root), "an incident is kept out of memory that is in it");
  kept_[root] = kept;
  if (kept.held_since_ms == 0) retention_.Add(kept.classes, kept.ended_ms, root);
}

void State::ForgetKept(uint64_t root) {
  auto it = kept_.find(root);
  if (it == kept_.end()) return;
  retention_.Remove(it->second.classes, it->second.ended_ms, root);
  kept_.erase(it);
  kept_merged_.erase(root);
}

void State::PutRetention(const v1::Changes& changes) {
  for (const auto& one : changes.kept()) {
    PutKept(one.incident_id(), {one.key_id(), one.ended_ms(), one.held_since_ms(), one.sealed_classes()});
    if (one.merged_size() > 0) kept_merged_[one.incident_id()] = {one.merged().begin(), one.merged().end()};
  }
  for (const auto& one : changes.erased()) {
    erased_keys_.Add(one.key_id());
    ForgetKept(one.incident_id());
  }
  if (changes.erase_from_ms() != 0) erase_from_ms_ = changes.erase_from_ms();
}

const Kept* State::FindKept(uint64_t root) const {
  auto it = kept_.find(root);
  return it == kept_.end() ? nullptr : &it->second;
}

const std::vector<v1::ErasedKey>& State::MergedIntoKept(uint64_t root) const {
  static const auto* const kNone = new std::vector<v1::ErasedKey>();
  auto it = kept_merged_.find(root);
  return it == kept_merged_.end() ? *kNone : it->second;
}

RetentionIndex::Due State::ErasuresDue(int64_t now_ms, size_t max) const {
  if (site_ == nullptr || now_ms < erase_from_ms_) return {};
  return retention_.Until(site_->settings(), now_ms, max);
}

int64_t State::NextErasure() const {
  if (site_ == nullptr) return std::numeric_limits<int64_t>::max();
  return std::max(retention_.Next(site_->settings()), erase_from_ms_);
}

void State::WriteRetention(v1::Snapshot& out) const {
  for (const auto& [root, one] : kept_) {
    v1::KeptBook* book = out.mutable_kept();
    book->add_incident_id(root);
    book->add_key_id(one.key_id);
    book->add_ended_ms(one.ended_ms);
    book->add_held_since_ms(one.held_since_ms);
    book->add_sealed_classes(one.classes);
  }
  for (const auto& [root, merged] : kept_merged_) {
    for (const v1::ErasedKey& key : merged) {
      v1::MergedKey* one = out.mutable_kept()->add_merged();
      one->set_root(root);
      *one->mutable_key() = key;
    }
  }
  for (const auto& [first, last] : erased_keys_.ranges()) {
    v1::KeyRange* range = out.add_erased_key();
    range->set_first(first);
    range->set_last(last);
  }
  out.set_erase_from_ms(erase_from_ms_);
}

absl::Status State::ReadRetention(const v1::Snapshot& snapshot) {
  const v1::KeptBook& kept = snapshot.kept();
  const int count = kept.incident_id_size();
  if (kept.key_id_size() != count || kept.ended_ms_size() != count || kept.held_since_ms_size() != count ||
      kept.sealed_classes_size() != count) {
    return absl::DataLossError("the snapshot's columns of kept incidents are not equally long");
  }
  for (int i = 0; i < count; ++i) {
    PutKept(kept.incident_id(i), {kept.key_id(i), kept.ended_ms(i), kept.held_since_ms(i), kept.sealed_classes(i)});
  }
  for (const auto& one : kept.merged()) kept_merged_[one.root()].push_back(one.key());
  for (const auto& one : snapshot.erased_key()) erased_keys_.AddRange(one.first(), one.last());
  erase_from_ms_ = snapshot.erase_from_ms();
  return absl::OkStatus();
}

absl::Status State::CheckRetention() const {
  RetentionIndex awaiting;
  absl::Status wrong;
  incidents_.Ascend([&](uint64_t id, const v1::IncidentState& incident) {
    if (AwaitsErasure(incident)) awaiting.Add(incident.sealed_classes(), incident.closed_at_ms(), id);
    if ((incident.erased_at_ms() != 0) != erased_keys_.Contains(incident.key_id()))
      wrong = absl::InternalError(absl::StrCat("incident ", id, " and its key do not agree on whether it is erased"));
    return wrong.ok();
  });
  if (!wrong.ok()) return wrong;
  for (const auto& [root, kept] : kept_) {
    if (incidents_.Has(root))
      return absl::InternalError(absl::StrCat("incident ", root, " is in memory and kept out of it"));
    if (kept.held_since_ms == 0) awaiting.Add(kept.classes, kept.ended_ms, root);
  }
  if (!(awaiting == retention_))
    return absl::InternalError("the retention index does not hold exactly what awaits its end");
  return absl::OkStatus();
}

}  // namespace liandong::core
