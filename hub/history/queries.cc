#include "hub/history/queries.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "hub/history/limits.h"

namespace liandong::history {
namespace {

absl::Status Unreadable(const char* table) {
  return absl::DataLossError(absl::StrCat("history.db: a row of ", table, " cannot be read"));
}

// The message in the first column of the one row.
template <typename Message>
absl::StatusOr<std::optional<Message>> One(log::Statement& statement, const char* table) {
  const auto row = statement.Step();
  if (!row.ok()) return row.status();
  if (!*row) return std::nullopt;
  Message message;
  const std::string_view bytes = statement.Bytes(0);
  const bool read = message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  statement.Reset();
  if (!read) return Unreadable(table);
  return message;
}

// Every row's message; `add` makes room for the next.
template <typename Message>
absl::Status All(log::Statement& statement, const char* table, const std::function<Message*()>& add) {
  while (true) {
    const auto row = statement.Step();
    if (!row.ok()) return row.status();
    if (!*row) return absl::OkStatus();
    const std::string_view bytes = statement.Bytes(0);
    if (!add()->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
      statement.Reset();
      return Unreadable(table);
    }
  }
}

// The conditions of a filter and the values of their parameters, in order.
struct Where {
  std::string sql;
  std::vector<std::string> texts;
  std::vector<std::pair<bool, int64_t>> values;  // true: the next text; false: this number

  void Number(const char* condition, int64_t value) {
    absl::StrAppend(&sql, " AND ", condition);
    values.emplace_back(false, value);
  }
  void Text(const char* condition, std::string value) {
    absl::StrAppend(&sql, " AND ", condition);
    AddText(std::move(value));
  }
  void AddText(std::string value) {
    texts.push_back(std::move(value));
    values.emplace_back(true, 0);
  }
};

Where WhereOf(const IncidentFilter& filter) {
  Where where;
  if (filter.status != v1::INCIDENT_STATUS_UNSPECIFIED) where.Number("status = ?", filter.status);
  if (filter.purpose != v1::PURPOSE_UNSPECIFIED) where.Number("purpose = ?", filter.purpose);
  if (filter.severity_at_least != v1::SEVERITY_UNKNOWN) {
    where.Number("(severity = 0 OR severity >= ?)", filter.severity_at_least);
  }
  if (filter.opened_from_ms != 0) where.Number("opened_at_ms >= ?", filter.opened_from_ms);
  if (filter.opened_until_ms != 0) where.Number("opened_at_ms < ?", filter.opened_until_ms);
  if (!filter.holder.empty()) where.Text("holder = ?", filter.holder);
  if (!filter.division_prefix.empty()) {
    where.Text("substr(division, 1, length(?)) = ?", filter.division_prefix);
    where.AddText(filter.division_prefix);
  }
  if (!filter.category.empty()) {
    where.Text("(category = ? OR substr(category, 1, length(?)) = ?)", filter.category);
    where.AddText(filter.category + ".");
    where.AddText(filter.category + ".");
  }
  if (!filter.reporter.empty()) {
    where.Text("EXISTS (SELECT 1 FROM report WHERE incident_id = incident.id AND party = ?)", filter.reporter);
  }
  return where;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Queries>> Queries::Open(const std::string& path) {
  auto connection = log::Connection::Open(path, log::Connection::Mode::kReadOnly, kBusyMs);
  if (!connection.ok()) return connection.status();
  auto queries = std::make_unique<Queries>();
  queries->connection_ = *std::move(connection);
  const struct {
    log::Statement* statement;
    const char* sql;
  } statements[] = {
      {&queries->report_, "SELECT state FROM report WHERE party = ? AND external_id = ?"},
      {&queries->reference_, "SELECT incident_id FROM reference_of WHERE party = ? AND external_id = ?"},
      {&queries->delivery_, "SELECT state FROM delivery WHERE id = ?"},
      {&queries->incident_, "SELECT state FROM incident WHERE id = ?"},
      {&queries->duties_of_, "SELECT state FROM duty WHERE incident_id = ? ORDER BY id"},
      {&queries->deliveries_of_, "SELECT state FROM delivery WHERE incident_id = ? ORDER BY id"},
      {&queries->reports_of_, "SELECT state FROM report WHERE incident_id = ? ORDER BY party, external_id"},
      {&queries->records_of_,
       "SELECT record_index FROM record_of WHERE incident_id = ? AND record_index > ? ORDER BY record_index LIMIT ?"},
      {&queries->erased_, "SELECT min(time_ms) FROM record_of WHERE incident_id = ? AND what = ?"},
  };
  for (const auto& [statement, sql] : statements) {
    auto prepared = queries->connection_.Prepare(sql);
    if (!prepared.ok()) return prepared.status();
    *statement = *std::move(prepared);
  }
  return queries;
}

absl::StatusOr<std::optional<v1::ReportState>> Queries::FindReport(std::string_view party,
                                                                   std::string_view external_id) {
  return One<v1::ReportState>(report_.BindText(1, party).BindText(2, external_id), "report");
}

absl::StatusOr<uint64_t> Queries::FindReference(std::string_view party, std::string_view external_id) {
  const auto row = reference_.BindText(1, party).BindText(2, external_id).Step();
  if (!row.ok()) return row.status();
  if (!*row) return 0;
  const uint64_t incident_id = reference_.Number(0);
  reference_.Reset();
  return incident_id;
}

absl::StatusOr<std::optional<v1::DeliveryState>> Queries::FindDelivery(uint64_t delivery_id) {
  return One<v1::DeliveryState>(delivery_.Bind(1, delivery_id), "delivery");
}

absl::StatusOr<std::optional<v1::IncidentState>> Queries::FindIncident(uint64_t incident_id) {
  auto incident = One<v1::IncidentState>(incident_.Bind(1, incident_id), "incident");
  if (incident.ok() && incident->has_value()) {
    if (auto status = MarkErased(&**incident); !status.ok()) return status;
  }
  return incident;
}

absl::Status Queries::MarkErased(v1::IncidentState* incident) {
  if (incident->erased_at_ms() != 0) return absl::OkStatus();
  const auto row = erased_.Bind(1, incident->id()).Bind(2, uint64_t{v1::Record::kIncidentsErased}).Step();
  if (!row.ok()) return row.status();
  if (*row) incident->set_erased_at_ms(static_cast<int64_t>(erased_.Number(0)));  // NULL reads as 0
  erased_.Reset();
  return absl::OkStatus();
}

absl::StatusOr<v1::Changes> Queries::LoadIncident(uint64_t incident_id) {
  // One read transaction: the parts must be of the same instant.
  if (auto status = connection_.Run("BEGIN"); !status.ok()) return status;
  auto changes = LoadParts(incident_id);
  const absl::Status ended = connection_.Run("COMMIT");
  if (changes.ok() && !ended.ok()) return ended;
  return changes;
}

absl::StatusOr<v1::Changes> Queries::LoadParts(uint64_t incident_id) {
  auto incident = FindIncident(incident_id);
  if (!incident.ok()) return incident.status();
  if (!incident->has_value()) return absl::NotFoundError(absl::StrCat("history has no incident ", incident_id));
  v1::Changes changes;
  *changes.add_incident() = **std::move(incident);
  auto status = All<v1::DutyState>(duties_of_.Bind(1, incident_id), "duty", [&] { return changes.add_duty(); });
  if (!status.ok()) return status;
  status =
      All<v1::DeliveryState>(deliveries_of_.Bind(1, incident_id), "delivery", [&] { return changes.add_delivery(); });
  if (!status.ok()) return status;
  status = All<v1::ReportState>(reports_of_.Bind(1, incident_id), "report", [&] { return changes.add_report(); });
  if (!status.ok()) return status;
  return changes;
}

absl::StatusOr<std::vector<uint64_t>> Queries::RecordsOf(uint64_t incident_id, size_t limit, uint64_t after_index) {
  std::vector<uint64_t> indexes;
  records_of_.Bind(1, incident_id).Bind(2, after_index).Bind(3, static_cast<uint64_t>(std::min(limit, kListLimitMax)));
  while (true) {
    const auto row = records_of_.Step();
    if (!row.ok()) return row.status();
    if (!*row) return indexes;
    indexes.push_back(records_of_.Number(0));
  }
}

absl::StatusOr<std::vector<v1::IncidentState>> Queries::ListIncidents(const IncidentFilter& filter, uint64_t before_id,
                                                                      size_t limit) {
  Where where = WhereOf(filter);
  if (before_id != 0) where.Number("id < ?", static_cast<int64_t>(before_id));
  auto statement =
      connection_.Prepare(absl::StrCat("SELECT state FROM incident WHERE 1", where.sql, " ORDER BY id DESC LIMIT ?"));
  if (!statement.ok()) return statement.status();
  int parameter = 0;
  size_t text = 0;
  for (const auto& [is_text, number] : where.values) {
    ++parameter;
    if (is_text) {
      statement->BindText(parameter, where.texts[text++]);
    } else {
      statement->Bind(parameter, number);
    }
  }
  statement->Bind(parameter + 1, static_cast<uint64_t>(std::min(limit, kListLimitMax)));
  std::vector<v1::IncidentState> incidents;
  const absl::Status status = All<v1::IncidentState>(*statement, "incident", [&] { return &incidents.emplace_back(); });
  if (!status.ok()) return status;
  for (v1::IncidentState& incident : incidents) {
    if (auto marked = MarkErased(&incident); !marked.ok()) return marked;
  }
  return incidents;
}

absl::Status Queries::VisitIncidents(v1::Purpose purpose, int64_t from_ms, int64_t until_ms,
                                     const IncidentVisit& visit) {
  auto statement = connection_.Prepare(
      "SELECT state FROM incident WHERE purpose = ? AND opened_at_ms >= ? AND opened_at_ms < ? ORDER BY id");
  if (!statement.ok()) return statement.status();
  statement->Bind(1, static_cast<int64_t>(purpose)).Bind(2, from_ms).Bind(3, until_ms);
  std::vector<v1::DutyState> duties;
  while (true) {
    const auto row = statement->Step();
    if (!row.ok()) return row.status();
    if (!*row) return absl::OkStatus();
    v1::IncidentState incident;
    const std::string_view bytes = statement->Bytes(0);
    if (!incident.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return Unreadable("incident");
    duties.clear();
    const absl::Status status =
        All<v1::DutyState>(duties_of_.Bind(1, incident.id()), "duty", [&] { return &duties.emplace_back(); });
    if (!status.ok()) return status;
    visit(incident, duties);
  }
}

}  // namespace liandong::history
