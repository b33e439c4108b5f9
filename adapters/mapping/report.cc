// A native record as a report.
#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "adapters/geo/datum.h"
#include "adapters/limits.h"
#include "adapters/mapping/inbound.h"
#include "adapters/mapping/our_path.h"
#include "adapters/mapping/table.h"
#include "adapters/mapping/template.h"
#include "adapters/text/reason.h"

namespace liandong::adapters {
namespace {

// Contract bounds of texts, by the path they go to.
size_t BytesMax(absl::string_view path) {
  if (path == "sealed.description" || path == "sealed.medical") return kReportTextBytesMax;
  if (absl::StartsWith(path, "sealed.details[")) return kReportDetailBytesMax;
  if (absl::StartsWith(path, "open.")) return kReportCodeBytesMax;
  if (absl::StartsWith(path, "actor.") || path == "unit") return kPersonBytesMax;
  if (path == "reason") return kAckReasonBytesMax;
  if (path == "note") return kAckNoteBytesMax;
  return kReportFieldBytesMax;
}

absl::StatusOr<v1::Purpose> PurposeOf(const v1::Profile& profile, const Evaluator& values) {
  const v1::PurposeRule& rule = profile.purpose();
  if (rule.from().empty()) return rule.link();
  v1::Mapping mapping;
  *mapping.mutable_from() = rule.from();
  mapping.set_table(rule.table());
  absl::StatusOr<std::optional<std::string>> said =
      values.Value(mapping, v1::OpenPart::descriptor()->FindFieldByName("purpose"));
  if (!said.ok()) return said.status();
  v1::Purpose purpose = rule.link();
  if (*said && !v1::Purpose_Parse(**said, &purpose)) purpose = rule.link();
  // ACTUAL < EXERCISE < TEST: a message on an exercise link stays an exercise whatever it says of itself.
  return std::max(purpose, rule.link());
}

Datum DeclaredDatum(v1::Datum datum) {
  switch (datum) {
    case v1::WGS84:
      return Datum::kWgs84;
    case v1::CGCS2000:
      return Datum::kCgcs2000;
    case v1::GCJ02:
      return Datum::kGcj02;
    case v1::BD09:
      return Datum::kBd09;
    default:
      return Datum::kUnknown;
  }
}

void SetPoint(const v1::Profile& profile, const v1::ReportRule& rule, const Evaluator& values, v1::Report* report) {
  for (const v1::PointRule& rule_point : rule.point()) {
    v1::Mapping x;
    v1::Mapping y;
    x.add_from(rule_point.x());
    y.add_from(rule_point.y());
    const auto* number = v1::Point::descriptor()->FindFieldByName("original_x");
    absl::StatusOr<std::optional<std::string>> x_text = values.Value(x, number);
    absl::StatusOr<std::optional<std::string>> y_text = values.Value(y, number);
    if (!x_text.ok() || !y_text.ok() || !*x_text || !*y_text) continue;
    double x_value = 0;
    double y_value = 0;
    if (!absl::SimpleAtod(**x_text, &x_value) || !absl::SimpleAtod(**y_text, &y_value)) continue;
    if (x_value == 0 && y_value == 0) continue;  // "no position"
    const v1::Datum datum = rule_point.datum() == v1::DATUM_UNKNOWN ? profile.datum() : rule_point.datum();
    v1::Point* point = report->mutable_sealed()->mutable_point();
    point->set_original_x(x_value);
    point->set_original_y(y_value);
    point->set_original_datum(datum);
    if (std::optional<Wgs84> wgs84 = ToWgs84(DeclaredDatum(datum), x_value, y_value)) {
      point->set_has_wgs84(true);
      point->set_lat(wgs84->lat);
      point->set_lng(wgs84->lng);
    } else if (datum != v1::DATUM_UNKNOWN) {
      values.Note(rule_point.x(), kReasonBadValue, "坐标不在经纬度范围内,只保留原值",
                  "no longitude and latitude; only the original is kept");
    }
    return;
  }
}

void AddReferences(const v1::Profile& profile, const v1::ReportRule& rule, const Evaluator& values,
                   v1::Report* report) {
  for (const v1::ReferenceRule& reference : rule.reference()) {
    if (!values.HoldAll(reference.when())) continue;
    for (const std::string& path : reference.from()) {
      std::optional<std::string> id = values.source().Text(path);
      if (!id || !absl::StartsWith(*id, reference.strip_prefix())) continue;
      id->erase(0, reference.strip_prefix().size());
      const std::string party = reference.party().empty() ? profile.party() : reference.party();
      // A record that names itself (GLZJJDBH of a main record) refers to nothing.
      if (id->empty() || (party == profile.party() && *id == report->external_id())) continue;
      if (id->size() > kReportIdBytesMax || report->open().references_size() >= kReportReferencesMax) {
        values.Note(path, kReasonTooLong, "关联编号过长或过多,未采用", "the reference is too long or one too many");
        continue;
      }
      v1::ExternalRef* added = report->mutable_open()->add_references();
      added->set_party(party);
      added->set_external_id(*id);
    }
  }
}

absl::Status SetIds(const v1::ReportRule& rule, const Evaluator& values, ReportDraft* draft) {
  if (rule.has_external_id_from_spool()) {
    draft->id_from_spool = true;
    draft->same_within_s = rule.external_id_from_spool().within_s();
    if (!rule.external_id_from_spool().same_as().empty()) {
      draft->same_as = RenderTemplate(rule.external_id_from_spool().same_as(), [&](const TemplateValue& value) {
                         return values.source().Text(value.path);
                       }).value_or("");
    }
  } else {
    v1::Mapping id = rule.external_id();
    id.set_required(true);
    absl::StatusOr<std::optional<std::string>> text = values.Value(id, nullptr);
    if (!text.ok()) return text.status();
    if (!*text || (*text)->size() > kReportIdBytesMax) {
      return BadMessage(kReasonTooLong, absl::StrCat(id.from(0), ": 编号超过 ", kReportIdBytesMax, " 字节"),
                        absl::StrCat(id.from(0), ": id longer than ", kReportIdBytesMax, " bytes"));
    }
    draft->report.set_external_id(**text);
  }
  if (rule.has_revision()) {
    absl::StatusOr<std::optional<std::string>> text = values.Value(rule.revision(), nullptr);
    if (!text.ok()) return text.status();
    uint64_t revision = 0;
    if (*text && absl::SimpleAtoi(**text, &revision)) draft->report.set_revision(revision);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status SetFields(const google::protobuf::RepeatedPtrField<v1::Mapping>& mappings, const Evaluator& values,
                       google::protobuf::Message* root) {
  for (const v1::Mapping& mapping : mappings) {
    if (IsSet(*root, mapping.to())) continue;
    absl::StatusOr<const google::protobuf::FieldDescriptor*> target = FindOurField(root->GetDescriptor(), mapping.to());
    if (!target.ok()) return target.status();
    absl::StatusOr<std::optional<std::string>> text = values.Value(mapping, *target);
    if (!text.ok()) return text.status();
    if (!*text) continue;
    const size_t bytes_max = BytesMax(mapping.to());
    if ((*text)->size() > bytes_max) {
      values.Note(mapping.from_size() > 0 ? mapping.from(0) : mapping.to(), kReasonTooLong,
                  absl::StrCat("超过 ", bytes_max, " 字节,已截断"), absl::StrCat("cut to ", bytes_max, " bytes"));
      *text = CutUtf8(**std::move(text), bytes_max);
    }
    if (absl::Status set = SetOurs(root, mapping.to(), **text); !set.ok()) {
      return BadMessage(kReasonBadValue, absl::StrCat(mapping.to(), ": 取值不合要求"),
                        absl::StrCat(mapping.to(), ": the value does not fit"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<ReportDraft> MapReport(const v1::Profile& profile, const v1::ReportRule& rule, const Evaluator& values) {
  ReportDraft draft;
  v1::Report& report = draft.report;
  if (absl::Status status = SetIds(rule, values, &draft); !status.ok()) return status;
  absl::StatusOr<v1::Purpose> purpose = PurposeOf(profile, values);
  if (!purpose.ok()) return purpose.status();
  report.mutable_open()->set_purpose(*purpose);
  if (absl::Status status = SetFields(rule.field(), values, &report); !status.ok()) return status;
  SetPoint(profile, rule, values, &report);
  AddReferences(profile, rule, values, &report);
  for (const v1::DangerRule& danger : rule.danger()) {
    if (!values.HoldAll(danger.when())) continue;
    report.mutable_open()->set_danger_to_life(danger.answer());
    break;
  }
  if (values.HoldsAny(rule.secret())) report.mutable_open()->set_secret(true);
  if (report.actor().way() == v1::WAY_UNSPECIFIED) report.mutable_actor()->set_way(v1::BY_ADAPTER);
  return draft;
}

}  // namespace liandong::adapters
