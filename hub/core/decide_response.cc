// 应急响应: started with what the law asks for, adjusted, ended; open incidents of its region are routed again in
// pieces.
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "hub/core/errors.h"
#include "hub/core/leaves.h"
#include "hub/core/limits.h"
#include "hub/core/responses.h"
#include "hub/core/steps.h"

namespace liandong::core {
namespace {

absl::Status Bad(std::string_view field, std::string_view en, std::string_view zh) {
  return Refuse(absl::StatusCode::kInvalidArgument, "BAD_FIELD",
                absl::StrCat(std::string(field), ": ", std::string(en)), zh, field);
}

absl::Status TextOf(const std::string& text, size_t bytes_max, std::string_view field, std::string_view zh) {
  if (!text.empty() && text.size() <= bytes_max) return absl::OkStatus();
  return Bad(field, absl::StrCat("is required, at most ", bytes_max, " bytes"), zh);
}

absl::Status LevelOf(v1::ResponseLevel level) {
  if (level != v1::RESPONSE_LEVEL_UNSPECIFIED && v1::ResponseLevel_IsValid(level)) return absl::OkStatus();
  return Bad("level", "must be LEVEL_I, LEVEL_II, LEVEL_III or LEVEL_IV", "必须写明响应级别(一至四级)");
}

absl::Status TermOf(const Draft& draft, int64_t until_ms) {
  if (until_ms > draft.now()) return absl::OkStatus();
  return Bad("expected_until_ms", "the expected term is required and lies ahead", "必须写明预计期限,且晚于现在");
}

absl::Status ReasonOf(const std::string& reason) {
  if (!reason.empty() && reason.size() <= limits::kReasonBytes) return absl::OkStatus();
  return Refuse(absl::StatusCode::kInvalidArgument, "REASON_REQUIRED",
                absl::StrCat("a reason of 1 to ", limits::kReasonBytes, " bytes is required"), "必须填写简短原因",
                "reason");
}

// Any division of the site whose code begins with the prefix.
bool KnownArea(const Draft& draft, const std::string& prefix) {
  if (prefix.empty()) return true;
  for (const v1::Division& division : draft.site().proto().division()) {
    if (absl::StartsWith(division.code(), prefix)) return true;
  }
  return false;
}

absl::Status RegionOf(const Draft& draft, const v1::StartResponseRequest& request) {
  if (!request.category().empty() && draft.site().FindCategory(request.category()) == nullptr)
    return Bad("category", absl::StrCat("there is no \"", request.category(), "\" in the site's category tree"),
               "没有该事件类别");
  if (!KnownArea(draft, request.division()))
    return Bad("division", "no division of the site begins so", "站点区划表中没有以此开头的代码");
  if (request.purpose() == v1::PURPOSE_UNSPECIFIED || !v1::Purpose_IsValid(request.purpose()))
    return Bad("purpose", "must be ACTUAL, EXERCISE or TEST", "必须注明实战、演练或测试");
  for (const auto& [id, other] : draft.state().responses()) {
    if (other.ended_at_ms() != 0 || other.category() != request.category() || other.division() != request.division() ||
        other.purpose() != request.purpose())
      continue;
    return Refuse(absl::StatusCode::kFailedPrecondition, "RESPONSE_IN_FORCE",
                  absl::StrCat("response ", id, " is in force for this class and area; adjust it, or end it first"),
                  absl::StrCat("该类别和区域已启动响应 ", id, ",请调整或先终止"), "category");
  }
  return absl::OkStatus();
}

absl::StatusOr<const v1::ResponseState*> InForce(const Draft& draft, uint64_t id) {
  const v1::ResponseState* found = draft.state().FindResponse(id);
  if (found != nullptr && found->ended_at_ms() == 0) return found;
  return Refuse(absl::StatusCode::kNotFound, "UNKNOWN_RESPONSE",
                absl::StrCat("there is no response ", id, " in force; list them with: liandong response list"),
                absl::StrCat("没有正在执行的响应 ", id), "response_id");
}

Answer ReplyOn(const Draft& draft, uint64_t id) {
  v1::ResponseReply reply;
  reply.set_response_id(id);
  reply.set_log_index(draft.context().index);
  return reply;
}

}  // namespace

absl::StatusOr<Answer> DecideStartResponse(Draft& draft, const StartResponseCommand& command) {
  const v1::StartResponseRequest& request = command.request;
  if (auto s = LevelOf(request.level()); !s.ok()) return s;
  if (auto s = TextOf(request.matters(), limits::kMattersBytes, "matters", "必须写明响应事项"); !s.ok()) return s;
  if (auto s = TermOf(draft, request.expected_until_ms()); !s.ok()) return s;
  if (auto s = TextOf(request.measures(), limits::kMeasuresBytes, "measures", "必须写明应急处置措施"); !s.ok())
    return s;
  if (auto s = RegionOf(draft, request); !s.ok()) return s;
  if (draft.state().responses().size() >= limits::kResponses) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "TOO_LARGE", "too many responses are in force; end some",
                  "正在执行的响应过多,请先终止一些");
  }
  v1::ResponseState& response = draft.NewResponse();
  response.set_level(request.level());
  response.set_category(request.category());
  response.set_division(request.division());
  response.set_purpose(request.purpose());
  response.set_matters(request.matters());
  response.set_expected_until_ms(request.expected_until_ms());
  response.set_measures(request.measures());
  response.set_started_at_ms(draft.now());
  response.set_route_next(1);
  *draft.record().mutable_response_started()->mutable_response() = response;
  return ReplyOn(draft, response.id());
}

absl::StatusOr<Answer> DecideAdjustResponse(Draft& draft, const AdjustResponseCommand& command) {
  const v1::AdjustResponseRequest& request = command.request;
  auto found = InForce(draft, request.response_id());
  if (!found.ok()) return found.status();
  if (auto s = ReasonOf(request.reason()); !s.ok()) return s;
  const v1::ResponseLevel was = (*found)->level();
  if (request.level() != v1::RESPONSE_LEVEL_UNSPECIFIED) {
    if (auto s = LevelOf(request.level()); !s.ok()) return s;
  }
  if (request.expected_until_ms() != 0) {
    if (auto s = TermOf(draft, request.expected_until_ms()); !s.ok()) return s;
  }
  if (request.measures().size() > limits::kMeasuresBytes)
    return TextOf(request.measures(), limits::kMeasuresBytes, "measures", "措施过长");
  v1::ResponseState& response = draft.Response(request.response_id());
  if (request.level() != v1::RESPONSE_LEVEL_UNSPECIFIED) response.set_level(request.level());
  if (request.expected_until_ms() != 0) response.set_expected_until_ms(request.expected_until_ms());
  if (!request.measures().empty()) response.set_measures(request.measures());
  if (response.level() != was) response.set_route_next(1);
  v1::ResponseAdjusted* what = draft.record().mutable_response_adjusted();
  *what->mutable_response() = response;
  what->set_was(was);
  what->set_reason(request.reason());
  return ReplyOn(draft, response.id());
}

absl::StatusOr<Answer> DecideEndResponse(Draft& draft, const EndResponseCommand& command) {
  const v1::EndResponseRequest& request = command.request;
  auto found = InForce(draft, request.response_id());
  if (!found.ok()) return found.status();
  if (auto s = ReasonOf(request.reason()); !s.ok()) return s;
  v1::ResponseState& response = draft.Response(request.response_id());
  response.set_ended_at_ms(draft.now());
  response.set_route_next(1);
  v1::ResponseEnded* what = draft.record().mutable_response_ended();
  what->set_id(response.id());
  what->set_reason(request.reason());
  return ReplyOn(draft, response.id());
}

absl::StatusOr<Answer> DecideRouteAgain(Draft& draft, const RouteAgainCommand& command) {
  const ToRoute batch = NextToRoute(draft.state());
  if (batch.response_id == 0) return Answer();
  v1::IncidentsRouted* what = draft.record().mutable_incidents_routed();
  what->set_response_id(batch.response_id);
  draft.Response(batch.response_id).set_route_next(batch.next);
  for (uint64_t id : batch.incidents) {
    v1::RoutedAgain* one = what->add_routed();
    one->set_incident_id(id);
    auto text = command.text.find(id);
    *one->mutable_decision() =
        Route(draft, id, /*changed=*/false, text == command.text.end() ? std::string_view() : text->second);
    Settle(draft, id);
  }
  return Answer();
}

}  // namespace liandong::core
