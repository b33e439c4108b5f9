#include "hub/sealer.h"

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "hub/core/errors.h"
#include "security/crypto.h"
#include "security/seal.h"

namespace liandong::hub {
namespace {

// Ties sealed bytes to their incident: moved elsewhere they do not open.
std::string Aad(const SealKey& key) { return absl::StrCat("incident/", key.incident_id); }

}  // namespace

absl::StatusOr<std::string> OpenSealed(const std::string& key, uint64_t incident_id, const std::string& sealed) {
  if (sealed.empty()) return std::string();
  return security::Open(key, Aad({incident_id, 0}), sealed);
}

absl::StatusOr<uint64_t> Sealer::FreshKey() {
  if (spare_key_ != 0) return spare_key_;
  absl::StatusOr<uint64_t> id = vault_->TakeFreshKey();
  if (id.ok()) spare_key_ = *id;
  return id;
}

void Sealer::Used(uint64_t key_id) {
  if (key_id == spare_key_) spare_key_ = 0;
}

absl::StatusOr<std::string> Sealer::KeyOf(const SealKey& key) const {
  absl::StatusOr<std::string> bytes = vault_->Key(key.key_id);
  if (absl::IsFailedPrecondition(bytes.status())) return core::RefuseErased(key.incident_id);
  return bytes;
}

absl::StatusOr<std::string> Sealer::Seal(const SealKey& key, const std::string& plain) {
  if (plain.empty()) return std::string();
  absl::StatusOr<std::string> bytes = KeyOf(key);
  if (!bytes.ok()) return bytes.status();
  const absl::Cleanup wipe = [&] { security::Wipe(*bytes); };  // a freed copy must not outlive a destroyed key
  return security::Seal(suite_, *bytes, Aad(key), plain);
}

absl::StatusOr<std::string> Sealer::Open(const SealKey& key, const std::string& sealed) const {
  if (sealed.empty()) return std::string();
  absl::StatusOr<std::string> bytes = KeyOf(key);
  if (!bytes.ok()) return bytes.status();
  const absl::Cleanup wipe = [&] { security::Wipe(*bytes); };
  return security::Open(*bytes, Aad(key), sealed);
}

absl::StatusOr<std::string> Sealer::ContentMac(const SealKey& key, const v1::Report& report) {
  absl::StatusOr<std::string> bytes = KeyOf(key);
  if (!bytes.ok()) return bytes.status();
  const absl::Cleanup wipe = [&] { security::Wipe(*bytes); };
  const std::string open = report.open().SerializeAsString();
  return security::Mac(suite_, *bytes, absl::StrCat(open.size(), ":", open, report.sealed().SerializeAsString()));
}

}  // namespace liandong::hub
