#include "security/key_provider.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "security/file.h"
#include "security/seal.h"

namespace liandong::security {
namespace {

constexpr std::string_view kKeyNameLabel = "liandong key name";
constexpr size_t kKeyNameBytes = 8;

}  // namespace

absl::StatusOr<std::string> ReadOrCreateKeyFile(const std::string& path) {
  std::string fresh = RandomBytes(kKeyBytes);
  const absl::Status created = CreateFileAtomic(path, fresh, 0600);
  if (created.ok()) return fresh;
  Wipe(fresh);
  if (!absl::IsAlreadyExists(created)) return created;
  if (absl::Status open = CheckPrivateFile(path); !open.ok()) return open;
  auto key = ReadFileBounded(path, kKeyBytes);
  if (!key.ok() && !absl::IsOutOfRange(key.status())) return key.status();
  if (!key.ok() || key->size() != kKeyBytes) {
    return absl::DataLossError(absl::StrCat(path, ": 不是32字节的密钥文件, 请从备份恢复 / not a key file of ",
                                            kKeyBytes, " bytes; restore it from its backup"));
  }
  return key;
}

absl::StatusOr<std::unique_ptr<FileKeyProvider>> FileKeyProvider::Open(const std::string& path, Suite suite) {
  auto key = ReadOrCreateKeyFile(path);
  if (!key.ok()) return key.status();
  return std::unique_ptr<FileKeyProvider>(new FileKeyProvider(path, *std::move(key), suite));
}

FileKeyProvider::FileKeyProvider(std::string path, std::string key, Suite suite)
    : path_(std::move(path)), key_(std::move(key)), suite_(suite) {}

FileKeyProvider::~FileKeyProvider() { Wipe(key_); }

std::string FileKeyProvider::Name() const {
  return absl::StrCat(path_, " (", Hex(Hmac(suite_, key_, kKeyNameLabel).substr(0, kKeyNameBytes)), ")");
}

absl::StatusOr<std::string> FileKeyProvider::Wrap(std::string_view aad, std::string_view data_key) {
  return Seal(suite_, key_, aad, data_key);
}

absl::StatusOr<std::string> FileKeyProvider::Unwrap(std::string_view aad, std::string_view wrapped) {
  return security::Open(key_, aad, wrapped);
}

}  // namespace liandong::security
