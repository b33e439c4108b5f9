#include "hub/shredder.h"

#include "absl/strings/str_cat.h"

namespace liandong::hub {

void Shredder::Destroy(const std::vector<uint64_t>& key_ids) {
  std::vector<uint64_t> all;
  bool waited = false;
  {
    const std::lock_guard lock(mu_);
    waited = !waiting_.empty();
    waiting_.insert(key_ids.begin(), key_ids.end());
    all.assign(waiting_.begin(), waiting_.end());
  }
  if (all.empty()) return;
  const absl::Status status = TryAll(all);
  if (status.ok()) {
    const std::lock_guard lock(mu_);
    for (uint64_t id : all) waiting_.erase(id);
  } else if (!waited && say_) {
    say_(
        absl::StrCat("密钥暂未销毁,将重试 keys are not destroyed yet, tried again until they are: ", status.message()));
  }
}

absl::Status Shredder::TryAll(const std::vector<uint64_t>& key_ids) {
  absl::Status status = keys_->DestroyAll(key_ids);
  if (!absl::IsNotFound(status)) return status;
  // All or none are destroyed together; one that a lost key store never had must not save the others.
  absl::Status worst;
  for (uint64_t id : key_ids) {
    const absl::Status one = keys_->DestroyAll({id});
    if (!one.ok() && !absl::IsNotFound(one)) worst = one;
  }
  return worst;
}

absl::Status Shredder::DestroyAgain(const core::KeyRanges& erased) {
  std::vector<uint64_t> there;
  for (const auto& [first, last] : erased.ranges()) {
    const auto live = keys_->LiveKeys(first, last);
    if (!live.ok()) return live.status();
    there.insert(there.end(), live->begin(), live->end());
  }
  if (there.empty()) return absl::OkStatus();
  if (say_) say_(absl::StrCat("补销毁 ", there.size(), " 个密钥 keys destroyed that a record says are destroyed"));
  Destroy(there);
  return absl::OkStatus();
}

void Shredder::Follow(const core::KeyRanges& erased) {
  if (waiting() > 0) Destroy();
  if (erased.ranges() == followed_.ranges()) return;
  if (DestroyAgain(erased).ok()) followed_ = erased;
}

size_t Shredder::waiting() const {
  const std::lock_guard lock(mu_);
  return waiting_.size();
}

}  // namespace liandong::hub
