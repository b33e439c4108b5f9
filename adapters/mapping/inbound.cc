#include "adapters/mapping/inbound.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "adapters/limits.h"
#include "adapters/mapping/our_path.h"
#include "adapters/text/reason.h"
#include "adapters/text/time.h"

namespace liandong::adapters {
namespace {

absl::StatusOr<std::string> TextOr(const Evaluator& values, const v1::Mapping& mapping) {
  absl::StatusOr<std::optional<std::string>> text = values.Value(mapping, nullptr);
  if (!text.ok()) return text.status();
  return text->value_or("");
}

// The moment of a step. nullopt: the message does not hold this step.
std::optional<int64_t> TimeOf(const v1::Profile& profile, const v1::AckStep& step, const Evaluator& values) {
  for (const std::string& path : step.at()) {
    std::optional<std::string> text = values.source().Text(path);
    if (!text) continue;
    absl::StatusOr<int64_t> ms = ParseTimeMs(*text, profile.utc_offset_minutes());
    if (ms.ok()) return *ms;
    // The step happened, whatever the clock says of when.
    values.Note(path, kReasonBadTime, "时间写法不认识,按收到时间计",
                "no time that we can read; the time of arrival counts");
    return 0;
  }
  // A fixed state that hangs on its time field alone has not been reached.
  if (step.state_from().empty() && step.when().empty()) return std::nullopt;
  return 0;
}

absl::StatusOr<v1::AckState> StateOf(const v1::AckStep& step, const Evaluator& values) {
  if (step.state_from().empty()) return step.state();
  v1::Mapping mapping;
  mapping.add_from(step.state_from());
  mapping.set_table(step.table());
  absl::StatusOr<std::optional<std::string>> text =
      values.Value(mapping, v1::Acknowledgment::descriptor()->FindFieldByName("state"));
  if (!text.ok()) return text.status();
  v1::AckState state = v1::ACK_STATE_UNSPECIFIED;
  if (*text && !v1::AckState_Parse(**text, &state)) state = v1::ACK_STATE_UNSPECIFIED;
  return state;
}

// False: no key in the message.
bool SetKeys(const v1::AckRule& rule, const Evaluator& values, AckDraft* draft) {
  for (const v1::DeliveryKeyRule& key_rule : rule.key()) {
    std::optional<DeliveryKey> key = values.Key(key_rule);
    if (!key) continue;
    uint64_t id = 0;
    if (key->name == "delivery_id") {
      if (absl::SimpleAtoi(key->value, &id) && draft->keys.empty() && draft->ack.delivery_id() == 0) {
        draft->ack.set_delivery_id(id);
      }
      continue;
    }
    draft->keys.push_back(*std::move(key));
  }
  return draft->ack.delivery_id() != 0 || !draft->keys.empty();
}

std::string KeyPaths(const v1::AckRule& rule) {
  std::vector<std::string> paths;
  for (const v1::DeliveryKeyRule& key : rule.key()) paths.insert(paths.end(), key.from().begin(), key.from().end());
  return absl::StrJoin(paths, " / ");
}

absl::Status MapActions(const v1::InboundRule& rule, const Evaluator& values, Mapped* mapped) {
  for (const v1::AliasRule& alias : rule.alias()) {
    std::optional<DeliveryKey> known = values.Key(alias.known());
    std::optional<DeliveryKey> also = values.Key(alias.also());
    if (known && also && !(*known == *also)) mapped->aliases.push_back({*std::move(known), *std::move(also)});
  }
  for (const v1::TransferRule& transfer : rule.transfer()) {
    if (!values.HoldAll(transfer.when())) continue;
    v1::Mapping id = transfer.external_id();
    id.set_required(true);
    absl::StatusOr<std::string> external_id = TextOr(values, id);
    if (!external_id.ok()) return external_id.status();
    absl::StatusOr<std::string> party = TextOr(values, transfer.to_party());
    if (!party.ok()) return party.status();
    if (party->empty()) continue;  // handed on within the peer's own house
    absl::StatusOr<std::string> reason = TextOr(values, transfer.reason());
    if (!reason.ok()) return reason.status();
    absl::StatusOr<std::string> person = TextOr(values, transfer.person());
    if (!person.ok()) return person.status();
    TransferDraft draft;
    draft.external_id = *external_id;
    draft.request.set_to(*party);
    draft.request.set_reason(CutUtf8(*std::move(reason), kAckNoteBytesMax));
    draft.request.mutable_actor()->set_person(CutUtf8(*std::move(person), kPersonBytesMax));
    draft.request.mutable_actor()->set_way(v1::BY_ADAPTER);
    mapped->transfers.push_back(std::move(draft));
  }
  for (const v1::CloseRule& close : rule.close()) {
    if (!values.HoldAll(close.when())) continue;
    v1::Mapping id = close.external_id();
    id.set_required(true);
    absl::StatusOr<std::string> external_id = TextOr(values, id);
    if (!external_id.ok()) return external_id.status();
    absl::StatusOr<std::string> reason = TextOr(values, close.reason());
    if (!reason.ok()) return reason.status();
    CloseDraft draft;
    draft.external_id = *external_id;
    draft.request.set_reason(CutUtf8(*std::move(reason), kAckReasonBytesMax));
    draft.request.mutable_actor()->set_way(v1::BY_ADAPTER);
    mapped->closes.push_back(std::move(draft));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status MapAcks(const v1::Profile& profile, const v1::AckRule& rule, const Evaluator& values, Mapped* mapped) {
  std::vector<AckDraft> drafts;
  for (const v1::AckStep& step : rule.step()) {
    if (!values.HoldAll(step.when())) continue;
    absl::StatusOr<v1::AckState> state = StateOf(step, values);
    if (!state.ok()) return state.status();
    if (*state == v1::ACK_STATE_UNSPECIFIED) continue;
    std::optional<int64_t> at_ms = TimeOf(profile, step, values);
    if (!at_ms) continue;
    AckDraft draft;
    draft.drop_if_unknown = rule.drop_if_unknown();
    draft.ack.set_state(*state);
    draft.ack.set_at_ms(*at_ms);
    if (absl::Status status = SetFields(step.field(), values, &draft.ack); !status.ok()) return status;
    if (absl::Status status = SetFields(rule.field(), values, &draft.ack); !status.ok()) return status;
    if (*state == v1::REFUSED && draft.ack.reason().empty()) {
      // The hub wants a reason; a refusal without one is still a refusal.
      draft.ack.set_reason("未说明");
    }
    draft.ack.mutable_actor()->set_way(v1::BY_ADAPTER);
    drafts.push_back(std::move(draft));
  }
  if (drafts.empty()) return absl::OkStatus();
  for (AckDraft& draft : drafts) {
    if (!SetKeys(rule, values, &draft)) {
      const std::string paths = KeyPaths(rule);
      if (rule.drop_if_unknown()) {
        values.Note(paths, kReasonMissingField, "没有任务编号,回执不转发", "names no task; not passed on");
        return absl::OkStatus();
      }
      return BadMessage(kReasonMissingField, absl::StrCat("缺少任务编号 ", paths),
                        absl::StrCat("missing the task's id ", paths));
    }
    mapped->acks.push_back(std::move(draft));
  }
  return absl::OkStatus();
}

absl::StatusOr<Mapped> MapInbound(const v1::Profile& profile, const NativeMessage& message,
                                  std::set<std::string>* used) {
  Mapped mapped;
  const NativeSource source(message.tree);
  const Evaluator values(profile, /*inbound=*/true, source, &mapped.notes, used);
  const auto rule = std::find_if(profile.inbound().begin(), profile.inbound().end(), [&](const v1::InboundRule& one) {
    return std::find(one.kind().begin(), one.kind().end(), message.kind) != one.kind().end() &&
           values.HoldAll(one.when());
  });
  if (rule == profile.inbound().end()) {
    return BadMessage(
        kReasonNoRule,
        absl::StrCat("配置 ", profile.id(), " 没有适用于 ", message.kind, " 的入站规则,请补一条 inbound"),
        absl::StrCat("profile ", profile.id(), " has no inbound rule that fits this ", message.kind, "; add one"));
  }
  mapped.ignored = rule->ignore();
  if (rule->has_report()) {
    absl::StatusOr<ReportDraft> report = MapReport(profile, rule->report(), values);
    if (!report.ok()) return report.status();
    mapped.reports.push_back(*std::move(report));
  }
  for (const v1::AckRule& ack : rule->ack()) {
    if (absl::Status status = MapAcks(profile, ack, values, &mapped); !status.ok()) return status;
  }
  if (absl::Status status = MapActions(*rule, values, &mapped); !status.ok()) return status;
  if (mapped.empty() && mapped.ignored.empty()) {
    mapped.ignored = "报文中没有需要转发的内容";
  }
  return mapped;
}

absl::StatusOr<Mapped> Mapper::Map(const NativeMessage& message) const {
  return MapInbound(profile_, message, nullptr);
}

absl::Status ResolveDelivery(const DeliveryLookup& lookup, AckDraft* draft) {
  if (draft->ack.delivery_id() != 0) return absl::OkStatus();
  std::string names;
  for (const DeliveryKey& key : draft->keys) {
    if (std::optional<uint64_t> id = lookup(key)) {
      draft->ack.set_delivery_id(*id);
      return absl::OkStatus();
    }
    absl::StrAppend(&names, names.empty() ? "" : ", ", key.Text());
  }
  return absl::NotFoundError(
      absl::StrCat("UNKNOWN_DELIVERY: 没有这个编号的任务: ", names, " (no delivery is known by ", names, ")"));
}

}  // namespace liandong::adapters
