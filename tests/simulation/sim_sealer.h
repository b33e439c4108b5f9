// Seals so that a run can be had again: no randomness, but clear text is not to be read off the bytes, and another key
// or incident does not open them. Keys are numbers, made durable before they are handed out, as the vault does.
#ifndef LIANDONG_TESTS_SIMULATION_SIM_SEALER_H_
#define LIANDONG_TESTS_SIMULATION_SIM_SEALER_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "hub/sealer.h"
#include "security/crypto.h"

namespace liandong::sim {

class SimSealer : public hub::Sealer {
 public:
  // `next_key` lies on the hub's disk: it outlives crashes.
  explicit SimSealer(uint64_t* next_key) : hub::Sealer(nullptr), next_key_(next_key) {}

  absl::StatusOr<uint64_t> FreshKey() override {
    if (spare_ == 0) spare_ = (*next_key_)++;
    return spare_;
  }
  void Used(uint64_t key_id) override {
    if (key_id == spare_) spare_ = 0;
  }
  absl::StatusOr<std::string> Seal(const hub::SealKey& key, const std::string& plain) override {
    if (plain.empty()) return std::string();
    std::string sealed = Head(key);
    for (char c : plain) sealed += static_cast<char>(c ^ 0x5A);
    return sealed;
  }
  absl::StatusOr<std::string> Open(const hub::SealKey& key, const std::string& sealed) const override {
    if (sealed.empty()) return std::string();
    const std::string head = Head(key);
    if (sealed.compare(0, head.size(), head) != 0) return absl::DataLossError("sealed under another key");
    std::string plain = sealed.substr(head.size());
    for (char& c : plain) c = static_cast<char>(c ^ 0x5A);
    return plain;
  }
  absl::StatusOr<std::string> ContentMac(const hub::SealKey& key, const v1::Report& report) override {
    return security::Sha256(
        absl::StrCat(key.key_id, "/", report.open().SerializeAsString(), "/", report.sealed().SerializeAsString()));
  }

 private:
  static std::string Head(const hub::SealKey& key) { return absl::StrCat("<", key.key_id, "/", key.incident_id, ">"); }
  uint64_t* const next_key_;
  uint64_t spare_ = 0;
};

}  // namespace liandong::sim

#endif  // LIANDONG_TESTS_SIMULATION_SIM_SEALER_H_
