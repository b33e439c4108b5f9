#include "security/audit/checkpoints.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "security/audit/limits.h"
#include "security/chain.h"
#include "security/crypto.h"
#include "security/file.h"
#include "security/identity.h"
#include "security/signature.h"

namespace liandong::audit {
namespace {

constexpr std::string_view kMagic = "LDCKPT\r\n";  // on-disk value
constexpr uint32_t kFormat = 1;                    // on-disk value: never renumber
constexpr size_t kLengthBytes = 4;

absl::Status Failed(const std::string& path, std::string_view step) {
  return absl::ErrnoToStatus(errno, absl::StrCat(path, ": 检查点无法写入 ", std::string(step), " a checkpoint"));
}

}  // namespace

std::string CheckpointsPath(const std::string& data_dir) { return data_dir + "/checkpoints"; }

absl::StatusOr<ReadCheckpoints> ReadCheckpointFile(const std::string& data_dir) {
  ReadCheckpoints out;
  const std::string path = CheckpointsPath(data_dir);
  const auto file = security::ReadFileBounded(path, kCheckpointBytesMax * kCheckpointsMax);
  if (absl::IsNotFound(file.status())) return out;
  if (!file.ok()) return file.status();
  const std::string_view bytes = *file;
  if (bytes.size() < kMagic.size()) return out;  // a crash at its making
  if (bytes.substr(0, kMagic.size()) != kMagic) {
    return absl::DataLossError(absl::StrCat(path, ": 不是检查点文件 no file of checkpoints"));
  }
  out.bytes = kMagic.size();
  while (bytes.size() - out.bytes >= kLengthBytes) {
    size_t length = 0;
    for (size_t i = kLengthBytes; i > 0; --i) {
      length = length << 8 | static_cast<unsigned char>(bytes[out.bytes + i - 1]);
    }
    const auto damaged = [&] {
      return absl::DataLossError(
          absl::StrCat(path, ": 检查点 ", out.entries.size() + 1, " 损坏 checkpoint is damaged"));
    };
    if (length > kCheckpointBytesMax) return damaged();
    if (bytes.size() - out.bytes - kLengthBytes < length) break;  // torn
    v1::CheckpointEntry entry;
    if (!entry.ParseFromArray(bytes.data() + out.bytes + kLengthBytes, static_cast<int>(length))) return damaged();
    out.entries.push_back(std::move(entry));
    out.bytes += kLengthBytes + length;
  }
  return out;
}

absl::Status AppendCheckpoint(const std::string& data_dir, const v1::CheckpointEntry& entry, uint64_t* at) {
  const std::string path = CheckpointsPath(data_dir);
  const std::string body = entry.SerializeAsString();
  if (body.size() > kCheckpointBytesMax) return absl::InternalError("a checkpoint is too large");
  std::string bytes;
  if (*at == 0) bytes = kMagic;
  for (size_t i = 0; i < kLengthBytes; ++i) bytes.push_back(static_cast<char>(body.size() >> (8 * i) & 0xff));
  bytes += body;
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return Failed(path, "opening");
  const absl::Cleanup close_it = [file] { close(file); };
  if (ftruncate(file, static_cast<off_t>(*at)) != 0) return Failed(path, "cutting before");
  for (size_t done = 0; done < bytes.size();) {
    const ssize_t wrote = pwrite(file, bytes.data() + done, bytes.size() - done, static_cast<off_t>(*at + done));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return Failed(path, "writing");
    done += static_cast<size_t>(wrote);
  }
  if (fsync(file) != 0) return Failed(path, "syncing");
  if (*at == 0) {
    if (auto status = security::SyncFolder(data_dir); !status.ok()) return status;
  }
  *at += bytes.size();
  return absl::OkStatus();
}

absl::StatusOr<v1::SignedCheckpoint> Sign(const v1::Checkpoint& checkpoint, std::string_view key_pem,
                                          std::string_view certificate_pem) {
  v1::SignedCheckpoint out;
  auto fingerprint = security::CertificateFingerprint(certificate_pem);
  if (!fingerprint.ok()) return fingerprint.status();
  out.set_certificate(*std::move(fingerprint));
  out.set_body(checkpoint.SerializeAsString());
  auto signature = security::SignBytes(key_pem, out.body());
  if (!signature.ok()) return signature.status();
  out.set_signature(*std::move(signature));
  // A key that is not the certificate's would be noticed years later.
  if (auto status = security::VerifyBytes(certificate_pem, out.body(), out.signature()); !status.ok()) {
    return absl::InvalidArgumentError("the key is not the certificate's");
  }
  return out;
}

absl::StatusOr<v1::Checkpoint> Open(const v1::SignedCheckpoint& signed_checkpoint, std::string_view certificate_pem,
                                    std::string_view ca_pem) {
  const auto fingerprint = security::CertificateFingerprint(certificate_pem);
  if (!fingerprint.ok() || *fingerprint != signed_checkpoint.certificate()) {
    return absl::DataLossError("the signer's certificate is missing or another one");
  }
  const absl::Status is_signed =
      security::VerifyBytes(certificate_pem, signed_checkpoint.body(), signed_checkpoint.signature());
  if (!is_signed.ok()) return absl::DataLossError(std::string(is_signed.message()));
  v1::Checkpoint checkpoint;
  if (!checkpoint.ParseFromString(signed_checkpoint.body()) || checkpoint.format() != kFormat ||
      checkpoint.root().size() != security::kHashBytes || checkpoint.link().size() != security::kChainLinkBytes ||
      !security::SuiteFromNumber(checkpoint.suite()).ok()) {
    return absl::DataLossError("what was signed is no checkpoint of format 1");
  }
  if (ca_pem.empty()) return checkpoint;
  const auto issued = security::CheckIssuedBy(certificate_pem, ca_pem, absl::FromUnixMillis(checkpoint.wall_ms()));
  if (!issued.ok()) return absl::DataLossError(std::string(issued.message()));
  return checkpoint;
}

}  // namespace liandong::audit
