#include "security/audit/evidence.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "security/audit/checkpoints.h"
#include "security/audit/limits.h"
#include "security/audit/log_file.h"
#include "security/audit/merkle.h"
#include "security/identity.h"
#include "security/signature.h"

namespace liandong::audit {
namespace {

constexpr uint32_t kFormat = 1;

bool IsAbout(const v1::Record& record, uint64_t incident_id) {
  return std::find(record.incident_id().begin(), record.incident_id().end(), incident_id) != record.incident_id().end();
}

// What one reading of the log finds.
struct Found {
  std::string leaves;
  std::map<uint64_t, std::string> records;    // of the incident, by index
  std::map<uint64_t, std::string> site_sets;  // adoptions: in force at the first of them, and later ones
  uint64_t not_yet = 0;
  size_t bytes = 0;
};

absl::Status TakeRecord(const RecordBytes& one, uint64_t incident_id, bool covered, Found* found) {
  v1::Record record;
  if (!record.ParseFromArray(one.bytes.data(), static_cast<int>(one.bytes.size()))) {
    return absl::DataLossError(absl::StrCat("record ", one.index, ": it cannot be read"));
  }
  const bool about = IsAbout(record, incident_id);
  if (!covered) {
    found->not_yet += about ? 1 : 0;
    return absl::OkStatus();
  }
  if (record.has_site_set_adopted()) {
    if (found->records.empty()) found->site_sets.clear();  // only the one in force when the incident began
    found->site_sets[one.index] = std::string(one.bytes);
  }
  if (!about) return absl::OkStatus();
  found->bytes += one.bytes.size();
  found->records[one.index] = std::string(one.bytes);
  if (found->records.size() > kPackageRecordsMax || found->bytes > kPackageBytesMax) {
    return absl::ResourceExhaustedError(
        absl::StrCat("incident ", incident_id, " has more records than a package takes"));
  }
  return absl::OkStatus();
}

absl::StatusOr<Found> Search(const std::string& data_dir, uint64_t incident_id, const v1::Checkpoint& checkpoint,
                             security::Suite suite) {
  auto file = LogFile::Open(data_dir);
  if (!file.ok()) return file.status();
  Found found;
  Row row;
  while (true) {
    const auto more = (*file)->Next(&row);
    if (!more.ok()) return more.status();
    if (!*more) return found;
    const auto records = SplitBatch(row.bytes);
    if (!records.ok()) {
      return absl::DataLossError(absl::StrCat("record ", row.first_index, ": ", records.status().message()));
    }
    for (const RecordBytes& one : *records) {
      const bool covered = one.index <= checkpoint.records();
      if (covered) found.leaves += LeafHash(suite, one.bytes);
      if (auto status = TakeRecord(one, incident_id, covered, &found); !status.ok()) return status;
    }
  }
}

absl::StatusOr<v1::Record> CheckProof(const v1::ProvenRecord& proven, const v1::Checkpoint& checkpoint,
                                      security::Suite suite) {
  const auto wrong = [&](const char* what) {
    return absl::DataLossError(absl::StrCat("record ", proven.index(), ": ", what));
  };
  const auto root = RootFromPath(suite, LeafHash(suite, proven.bytes()), proven.index() - 1, checkpoint.records(),
                                 {proven.path().begin(), proven.path().end()});
  if (!root.has_value() || *root != checkpoint.root()) {
    return wrong("已被改动 it is not what stood at its place when the checkpoint was signed");
  }
  v1::Record record;
  if (!record.ParseFromString(proven.bytes()) || record.index() != proven.index()) return wrong("it cannot be read");
  return record;
}

}  // namespace

absl::StatusOr<MadeEvidence> MakeEvidence(const std::string& data_dir, uint64_t incident_id, std::string_view ca_pem,
                                          int64_t now_ms) {
  const auto file = ReadCheckpointFile(data_dir);
  if (!file.ok()) return file.status();
  if (file->entries.empty()) {
    return absl::NotFoundError(absl::StrCat(
        CheckpointsPath(data_dir), ": 尚无检查点 there is no checkpoint yet; the hub makes one when it stops"));
  }
  std::map<std::string, std::string> certificates;
  for (const auto& entry : file->entries) {
    if (!entry.certificate_pem().empty())
      certificates[entry.signed_checkpoint().certificate()] = entry.certificate_pem();
  }
  const v1::SignedCheckpoint& newest = file->entries.back().signed_checkpoint();
  const std::string& certificate = certificates[newest.certificate()];
  const auto checkpoint = Open(newest, certificate, ca_pem);
  if (!checkpoint.ok()) return checkpoint.status();
  const auto suite = security::SuiteFromNumber(checkpoint->suite());
  auto found = Search(data_dir, incident_id, *checkpoint, *suite);
  if (!found.ok()) return found.status();
  if (found->records.empty()) {
    return absl::NotFoundError(absl::StrCat("检查点以内没有事件 ", incident_id, " 的记录 no record of incident ",
                                            incident_id, " under a checkpoint; ", found->not_yet,
                                            " wait for the next one"));
  }
  const Tree tree(*suite, std::move(found->leaves));
  if (tree.Root() != checkpoint->root()) {
    return absl::DataLossError(
        "日志与检查点不符 the log is not what the checkpoint signed; run: liandong audit verify DIR");
  }
  MadeEvidence out;
  out.not_yet = found->not_yet;
  v1::EvidencePackage& package = out.package;
  package.set_format(kFormat);
  package.set_incident_id(incident_id);
  *package.mutable_checkpoint() = newest;
  package.set_certificate_pem(certificate);
  package.set_ca_pem(ca_pem.data(), ca_pem.size());
  package.set_made_at_ms(now_ms);
  const uint64_t last = found->records.rbegin()->first;
  const auto add = [&](uint64_t index, std::string& bytes, v1::ProvenRecord* to) {
    to->set_index(index);
    to->set_bytes(std::move(bytes));
    for (std::string& step : tree.Path(index - 1)) to->add_path(std::move(step));
  };
  for (auto& [index, bytes] : found->records) add(index, bytes, package.add_record());
  for (auto& [index, bytes] : found->site_sets) {
    if (index < last) add(index, bytes, package.add_site_set());
  }
  return out;
}

absl::StatusOr<v1::SignedEvidence> SignEvidence(const v1::EvidencePackage& package, std::string_view key_pem,
                                                std::string_view certificate_pem) {
  v1::SignedEvidence out;
  out.set_package(package.SerializeAsString());
  out.set_certificate_pem(certificate_pem.data(), certificate_pem.size());
  auto signature = security::SignBytes(key_pem, out.package());
  if (!signature.ok()) return signature.status();
  out.set_signature(*std::move(signature));
  if (!security::VerifyBytes(certificate_pem, out.package(), out.signature()).ok()) {
    return absl::InvalidArgumentError("私钥与证书不匹配 the key is not the certificate's");
  }
  return out;
}

absl::StatusOr<CheckedEvidence> CheckEvidence(const v1::SignedEvidence& evidence, std::string_view ca_pem) {
  CheckedEvidence out;
  if (!security::VerifyBytes(evidence.certificate_pem(), evidence.package(), evidence.signature()).ok()) {
    return absl::DataLossError("证据包已被改动 the package is not what its maker signed");
  }
  v1::EvidencePackage& package = out.package;
  if (!package.ParseFromString(evidence.package()) || package.format() != kFormat) {
    return absl::DataLossError("no evidence package of format 1");
  }
  const auto issued =
      security::CheckIssuedBy(evidence.certificate_pem(), ca_pem, absl::FromUnixMillis(package.made_at_ms()));
  if (!issued.ok()) return absl::DataLossError(absl::StrCat("制作人 the maker: ", issued.message()));
  const auto maker = security::PartyFromCertificatePem(evidence.certificate_pem());
  if (!maker.ok()) return absl::DataLossError(absl::StrCat("制作人 the maker: ", maker.status().message()));
  out.maker = maker->party;
  auto checkpoint = Open(package.checkpoint(), package.certificate_pem(), ca_pem);
  if (!checkpoint.ok()) {
    return absl::DataLossError(absl::StrCat("检查点 the checkpoint: ", checkpoint.status().message()));
  }
  const auto suite = security::SuiteFromNumber(checkpoint->suite());
  for (const v1::ProvenRecord& proven : package.record()) {
    auto record = CheckProof(proven, *checkpoint, *suite);
    if (!record.ok()) return record.status();
    if (!IsAbout(*record, package.incident_id()) ||
        (!out.records.empty() && out.records.back().index() >= record->index())) {
      return absl::DataLossError(
          absl::StrCat("record ", proven.index(), ": it is not about this incident, or not in order"));
    }
    out.records.push_back(*std::move(record));
  }
  for (const v1::ProvenRecord& proven : package.site_set()) {
    auto record = CheckProof(proven, *checkpoint, *suite);
    if (!record.ok()) return record.status();
    if (!record->has_site_set_adopted()) {
      return absl::DataLossError(absl::StrCat("record ", proven.index(), ": it adopts no site set"));
    }
    out.site_sets.push_back(*std::move(record));
  }
  if (out.records.empty()) return absl::DataLossError("the package holds no record");
  out.checkpoint = *std::move(checkpoint);
  return out;
}

}  // namespace liandong::audit
