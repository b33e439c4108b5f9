// One incident's evidence package: its records, each with its proof against a signed checkpoint.
//
// The proofs show that each record stood at its place when the checkpoint was signed. That none is left out shows only
// the whole log; for the package its maker vouches, who signs the whole with the certificate of a party.
//
// Thread-safety: pure functions of folder and package.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "liandong/v1/audit.pb.h"
#include "liandong/v1/record.pb.h"

namespace liandong::audit {

struct MadeEvidence {
  v1::EvidencePackage package;
  uint64_t not_yet = 0;  // records of the incident after the last checkpoint
};
// `now_ms` (Unix) is the time that the package bears. NotFound: no record of the incident under a checkpoint. DataLoss:
// the log is not what the checkpoint signed.
absl::StatusOr<MadeEvidence> MakeEvidence(const std::string& data_dir, uint64_t incident_id, std::string_view ca_pem,
                                          int64_t now_ms);
// InvalidArgument: the key and the certificate do not go together.
absl::StatusOr<v1::SignedEvidence> SignEvidence(const v1::EvidencePackage& package, std::string_view key_pem,
                                                std::string_view certificate_pem);

struct CheckedEvidence {
  v1::EvidencePackage package;
  std::string maker;  // party
  v1::Checkpoint checkpoint;
  std::vector<v1::Record> records;    // of the incident
  std::vector<v1::Record> site_sets;  // adoptions
};
// `ca_pem`: of the one who checks, not the package's. DataLoss says what does not hold.
absl::StatusOr<CheckedEvidence> CheckEvidence(const v1::SignedEvidence& evidence, std::string_view ca_pem);

}  // namespace liandong::audit
