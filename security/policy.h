// Which kind of party may call which method. Default deny: a method that is not in the table is nobody's.
// Whether a caller may touch *this* report, delivery or incident is decided by the services, after this.
//
// Thread-safety: constants and pure functions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/types/span.h"

namespace liandong::security {

enum class PartyKind : uint8_t { kHotline, kAgency, kTownship, kCommand, kHub, kScreen };
inline constexpr std::array<PartyKind, 6> kAllPartyKinds = {PartyKind::kHotline,  PartyKind::kAgency,
                                                            PartyKind::kTownship, PartyKind::kCommand,
                                                            PartyKind::kHub,      PartyKind::kScreen};
// "HOTLINE", "AGENCY" … as in the contract.
std::string_view PartyKindName(PartyKind kind);

struct MethodRule {
  std::string_view method;  // "/package.Service/Method"; a trailing '*' stands for any method of that service
  uint8_t kinds;            // bit set, see KindBit

  constexpr bool Allows(PartyKind kind) const;
};

constexpr uint8_t KindBit(PartyKind kind) { return static_cast<uint8_t>(1u << static_cast<unsigned>(kind)); }
constexpr bool MethodRule::Allows(PartyKind kind) const { return (kinds & KindBit(kind)) != 0; }

// The whole table, for tests and documentation.
absl::Span<const MethodRule> MethodRules();

// `method` as gRPC gives it, with the leading slash.
bool May(PartyKind kind, std::string_view method);

}  // namespace liandong::security
