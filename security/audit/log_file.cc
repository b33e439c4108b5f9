#include "security/audit/log_file.h"

#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"
#include "liandong/v1/record.pb.h"
#include "security/audit/limits.h"
#include "security/crypto.h"
#include "security/file.h"

namespace liandong::audit {
namespace {

using google::protobuf::internal::WireFormatLite;

constexpr int64_t kLogApplicationId = 0x4C444C47;  // "LDLG", on-disk value
constexpr std::string_view kSnapshotMagic = "LDSNAP\r\n";
constexpr size_t kSnapshotHeader = 8 + 4 + 4 + 8 + security::kHashBytes;

uint64_t LittleEndian(std::string_view bytes) {
  uint64_t value = 0;
  for (size_t i = bytes.size(); i > 0; --i) value = value << 8 | static_cast<unsigned char>(bytes[i - 1]);
  return value;
}

google::protobuf::io::CodedInputStream Stream(std::string_view bytes) {
  return google::protobuf::io::CodedInputStream(reinterpret_cast<const uint8_t*>(bytes.data()),
                                                static_cast<int>(bytes.size()));
}

absl::StatusOr<std::string> ReadStart(const std::string& path, size_t bytes) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return absl::NotFoundError(absl::StrCat(path, ": cannot be read"));
  std::string start(bytes, '\0');
  in.read(start.data(), static_cast<std::streamsize>(bytes));
  start.resize(static_cast<size_t>(in.gcount()));
  return start;
}

absl::StatusOr<SnapshotFile> ReadSnapshot(const std::string& path, uint64_t index, bool whole) {
  SnapshotFile file;
  file.path = path;
  file.index = index;
  const auto read = whole ? security::ReadFileBounded(path, kSnapshotFileBytesMax) : ReadStart(path, kSnapshotHeader);
  if (!read.ok()) return read.status();
  const std::string_view bytes = *read;
  if (bytes.size() < kSnapshotHeader || bytes.substr(0, 8) != kSnapshotMagic || LittleEndian(bytes.substr(8, 4)) != 1) {
    return absl::DataLossError(absl::StrCat(path, ": 快照损坏 no snapshot, or a damaged one"));
  }
  file.suite = static_cast<uint32_t>(LittleEndian(bytes.substr(12, 4)));
  file.hash = std::string(bytes.substr(24, security::kHashBytes));
  if (!whole) return file;
  const auto suite = security::SuiteFromNumber(file.suite);
  const std::string_view body = bytes.substr(kSnapshotHeader);
  v1::Snapshot snapshot;
  if (!suite.ok() || security::Hash(*suite, body) != file.hash ||
      !snapshot.ParseFromArray(body.data(), static_cast<int>(body.size())) || snapshot.index() != index) {
    return absl::DataLossError(
        absl::StrCat(path, ": 快照与其哈希不符 the state does not have the hash or the place that it says"));
  }
  file.link = snapshot.link();
  return file;
}

}  // namespace

absl::StatusOr<std::unique_ptr<LogFile>> LogFile::Open(const std::string& folder) {
  std::unique_ptr<LogFile> file(new LogFile());
  file->path_ = folder + "/log.db";
  const auto fail = [&](std::string_view step) {
    return absl::FailedPreconditionError(absl::StrCat(file->path_, ": ", std::string(step), ": ",
                                                      file->db_ == nullptr ? "" : sqlite3_errmsg(file->db_),
                                                      "; give the hub's data folder (枢纽的数据目录)"));
  };
  if (std::error_code error; !std::filesystem::exists(file->path_, error)) return fail("no such file");
  if (sqlite3_open_v2(file->path_.c_str(), &file->db_, SQLITE_OPEN_READONLY, nullptr) != SQLITE_OK) return fail("open");
  sqlite3_busy_timeout(file->db_, kBusyMs);
  sqlite3_stmt* application = nullptr;
  const bool is_log = sqlite3_prepare_v2(file->db_, "PRAGMA application_id", -1, &application, nullptr) == SQLITE_OK &&
                      sqlite3_step(application) == SQLITE_ROW &&
                      sqlite3_column_int64(application, 0) == kLogApplicationId;
  sqlite3_finalize(application);
  if (!is_log) return fail("this is no log");
  constexpr char kRows[] = "SELECT first_index, last_index, link, bytes FROM batch ORDER BY first_index";
  if (sqlite3_prepare_v2(file->db_, kRows, -1, &file->rows_, nullptr) != SQLITE_OK) return fail("read");
  return file;
}

LogFile::~LogFile() {
  sqlite3_finalize(rows_);
  sqlite3_close_v2(db_);
}

absl::StatusOr<bool> LogFile::Next(Row* row) {
  const int code = sqlite3_step(rows_);
  if (code == SQLITE_DONE) return false;
  if (code != SQLITE_ROW) {
    return absl::DataLossError(absl::StrCat(path_, ": record ", row->last_index + 1,
                                            ": 读取失败 the file cannot be read on: ", sqlite3_errmsg(db_)));
  }
  const auto blob = [&](int column, std::string& out) {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(rows_, column));
    out.assign(bytes == nullptr ? "" : bytes, static_cast<size_t>(sqlite3_column_bytes(rows_, column)));
  };
  row->first_index = static_cast<uint64_t>(sqlite3_column_int64(rows_, 0));
  row->last_index = static_cast<uint64_t>(sqlite3_column_int64(rows_, 1));
  blob(2, row->link);
  blob(3, row->bytes);
  return true;
}

uint64_t IndexOf(std::string_view record_bytes) {
  auto stream = Stream(record_bytes);
  for (uint32_t tag = stream.ReadTag(); tag != 0; tag = stream.ReadTag()) {
    uint64_t value = 0;
    if (tag == WireFormatLite::MakeTag(1, WireFormatLite::WIRETYPE_VARINT)) {
      return stream.ReadVarint64(&value) ? value : 0;
    }
    if (!WireFormatLite::SkipField(&stream, tag)) return 0;
  }
  return 0;
}

absl::StatusOr<std::vector<RecordBytes>> SplitBatch(std::string_view bytes) {
  std::vector<RecordBytes> records;
  const auto bad = [] { return absl::DataLossError("the stored bytes are no batch of format 1"); };
  if (bytes.size() > kBatchBytesMax) return bad();
  auto stream = Stream(bytes);
  uint32_t format = 0;
  uint32_t tag = stream.ReadTag();
  for (; tag != 0; tag = stream.ReadTag()) {
    uint32_t length = 0;
    if (tag == WireFormatLite::MakeTag(1, WireFormatLite::WIRETYPE_VARINT)) {
      if (!stream.ReadVarint32(&format)) return bad();
    } else if (tag == WireFormatLite::MakeTag(2, WireFormatLite::WIRETYPE_LENGTH_DELIMITED)) {
      if (!stream.ReadVarint32(&length)) return bad();
      const auto at = static_cast<size_t>(stream.CurrentPosition());
      if (length > bytes.size() - at || !stream.Skip(static_cast<int>(length))) return bad();
      const std::string_view record = bytes.substr(at, length);
      records.push_back({IndexOf(record), record});
    } else {
      return bad();  // the hub writes nothing else, so nobody else may
    }
  }
  if (format != 1 || static_cast<size_t>(stream.CurrentPosition()) != bytes.size()) return bad();
  return records;
}

absl::StatusOr<std::vector<SnapshotFile>> ListSnapshots(const std::string& data_dir, bool whole) {
  std::vector<SnapshotFile> files;
  std::error_code error;
  const std::string folder = data_dir + "/snapshots";
  if (!std::filesystem::exists(folder, error)) return files;
  for (auto it = std::filesystem::directory_iterator(folder, error); !error && it != std::filesystem::end(it);
       it.increment(error)) {
    const std::string name = it->path().filename().string();
    uint64_t index = 0;
    if (name.size() != 25 || name.substr(20) != ".snap" || !absl::SimpleAtoi(name.substr(0, 20), &index)) continue;
    auto file = ReadSnapshot(it->path().string(), index, whole);
    if (absl::IsNotFound(file.status())) continue;  // a hub has just removed it
    if (!file.ok()) return file.status();
    files.push_back(*std::move(file));
  }
  if (error) return absl::ErrnoToStatus(error.value(), absl::StrCat(folder, ": listing snapshots"));
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.index < b.index; });
  return files;
}

}  // namespace liandong::audit
