#include "security/key_copy.h"

#include "absl/strings/str_cat.h"
#include "security/crypto.h"

namespace liandong::security {

absl::StatusOr<std::unique_ptr<KeyCopy>> KeyCopy::Open(const std::string& path, std::shared_ptr<KeyProvider> provider) {
  auto file = VaultFile::Open(path);
  if (!file.ok()) return file.status();
  const auto highest = (*file)->HighestId();
  if (!highest.ok()) return highest.status();
  return std::unique_ptr<KeyCopy>(new KeyCopy(*std::move(file), std::move(provider), *highest));
}

absl::Status KeyCopy::Add(uint64_t first_id, const std::vector<std::string>& wrapped) {
  std::vector<VaultRow> rows;
  for (size_t i = 0; i < wrapped.size(); ++i) {
    if (first_id + i > highest_id_) rows.push_back({first_id + i, true, wrapped[i]});
  }
  if (rows.empty()) return absl::OkStatus();
  // Told now and not at the takeover. One speaks for its batch.
  auto key = provider_->Unwrap(VaultKeyAad(rows.front().id), rows.front().wrapped);
  if (!key.ok()) {
    return absl::DataLossError(
        absl::StrCat("本节点的主密钥 ", provider_->Name(),
                     " 与主节点的不同,请复制同一文件 the active node's keys do not open with this "
                     "node's master key: give all nodes the same file: ",
                     key.status().message()));
  }
  Wipe(*key);
  // Another node hands keys out now: where this one once stopped says nothing any more.
  if (absl::Status status = file_->RemoveValue(kVaultCleanStop); !status.ok()) return status;
  if (absl::Status status = file_->Add(rows); !status.ok()) return status;
  highest_id_ = rows.back().id;
  return absl::OkStatus();
}

absl::Status KeyCopy::DestroyAll(const std::vector<uint64_t>& ids) {
  if (ids.empty()) return absl::OkStatus();
  if (absl::Status status = file_->Erase(ids); !status.ok()) return status;
  return file_->CutWal();
}

absl::StatusOr<std::vector<uint64_t>> KeyCopy::LiveKeys(uint64_t first, uint64_t last) {
  return file_->LiveIds(first, last);
}

}  // namespace liandong::security
