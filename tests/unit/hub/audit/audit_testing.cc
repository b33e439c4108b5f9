#include "tests/unit/hub/audit/audit_testing.h"

#include <sqlite3.h>

#include <future>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "liandong/v1/record.pb.h"
#include "security/chain.h"
#include "security/pki.h"

namespace liandong::audit {
namespace {

class Database {
 public:
  explicit Database(const std::string& path) {
    EXPECT_EQ(sqlite3_open_v2(path.c_str(), &db_, SQLITE_OPEN_READWRITE, nullptr), SQLITE_OK) << path;
  }
  ~Database() { sqlite3_close_v2(db_); }
  void Run(const std::string& statement) {
    EXPECT_EQ(sqlite3_exec(db_, statement.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(db_);
  }
  sqlite3_stmt* Prepare(const std::string& statement) {
    sqlite3_stmt* out = nullptr;
    EXPECT_EQ(sqlite3_prepare_v2(db_, statement.c_str(), -1, &out, nullptr), SQLITE_OK) << sqlite3_errmsg(db_);
    return out;
  }

 private:
  sqlite3* db_ = nullptr;
};

std::string Blob(sqlite3_stmt* row, int column) {
  return {static_cast<const char*>(sqlite3_column_blob(row, column)),
          static_cast<size_t>(sqlite3_column_bytes(row, column))};
}

}  // namespace

bool Eventually(const std::function<bool()>& condition) {
  for (const absl::Time end = absl::Now() + kLong; absl::Now() < end; absl::SleepFor(absl::Milliseconds(2))) {
    if (condition()) return true;
  }
  return condition();
}

AuditedFolder::AuditedFolder() {
  EXPECT_TRUE(security::InitCa(pki(""), "small.example").ok());
  for (const char* party : {"hub", "command"}) EXPECT_TRUE(security::Issue(pki(""), party).ok());
  auto opened = log::SqliteLog::Open({.data_dir = data()});
  EXPECT_TRUE(opened.ok()) << opened.status();
  log_ = *std::move(opened);
}

void AuditedFolder::Append(int batches) {
  for (int i = 0; i < batches; ++i) {
    const uint64_t first = log_->last_index() + 1;
    v1::Batch batch;
    batch.set_format(1);
    for (uint64_t index = first; index < first + 3; ++index) {
      v1::Record* record = batch.add_record();
      record->set_index(index);
      record->set_time_ms(kNow + static_cast<int64_t>(index) * 1000);
      record->mutable_actor()->set_party("power");
      if (index == 1) {
        record->mutable_site_set_adopted()->mutable_site()->set_version(1);
        auto* agreement = record->mutable_site_set_adopted()->mutable_site()->add_agreement();
        agreement->set_id("flood-2022");
        agreement->set_title("防汛合作协议");
        continue;
      }
      record->add_incident_id(index == first + 1 ? 7 : 1000 + index);
      record->mutable_incident_closed()->set_reason(absl::StrCat("理由 ", index));
    }
    std::promise<absl::Status> done;
    log_->Append(first, first + 2, batch.SerializeAsString(),
                 [&](const absl::Status& status, std::string_view) { done.set_value(status); });
    const absl::Status status = done.get_future().get();
    ASSERT_TRUE(status.ok()) << status;
  }
}

NotaryOptions AuditedFolder::options(uint64_t every_records) {
  NotaryOptions options;
  options.data_dir = data();
  options.key = pki("hub.key");
  options.certificate = pki("hub.crt");
  options.every_records = every_records;
  options.every_minutes = 5;
  options.trail_end = trail_end;
  options.now_ms = [this] { return now_ms.load(); };
  return options;
}

absl::Status AuditedFolder::StartNotary(uint64_t every_records) {
  auto started = Notary::Start(options(every_records), log_.get());
  if (!started.ok()) return started.status();
  notary_ = *std::move(started);
  return absl::OkStatus();
}

void AuditedFolder::Close() {
  if (notary_ != nullptr) {
    const absl::Status status = notary_->Stop();
    EXPECT_TRUE(status.ok()) << status;
  }
  notary_.reset();
  log_.reset();
}

absl::StatusOr<Verified> AuditedFolder::Verify(const std::vector<security::ChainLink>& anchors) const {
  return audit::Verify({.data_dir = data(), .ca_pem = ca_pem(), .anchors = anchors});
}

std::string AuditedFolder::Wrong(const std::vector<security::ChainLink>& anchors) const {
  const auto verified = Verify(anchors);
  if (verified.ok()) return "";
  EXPECT_TRUE(absl::IsDataLoss(verified.status())) << verified.status();
  return std::string(verified.status().message());
}

std::vector<Stored> Rows(const std::string& folder) {
  std::vector<Stored> rows;
  Database db(folder + "/log.db");
  sqlite3_stmt* read = db.Prepare("SELECT first_index, last_index, bytes FROM batch ORDER BY first_index");
  while (sqlite3_step(read) == SQLITE_ROW) {
    rows.push_back({static_cast<uint64_t>(sqlite3_column_int64(read, 0)),
                    static_cast<uint64_t>(sqlite3_column_int64(read, 1)), Blob(read, 2)});
  }
  sqlite3_finalize(read);
  return rows;
}

void Rewrite(const std::string& folder, bool recompute, const std::function<void(std::vector<Stored>&)>& change) {
  std::vector<Stored> rows = Rows(folder);
  std::vector<std::string> links;
  {
    Database db(folder + "/log.db");
    sqlite3_stmt* read = db.Prepare("SELECT link FROM batch ORDER BY first_index");
    while (sqlite3_step(read) == SQLITE_ROW) links.push_back(Blob(read, 0));
    sqlite3_finalize(read);
  }
  // The links stay with the places, or with the rows where places go.
  std::vector<std::string> before;
  for (const Stored& row : rows) before.push_back(row.bytes);
  change(rows);
  security::ChainLink link = security::GenesisLink(security::Suite::kInternational);
  Database db(folder + "/log.db");
  db.Run("BEGIN; DELETE FROM batch");
  for (size_t i = 0; i < rows.size(); ++i) {
    link = security::Next(security::Suite::kInternational, link, rows[i].bytes);
    const auto same = std::find(before.begin(), before.end(), rows[i].bytes);
    const size_t place =
        same == before.end() ? std::min(i, links.size() - 1) : static_cast<size_t>(same - before.begin());
    const std::string stored_link = recompute ? security::EncodeLink(link) : links[place];
    sqlite3_stmt* write = db.Prepare("INSERT INTO batch (first_index, last_index, link, bytes) VALUES (?, ?, ?, ?)");
    sqlite3_bind_int64(write, 1, static_cast<int64_t>(rows[i].first));
    sqlite3_bind_int64(write, 2, static_cast<int64_t>(rows[i].last));
    sqlite3_bind_blob(write, 3, stored_link.data(), static_cast<int>(stored_link.size()), SQLITE_TRANSIENT);
    sqlite3_bind_blob(write, 4, rows[i].bytes.data(), static_cast<int>(rows[i].bytes.size()), SQLITE_TRANSIENT);
    EXPECT_EQ(sqlite3_step(write), SQLITE_DONE);
    sqlite3_finalize(write);
  }
  db.Run("COMMIT");
}

void Renumber(std::vector<Stored>& rows) {
  uint64_t index = 0;
  for (Stored& row : rows) {
    v1::Batch batch;
    ASSERT_TRUE(batch.ParseFromString(row.bytes));
    row.first = index + 1;
    for (v1::Record& record : *batch.mutable_record()) record.set_index(++index);
    row.last = index;
    row.bytes = batch.SerializeAsString();
  }
}

}  // namespace liandong::audit
