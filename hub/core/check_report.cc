// Bounds and types of what parties send, before it costs anything.
#include <algorithm>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "hub/core/decide.h"
#include "hub/core/errors.h"
#include "hub/core/limits.h"

namespace liandong::core {
namespace {

absl::Status Bad(std::string_view field, std::string_view en, std::string_view zh) {
  return Refuse(absl::StatusCode::kInvalidArgument, "BAD_FIELD",
                absl::StrCat(std::string(field), ": ", std::string(en)),
                absl::StrCat(std::string(field), ":", std::string(zh)), field);
}

absl::Status Bounded(std::string_view field, size_t size, size_t limit) {
  if (size <= limit) return absl::OkStatus();
  return Refuse(absl::StatusCode::kInvalidArgument, "TOO_LARGE",
                absl::StrCat(std::string(field), " has ", size, " bytes or items; at most ", limit, " are taken"),
                absl::StrCat(std::string(field), " 超出上限 ", limit), field);
}

bool Digits12(const std::string& code) {
  return code.size() == 12 && std::all_of(code.begin(), code.end(), [](char c) { return absl::ascii_isdigit(c); });
}

absl::Status CheckPoint(const v1::Point& point) {
  if (!std::isfinite(point.lat()) || !std::isfinite(point.lng()) || !std::isfinite(point.original_x()) ||
      !std::isfinite(point.original_y())) {
    return Bad("sealed.point", "a coordinate is not a number", "坐标不是有效数字");
  }
  if (point.has_wgs84() && (std::abs(point.lat()) > 90 || std::abs(point.lng()) > 180)) {
    return Bad("sealed.point", "lat must be within -90..90 and lng within -180..180; are they exchanged?",
               "坐标超出范围,请检查经纬度是否颠倒");
  }
  return absl::OkStatus();
}

absl::Status CheckOpen(const v1::OpenPart& open) {
  if (!v1::Purpose_IsValid(open.purpose()) || open.purpose() == v1::PURPOSE_UNSPECIFIED) {
    return Bad("open.purpose", "must be ACTUAL, EXERCISE or TEST", "必须注明实战、演练或测试");
  }
  if (!v1::Severity_IsValid(open.severity())) return Bad("open.severity", "is not a severity", "等级无效");
  if (!v1::Answer_IsValid(open.danger_to_life()))
    return Bad("open.danger_to_life", "must be YES, NO or unset", "取值无效");
  if (!open.division().empty() && !Digits12(open.division())) {
    return Bad("open.division", "must be 12 digits or empty", "行政区划代码应为12位数字");
  }
  if (open.occurred_at_ms() < 0 || open.reported_at_ms() < 0)
    return Bad("open.reported_at_ms", "must not be negative", "时间无效");
  if (auto s = Bounded("open.category", open.category().size(), limits::kExternalIdBytes); !s.ok()) return s;
  if (auto s = Bounded("open.channel", open.channel().size(), limits::kExternalIdBytes); !s.ok()) return s;
  if (auto s = Bounded("open.references", open.references_size(), limits::kReferences); !s.ok()) return s;
  for (const auto& ref : open.references()) {
    if (ref.party().empty() || ref.external_id().empty())
      return Bad("open.references", "party and external_id are both required", "关联记录缺少单位或编号");
    if (auto s =
            Bounded("open.references", ref.party().size() + ref.external_id().size(), 2 * limits::kExternalIdBytes);
        !s.ok())
      return s;
  }
  return absl::OkStatus();
}

absl::Status CheckSealed(const v1::SealedPart& sealed) {
  if (auto s = Bounded("sealed.description", sealed.description().size(), limits::kTextBytes); !s.ok()) return s;
  if (auto s = Bounded("sealed.medical", sealed.medical().size(), limits::kTextBytes); !s.ok()) return s;
  for (const std::string* text :
       {&sealed.caller_name(), &sealed.caller_phone(), &sealed.contact_phone(), &sealed.address(), &sealed.village()}) {
    if (auto s = Bounded("sealed", text->size(), limits::kShortTextBytes); !s.ok()) return s;
  }
  if (auto s = Bounded("sealed.details", sealed.details_size(), limits::kDetails); !s.ok()) return s;
  for (const auto& detail : sealed.details()) {
    if (auto s = Bounded("sealed.details", detail.name().size() + detail.value().size(), limits::kNoteBytes); !s.ok())
      return s;
  }
  return CheckPoint(sealed.point());
}

absl::Status CheckActor(const v1::Actor& actor) {
  return Bounded("actor", std::max({actor.person().size(), actor.role().size(), actor.told_by().size()}),
                 limits::kPersonBytes);
}

}  // namespace

absl::Status CheckReport(const v1::Report& report) {
  if (report.external_id().empty())
    return Bad("external_id", "is required: the party's own id of this record", "缺少本单位的记录编号");
  if (auto s = Bounded("external_id", report.external_id().size(), limits::kExternalIdBytes); !s.ok()) return s;
  if (auto s = CheckOpen(report.open()); !s.ok()) return s;
  if (auto s = CheckSealed(report.sealed()); !s.ok()) return s;
  return CheckActor(report.actor());
}

absl::Status CheckAcknowledgment(const v1::Acknowledgment& ack) {
  if (!v1::AckState_IsValid(ack.state()) || ack.state() == v1::ACK_STATE_UNSPECIFIED) {
    return Bad("state",
               "must be one of RECEIVED, SEEN, ACCEPTED, PARTIALLY_ACCEPTED, REFUSED, DEFERRED, EN_ROUTE, ON_SCENE, "
               "COMPLETED, PROGRESS",
               "回执状态无效");
  }
  if (ack.state() == v1::REFUSED && ack.reason().empty()) {
    return Refuse(absl::StatusCode::kInvalidArgument, "REASON_REQUIRED",
                  "a refusal needs a reason, for example 属地不符", "拒绝必须说明理由", "reason");
  }
  if (ack.state() == v1::DEFERRED && ack.deferred_until_ms() <= 0) {
    return Bad("deferred_until_ms", "is required with DEFERRED", "暂缓必须注明答复时间");
  }
  if (auto s = Bounded("reason", ack.reason().size(), limits::kReasonBytes); !s.ok()) return s;
  if (auto s = Bounded("note", ack.note().size(), limits::kNoteBytes); !s.ok()) return s;
  if (auto s = Bounded("unit", ack.unit().size(), limits::kPersonBytes); !s.ok()) return s;
  return CheckActor(ack.actor());
}

void Normalize(v1::Report* report) {
  std::string* division = report->mutable_open()->mutable_division();
  if (division->size() == 12 && division->compare(9, 3, "000") != 0) {
    if (report->sealed().village().empty()) report->mutable_sealed()->set_village(*division);
    division->replace(9, 3, "000");
  }
}

}  // namespace liandong::core
