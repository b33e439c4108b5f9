#include "hub/log/records.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"

namespace liandong::log {
namespace {

constexpr uint32_t kBatchFormat = 1;  // on-disk value: never renumber

void WriteNumber(uint32_t number, std::string* bytes) {
  uint8_t encoded[5];
  const uint8_t* end = google::protobuf::io::CodedOutputStream::WriteVarint32ToArray(number, encoded);
  bytes->append(reinterpret_cast<const char*>(encoded), end - encoded);
}

}  // namespace

void BatchWriter::Add(const v1::Record& record) {
  using google::protobuf::internal::WireFormatLite;
  if (first_index_ == 0) {
    first_index_ = record.index();
    WriteNumber(WireFormatLite::MakeTag(v1::Batch::kFormatFieldNumber, WireFormatLite::WIRETYPE_VARINT), &bytes_);
    WriteNumber(kBatchFormat, &bytes_);
  }
  const size_t size = record.ByteSizeLong();
  WriteNumber(WireFormatLite::MakeTag(v1::Batch::kRecordFieldNumber, WireFormatLite::WIRETYPE_LENGTH_DELIMITED),
              &bytes_);
  WriteNumber(static_cast<uint32_t>(size), &bytes_);
  const size_t at = bytes_.size();
  bytes_.resize(at + size);
  record.SerializeWithCachedSizesToArray(reinterpret_cast<uint8_t*>(bytes_.data() + at));
}

std::string BatchWriter::Take() {
  first_index_ = 0;
  return std::exchange(bytes_, std::string());
}

absl::Status ParseBatch(const CommittedBatch& batch, v1::Batch* parsed) {
  if (!parsed->ParseFromString(batch.bytes)) {
    return absl::DataLossError(absl::StrCat("record ", batch.first_index, ": the stored bytes of records ",
                                            batch.first_index, " to ", batch.last_index, " are no batch"));
  }
  if (parsed->format() != kBatchFormat) {
    return absl::DataLossError(absl::StrCat("record ", batch.first_index, ": batch format ", parsed->format(),
                                            ", this program reads format ", kBatchFormat));
  }
  uint64_t expected = batch.first_index;
  for (const v1::Record& record : parsed->record()) {
    if (record.index() != expected) {
      return absl::DataLossError(
          absl::StrCat("record ", expected, ": record ", record.index(), " stands in its place"));
    }
    ++expected;
  }
  if (expected != batch.last_index + 1) {
    return absl::DataLossError(absl::StrCat("record ", expected, ": the batch of records ", batch.first_index, " to ",
                                            batch.last_index, " ends before it"));
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::Batch> ParseBatch(const CommittedBatch& batch) {
  v1::Batch parsed;
  if (auto status = ParseBatch(batch, &parsed); !status.ok()) return status;
  return parsed;
}

absl::Status ForEachRecord(EventLog& log, uint64_t after_index, std::string_view link,
                           const std::function<absl::Status(const v1::Record& record)>& visit) {
  return log.Read(after_index, link, [&](const CommittedBatch& batch) -> absl::Status {
    auto parsed = ParseBatch(batch);
    if (!parsed.ok()) return parsed.status();
    for (const v1::Record& record : parsed->record()) {
      if (record.index() <= after_index) continue;
      if (auto status = visit(record); !status.ok()) return status;
    }
    return absl::OkStatus();
  });
}

absl::StatusOr<v1::Record> ReadRecord(EventLog& log, uint64_t index) {
  std::optional<v1::Record> found;
  if (index == 0 || index > log.last_index()) {
    return absl::NotFoundError(absl::StrCat("the log has no record ", index, "; it ends with ", log.last_index()));
  }
  const absl::Status status = ForEachRecord(log, index - 1, "", [&](const v1::Record& record) {
    found = record;
    return absl::CancelledError("found");
  });
  if (!found.has_value()) return status.ok() ? absl::NotFoundError(absl::StrCat("no record ", index)) : status;
  return *std::move(found);
}

}  // namespace liandong::log
