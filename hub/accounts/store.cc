#include "hub/accounts/store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "hub/accounts/limits.h"
#include "security/settle_wal.h"

namespace liandong::accounts {
namespace {

// on-disk value: never renumber.
constexpr int64_t kFormat = 1;
constexpr char kSettings[] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;";
constexpr char kTables[] =
    "CREATE TABLE IF NOT EXISTS account(name TEXT PRIMARY KEY, person TEXT NOT NULL, party TEXT NOT NULL,"
    " roles INTEGER NOT NULL, password TEXT NOT NULL, must_change INTEGER NOT NULL, disabled INTEGER NOT NULL,"
    " failures INTEGER NOT NULL, locked_until_ms INTEGER NOT NULL, totp BLOB NOT NULL, totp_confirmed INTEGER NOT NULL,"
    " totp_last_step INTEGER NOT NULL, certificate TEXT NOT NULL, created_ms INTEGER NOT NULL,"
    " last_sign_in_ms INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS session(token_hash BLOB PRIMARY KEY, account TEXT NOT NULL, via TEXT NOT NULL,"
    " created_ms INTEGER NOT NULL, last_used_ms INTEGER NOT NULL) WITHOUT ROWID;";

}  // namespace

absl::StatusOr<Store> Store::Open(const std::string& path) {
  auto db = log::Connection::Open(path, log::Connection::Mode::kCreate, limits::kBusyMs);
  if (!db.ok()) return db.status();
  if (auto status = db->Run(kSettings); !status.ok()) return status;
  if (auto status = security::SettleWal(db->handle(), path); !status.ok()) return status;
  if (auto status = db->Run(kTables); !status.ok()) return status;
  const auto format = db->QueryNumber("PRAGMA user_version");
  if (!format.ok()) return format.status();
  if (*format == 0) {
    if (auto status = db->Run(absl::StrCat("PRAGMA user_version=", kFormat).c_str()); !status.ok()) return status;
  } else if (*format != kFormat) {
    return absl::FailedPreconditionError(absl::StrCat(path, ": 账户库格式 ", *format, " 属于更新的版本 format ",
                                                      *format, " is of a newer version: run that one, or a later one"));
  }
  return Store(*std::move(db));
}

absl::StatusOr<std::vector<Account>> Store::Accounts() {
  auto rows = db_.Prepare(
      "SELECT name, person, party, roles, password, must_change, disabled, failures, locked_until_ms, totp,"
      " totp_confirmed, totp_last_step, certificate, created_ms, last_sign_in_ms FROM account ORDER BY name");
  if (!rows.ok()) return rows.status();
  std::vector<Account> out;
  while (true) {
    const auto row = rows->Step();
    if (!row.ok()) return row.status();
    if (!*row) return out;
    Account& one = out.emplace_back();
    one.name = std::string(rows->Bytes(0));
    one.person = std::string(rows->Bytes(1));
    one.party = std::string(rows->Bytes(2));
    one.roles = static_cast<security::RoleSet>(rows->Number(3));
    one.password = std::string(rows->Bytes(4));
    one.must_change_password = rows->Number(5) != 0;
    one.disabled = rows->Number(6) != 0;
    one.failures = static_cast<uint32_t>(rows->Number(7));
    one.locked_until_ms = rows->Signed(8);
    one.totp = std::string(rows->Bytes(9));
    one.totp_confirmed = rows->Number(10) != 0;
    one.totp_last_step = rows->Number(11);
    one.certificate = std::string(rows->Bytes(12));
    one.created_ms = rows->Signed(13);
    one.last_sign_in_ms = rows->Signed(14);
  }
}

absl::StatusOr<std::vector<StoredSession>> Store::Sessions() {
  auto rows = db_.Prepare("SELECT token_hash, account, via, created_ms, last_used_ms FROM session");
  if (!rows.ok()) return rows.status();
  std::vector<StoredSession> out;
  while (true) {
    const auto row = rows->Step();
    if (!row.ok()) return row.status();
    if (!*row) return out;
    out.push_back({std::string(rows->Bytes(0)), std::string(rows->Bytes(1)), std::string(rows->Bytes(2)),
                   rows->Signed(3), rows->Signed(4)});
  }
}

absl::Status Store::Put(const Account& one) {
  auto put = db_.Prepare("INSERT OR REPLACE INTO account VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
  if (!put.ok()) return put.status();
  put->BindText(1, one.name).BindText(2, one.person).BindText(3, one.party).Bind(4, uint64_t{one.roles});
  put->BindText(5, one.password).Bind(6, uint64_t{one.must_change_password}).Bind(7, uint64_t{one.disabled});
  put->Bind(8, uint64_t{one.failures}).Bind(9, one.locked_until_ms).BindBlob(10, one.totp);
  put->Bind(11, uint64_t{one.totp_confirmed}).Bind(12, one.totp_last_step).BindText(13, one.certificate);
  put->Bind(14, one.created_ms).Bind(15, one.last_sign_in_ms);
  return put->Run();
}

absl::Status Store::PutSession(const StoredSession& one) {
  auto put = db_.Prepare("INSERT OR REPLACE INTO session VALUES(?,?,?,?,?)");
  if (!put.ok()) return put.status();
  put->BindBlob(1, one.token_hash).BindText(2, one.account).BindText(3, one.via);
  put->Bind(4, one.created_ms).Bind(5, one.last_used_ms);
  return put->Run();
}

absl::Status Store::RemoveSessions(const std::vector<std::string>& token_hashes) {
  if (token_hashes.empty()) return absl::OkStatus();
  if (auto status = db_.Run("BEGIN IMMEDIATE"); !status.ok()) return status;
  for (const std::string& hash : token_hashes) {
    auto remove = db_.Prepare("DELETE FROM session WHERE token_hash=?");
    absl::Status status = remove.status();
    if (status.ok()) status = remove->BindBlob(1, hash).Run();
    if (!status.ok()) {
      (void)db_.Run("ROLLBACK");
      return status;
    }
  }
  return db_.Run("COMMIT");
}

absl::Status Store::KeepUse(const std::vector<StoredSession>& sessions) {
  if (sessions.empty()) return absl::OkStatus();
  if (auto status = db_.Run("BEGIN IMMEDIATE"); !status.ok()) return status;
  for (const StoredSession& one : sessions) {
    auto keep = db_.Prepare("UPDATE session SET last_used_ms=? WHERE token_hash=?");
    absl::Status status = keep.status();
    if (status.ok()) status = keep->Bind(1, one.last_used_ms).BindBlob(2, one.token_hash).Run();
    if (!status.ok()) {
      (void)db_.Run("ROLLBACK");
      return status;
    }
  }
  return db_.Run("COMMIT");
}

}  // namespace liandong::accounts
