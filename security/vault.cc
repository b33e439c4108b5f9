#include "security/vault.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <list>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "security/crypto.h"
#include "security/vault_file.h"

namespace liandong::security {
namespace {

// on-disk values: names in table meta, and what the provider wraps.
constexpr char kProbeName[] = "master_key_probe";
constexpr char kProbeAad[] = "liandong vault probe";

// Ids are SQLite row ids; half of their range leaves no sum that could overflow.
constexpr uint64_t kIdMax = uint64_t{1} << 62;

// The least recently used keys leave first and are wiped.
class KeyCache {
 public:
  explicit KeyCache(size_t keys_max) : keys_max_(keys_max) {}
  ~KeyCache() {
    for (Entry& entry : entries_) Wipe(entry.key);
  }

  const std::string* Find(uint64_t id) {
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return &found->second->key;
  }
  void Put(uint64_t id, std::string key) {
    Remove(id);
    entries_.push_front({id, std::move(key)});
    by_id_[id] = entries_.begin();
    if (entries_.size() > keys_max_) Remove(entries_.back().id);
  }
  void Remove(uint64_t id) {
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) return;
    Wipe(found->second->key);
    entries_.erase(found->second);
    by_id_.erase(found);
  }

 private:
  struct Entry {
    uint64_t id;
    std::string key;
  };
  const size_t keys_max_;
  std::list<Entry> entries_;  // most recently used first
  absl::flat_hash_map<uint64_t, std::list<Entry>::iterator> by_id_;
};

}  // namespace

// Lock order: file_mutex_ before mutex_. TakeFreshKey takes mutex_ only, which nobody holds during disk work.
// std::mutex rather than absl::Mutex: the packaged Abseil is not instrumented, so ThreadSanitizer takes whatever its
// mutex guards for a race.
class Vault::Impl {
 public:
  Impl(std::unique_ptr<VaultFile> file, std::shared_ptr<KeyProvider> provider, VaultOptions options)
      : options_(options), provider_(std::move(provider)), cache_(options.cached_keys), file_(std::move(file)) {}
  ~Impl();

  absl::Status Start(uint64_t first_unused_id);
  absl::StatusOr<uint64_t> TakeFreshKey();
  absl::StatusOr<std::string> Key(uint64_t id);
  absl::Status Destroy(const std::vector<uint64_t>& ids);
  absl::StatusOr<std::vector<uint64_t>> LiveKeys(uint64_t first, uint64_t last) {
    const std::lock_guard file_lock(file_mutex_);
    return file_->LiveIds(first, last);
  }
  size_t ReadyKeys();

 private:
  struct ReadyKey {
    uint64_t id;
    std::string key;
  };

  // Under file_mutex_.
  absl::Status CheckMasterKey();
  absl::StatusOr<uint64_t> FirstIdOfThisRun(uint64_t first_unused_id);
  absl::StatusOr<std::string> Unwrap(const VaultRow& row);
  absl::StatusOr<uint64_t> HighestId();
  absl::StatusOr<std::deque<ReadyKey>> MakeBatch();
  void RefillLoop();
  // Under mutex_.
  bool IsLow() const { return ready_.size() < options_.batch_keys / 2; }

  const VaultOptions options_;
  const std::shared_ptr<KeyProvider> provider_;

  std::mutex file_mutex_;  // guards *file_
  std::mutex mutex_;       // guards what follows, but for file_ and refiller_
  std::condition_variable low_or_stopping_;
  std::condition_variable refilled_;
  std::deque<ReadyKey> ready_;  // durable, not handed out, ids rising
  uint64_t next_to_make_ = 1;
  uint64_t last_taken_ = 0;
  absl::Status refill_status_;
  bool stopping_ = false;
  KeyCache cache_;
  const std::unique_ptr<VaultFile> file_;
  std::thread refiller_;
};

absl::Status Vault::Impl::Start(uint64_t first_unused_id) {
  {
    const std::lock_guard file_lock(file_mutex_);
    if (absl::Status status = CheckMasterKey(); !status.ok()) return status;
    const auto next = FirstIdOfThisRun(first_unused_id);
    if (!next.ok()) return next.status();
    const auto rows = file_->RowsFrom(*next);
    if (!rows.ok()) return rows.status();
    const std::lock_guard lock(mutex_);
    last_taken_ = *next - 1;
    next_to_make_ = *next;
    for (const VaultRow& row : *rows) {
      auto key = Unwrap(row);
      if (!key.ok()) return key.status();
      ready_.push_back({row.id, *std::move(key)});
      next_to_make_ = row.id + 1;
    }
  }
  if (ReadyKeys() < options_.batch_keys / 2) {
    auto batch = MakeBatch();
    if (!batch.ok()) return batch.status();
    const std::lock_guard lock(mutex_);
    for (ReadyKey& key : *batch) ready_.push_back(std::move(key));
  }
  refiller_ = std::thread([this] { RefillLoop(); });
  return absl::OkStatus();
}

Vault::Impl::~Impl() {
  if (!refiller_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  low_or_stopping_.notify_all();
  refiller_.join();
  const std::lock_guard file_lock(file_mutex_);
  const std::lock_guard lock(mutex_);
  const uint64_t next = ready_.empty() ? next_to_make_ : ready_.front().id;
  // When this fails the next start only leaves a gap, as after a crash.
  file_->SetValue(kVaultCleanStop, absl::StrCat(next)).IgnoreError();
  for (ReadyKey& key : ready_) Wipe(key.key);
}

// The probe tells at once that the master key is another one, also when every key was destroyed.
absl::Status Vault::Impl::CheckMasterKey() {
  const auto probe = file_->Value(kProbeName);
  if (!probe.ok()) return probe.status();
  if (!probe->has_value()) {
    const auto wrapped = provider_->Wrap(kProbeAad, RandomBytes(kKeyBytes));
    if (!wrapped.ok()) return wrapped.status();
    return file_->SetValue(kProbeName, *wrapped);
  }
  const auto unwrapped = provider_->Unwrap(kProbeAad, **probe);
  if (!absl::IsDataLoss(unwrapped.status())) return unwrapped.status();
  return absl::DataLossError(absl::StrCat(
      file_->path(), ": 主密钥不符 / was not made with the master key ", provider_->Name(),
      "; give the master key file that belongs to this key store (restore it from its backup if it was made anew)"));
}

// After a crash nobody knows which of the keys made ahead were handed out, so all of them are passed over.
absl::StatusOr<uint64_t> Vault::Impl::FirstIdOfThisRun(uint64_t first_unused_id) {
  const auto highest = file_->HighestId();
  if (!highest.ok()) return highest.status();
  if (first_unused_id > *highest + 1 && !options_.accept_lost_keys) {
    return absl::DataLossError(absl::StrCat(
        file_->path(), ": 密钥库缺少日志已使用的密钥 / holds keys up to ", *highest,
        ", but the log has used keys up to ", first_unused_id - 1,
        ": the key store was lost or is an older copy. Restore the newest copy; or accept that what the missing keys "
        "sealed stays unreadable, and set accept_lost_keys"));
  }
  const auto clean_stop = file_->Value(kVaultCleanStop);
  if (!clean_stop.ok()) return clean_stop.status();
  uint64_t next = *highest + 1;
  uint64_t noted = 0;
  if (clean_stop->has_value()) {
    // Gone before the first key is handed out, or a crash after that would start from it again.
    if (absl::Status status = file_->RemoveValue(kVaultCleanStop); !status.ok()) return status;
    if (absl::SimpleAtoi(**clean_stop, &noted) && noted >= 1) next = std::min(next, noted);
  }
  return std::max(next, first_unused_id);
}

absl::StatusOr<std::string> Vault::Impl::Unwrap(const VaultRow& row) {
  auto key = provider_->Unwrap(VaultKeyAad(row.id), row.wrapped);
  if (!key.ok())
    return absl::Status(key.status().code(), absl::StrCat("data key ", row.id, ": ", key.status().message()));
  if (key->size() != kKeyBytes) return absl::DataLossError(absl::StrCat("data key ", row.id, " has a wrong length"));
  return key;
}

absl::StatusOr<uint64_t> Vault::Impl::HighestId() {
  const std::lock_guard file_lock(file_mutex_);
  return file_->HighestId();
}

// One at a time: at the start, then the refiller.
absl::StatusOr<std::deque<Vault::Impl::ReadyKey>> Vault::Impl::MakeBatch() {
  // Asked of the file too: a commit that reported an error may yet have been made.
  const auto highest = HighestId();
  if (!highest.ok()) return highest.status();
  uint64_t first = *highest + 1;
  {
    const std::lock_guard lock(mutex_);
    first = std::max(first, next_to_make_);
  }
  std::deque<ReadyKey> keys;
  std::vector<VaultRow> rows;
  rows.reserve(options_.batch_keys);
  for (uint64_t id = first; id < first + options_.batch_keys; ++id) {
    keys.push_back({id, RandomBytes(kKeyBytes)});
    auto wrapped = provider_->Wrap(VaultKeyAad(id), keys.back().key);
    if (!wrapped.ok()) return wrapped.status();
    rows.push_back({id, true, *std::move(wrapped)});
  }
  if (options_.share) {  // without file_mutex_: it takes its time, and Key must not wait for it
    std::vector<std::string> wrapped;
    wrapped.reserve(rows.size());
    for (const VaultRow& row : rows) wrapped.push_back(row.wrapped);
    if (absl::Status status = options_.share(*highest, first, wrapped); !status.ok()) return status;
  }
  {
    // Others may have these keys under these ids now: whether or not they can be written here, no other key gets one.
    const std::lock_guard lock(mutex_);
    next_to_make_ = first + options_.batch_keys;
  }
  {
    const std::lock_guard file_lock(file_mutex_);
    if (absl::Status status = file_->Add(rows); !status.ok()) return status;
  }
  if (options_.kept) options_.kept(first + options_.batch_keys - 1);
  return keys;
}

void Vault::Impl::RefillLoop() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (!IsLow()) {
      low_or_stopping_.wait(lock, [this] { return stopping_ || IsLow(); });
      continue;
    }
    lock.unlock();
    auto batch = MakeBatch();
    lock.lock();
    refill_status_ = batch.status();
    if (batch.ok()) {
      for (ReadyKey& key : *batch) ready_.push_back(std::move(key));
    }
    refilled_.notify_all();
    if (!batch.ok()) {
      low_or_stopping_.wait_for(lock, std::chrono::milliseconds(kVaultRefillRetryMs), [this] { return stopping_; });
    }
  }
}

absl::StatusOr<uint64_t> Vault::Impl::TakeFreshKey() {
  std::unique_lock lock(mutex_);
  refilled_.wait(lock, [this] { return !ready_.empty() || !refill_status_.ok(); });
  if (ready_.empty()) return absl::UnavailableError(absl::StrCat("no data key is ready: ", refill_status_.message()));
  ReadyKey taken = std::move(ready_.front());
  ready_.pop_front();
  last_taken_ = taken.id;
  cache_.Put(taken.id, std::move(taken.key));
  if (IsLow()) low_or_stopping_.notify_one();
  return taken.id;
}

absl::StatusOr<std::string> Vault::Impl::Key(uint64_t id) {
  {
    const std::lock_guard lock(mutex_);
    if (const std::string* key = cache_.Find(id); key != nullptr) return *key;
    if (id > last_taken_) return absl::NotFoundError(absl::StrCat("data key ", id, " was never handed out"));
  }
  // Held until the cache has the key: a Destroy in between would otherwise be undone by the Put.
  const std::lock_guard file_lock(file_mutex_);
  const auto row = file_->Find(id);
  if (!row.ok()) return row.status();
  if (!row->has_value()) return absl::NotFoundError(absl::StrCat("data key ", id, " is not in the key store"));
  if (!(*row)->live) return absl::FailedPreconditionError(absl::StrCat("data key ", id, " is destroyed"));
  auto key = Unwrap(**row);
  if (!key.ok()) return key.status();
  const std::lock_guard lock(mutex_);
  cache_.Put(id, *key);
  return key;
}

absl::Status Vault::Impl::Destroy(const std::vector<uint64_t>& ids) {
  if (ids.empty()) return absl::OkStatus();
  const std::lock_guard file_lock(file_mutex_);
  {
    const std::lock_guard lock(mutex_);
    for (const uint64_t id : ids) {
      if (id > last_taken_) return absl::NotFoundError(absl::StrCat("data key ", id, " was never handed out"));
    }
  }
  if (absl::Status status = file_->Erase(ids); !status.ok()) return status;
  {
    const std::lock_guard lock(mutex_);
    for (const uint64_t id : ids) cache_.Remove(id);
  }
  return file_->CutWal();
}

size_t Vault::Impl::ReadyKeys() {
  const std::lock_guard lock(mutex_);
  return ready_.size();
}

Vault::Vault(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Vault::~Vault() = default;

absl::StatusOr<std::unique_ptr<Vault>> Vault::Open(const std::string& path, std::shared_ptr<KeyProvider> provider,
                                                   uint64_t first_unused_id, VaultOptions options) {
  if (options.batch_keys < 2 || options.batch_keys > kVaultBatchKeysMax || options.cached_keys < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("key store options: batch_keys is 2 to ", kVaultBatchKeysMax, ", cached_keys at least 1"));
  }
  if (first_unused_id > kIdMax) return absl::InvalidArgumentError("first_unused_id is beyond any key's id");
  auto file = VaultFile::Open(path);
  if (!file.ok()) return file.status();
  auto impl = std::make_unique<Impl>(*std::move(file), std::move(provider), options);
  if (absl::Status status = impl->Start(first_unused_id); !status.ok()) return status;
  return std::unique_ptr<Vault>(new Vault(std::move(impl)));
}

absl::StatusOr<uint64_t> Vault::TakeFreshKey() { return impl_->TakeFreshKey(); }
absl::StatusOr<std::string> Vault::Key(uint64_t id) { return impl_->Key(id); }
absl::StatusOr<std::vector<uint64_t>> Vault::LiveKeys(uint64_t first, uint64_t last) {
  return impl_->LiveKeys(first, last);
}
absl::Status Vault::DestroyAll(const std::vector<uint64_t>& ids) { return impl_->Destroy(ids); }
size_t Vault::ReadyKeys() const { return impl_->ReadyKeys(); }

}  // namespace liandong::security
