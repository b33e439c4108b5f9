// Signed checkpoints (audit.proto) in <data_dir>/checkpoints: magic "LDCKPT\r\n", then entries of a length (u32, little
// endian) and that many bytes of v1::CheckpointEntry. Appended and synced; a crash can tear the last entry, which then
// counts as never written.
//
// Thread-safety: one thread for an object; one writer a folder (the hub, which holds the folder's lock).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "liandong/v1/audit.pb.h"

namespace liandong::audit {

std::string CheckpointsPath(const std::string& data_dir);

struct ReadCheckpoints {
  std::vector<v1::CheckpointEntry> entries;
  uint64_t bytes = 0;  // of the file up to the end of the last whole entry
};
// Empty when there is no file. DataLoss: another file, or an entry inside it that cannot be read.
absl::StatusOr<ReadCheckpoints> ReadCheckpointFile(const std::string& data_dir);

// Cuts what a crash tore off, appends, syncs. `at`: ReadCheckpoints::bytes, moved on.
absl::Status AppendCheckpoint(const std::string& data_dir, const v1::CheckpointEntry& entry, uint64_t* at);

// Signs with the key; `certificate_pem` is its certificate.
absl::StatusOr<v1::SignedCheckpoint> Sign(const v1::Checkpoint& checkpoint, std::string_view key_pem,
                                          std::string_view certificate_pem);
// The checkpoint, when the signature is the certificate's and, with a `ca_pem`, the certificate was the CA's then.
// DataLoss says which does not hold.
absl::StatusOr<v1::Checkpoint> Open(const v1::SignedCheckpoint& signed_checkpoint, std::string_view certificate_pem,
                                    std::string_view ca_pem);

}  // namespace liandong::audit
