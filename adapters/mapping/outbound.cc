// Deliveries into native messages, and what the peer answers to them.
#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "adapters/mapping/evaluate.h"
#include "adapters/mapping/mapper.h"
#include "adapters/mapping/native_path.h"
#include "adapters/mapping/table.h"
#include "adapters/text/reason.h"
#include "adapters/text/record_codec.h"

namespace liandong::adapters {
namespace {

absl::Status Refuse(std::string_view reason, std::string_view zh, std::string_view en) {
  return absl::FailedPreconditionError(
      absl::StrCat(std::string(reason), ": ", std::string(zh), " (", std::string(en), ")"));
}

absl::Status SetNative(const v1::Mapping& mapping, const std::string& text, nlohmann::json* tree) {
  nlohmann::json value = text;
  int64_t whole = 0;
  double number = 0;
  if (mapping.as() == v1::Mapping::UINT && absl::SimpleAtoi(text, &whole)) value = whole;
  if (mapping.as() == v1::Mapping::NUMBER && absl::SimpleAtod(text, &number)) value = number;
  if (mapping.as() == v1::Mapping::BOOL) value = text == "true";
  if (SetAt(tree, mapping.to(), std::move(value))) return absl::OkStatus();
  return BadMessage(kReasonBadValue, absl::StrCat(mapping.to(), ": 与其他字段的路径冲突"),
                    absl::StrCat(mapping.to(), ": its path runs into another field"));
}

// Puts the purpose into the message; false when nothing in it says so.
bool MarkPurpose(const v1::Profile& profile, const v1::OutboundRule& rule, v1::Purpose purpose, nlohmann::json* tree) {
  bool carried = false;
  const v1::PurposeRule& marks = profile.purpose();
  if (!marks.to().empty()) {
    const v1::ValueTable* table = FindTable(profile, marks.table());
    std::optional<std::string> native;
    if (table != nullptr) native = TableToNative(*table, v1::Purpose_Name(purpose));
    if (native) carried = SetAt(tree, marks.to(), *native);
  }
  for (const v1::PurposePrefix& prefix : marks.prefix()) {
    if (prefix.purpose() != purpose) continue;
    for (const std::string& path : rule.purpose_prefix_at()) {
      std::string text = TextAt(*tree, path).value_or("");
      if (!absl::StartsWith(text, prefix.text())) text = prefix.text() + text;
      carried |= SetAt(tree, path, text);
    }
  }
  return carried;
}

absl::Status CheckPurpose(const v1::Profile& profile, v1::Purpose purpose) {
  const v1::Purpose link = profile.purpose().link();
  if (purpose == link || (link == v1::ACTUAL && purpose != v1::PURPOSE_UNSPECIFIED)) return absl::OkStatus();
  return Refuse(
      kReasonPurposeMismatch,
      absl::StrCat("链路 ", profile.id(), " 只走", v1::Purpose_Name(link), ",不能发送", v1::Purpose_Name(purpose)),
      absl::StrCat("link ", profile.id(), " is for ", v1::Purpose_Name(link), " only and cannot take ",
                   v1::Purpose_Name(purpose)));
}

std::vector<DeliveryKey> KeysOf(const v1::OutboundRule& rule, const Source& source, const nlohmann::json& tree) {
  std::vector<DeliveryKey> keys;
  for (const v1::KeyRule& key : rule.remember()) {
    std::optional<std::string> value;
    if (!key.from().empty()) value = source.Text(key.from());
    if (!key.native().empty()) value = TextAt(tree, key.native());
    if (!value) continue;
    DeliveryKey found{key.name(), *std::move(value)};
    if (std::find(keys.begin(), keys.end(), found) == keys.end()) keys.push_back(std::move(found));
  }
  return keys;
}

Encoding EncodingOf(const v1::Profile& profile) {
  return EncodingFromName(profile.encoding()).value_or(Encoding::kUtf8);
}

Verdict OurVerdict(v1::PeerReply::Verdict verdict) {
  switch (verdict) {
    case v1::PeerReply::ACCEPTED:
      return Verdict::kAccepted;
    case v1::PeerReply::DUPLICATE:
      return Verdict::kDuplicate;
    case v1::PeerReply::REJECTED:
      return Verdict::kRejected;
    default:
      return Verdict::kTransient;
  }
}

// What HTTP itself says where no rule of the profile does.
Verdict VerdictOfStatus(int status, bool profile_has_rules) {
  if (status >= 200 && status < 300) {
    // The profile knows how a success looks and this is none: not to be taken for one.
    return profile_has_rules ? Verdict::kTransient : Verdict::kAccepted;
  }
  const bool later = status < 200 || status >= 500 || status == 404 || status == 408 || status == 425 || status == 429;
  return later ? Verdict::kTransient : Verdict::kRejected;
}

}  // namespace

Mapper::Mapper(v1::Profile profile) : profile_(std::move(profile)) {}

absl::StatusOr<Rendered> Mapper::Render(const v1::Delivery& delivery) const {
  const v1::Envelope& envelope = delivery.envelope();
  const DeliverySource source(profile_, delivery);
  const Evaluator values(profile_, /*inbound=*/false, source, nullptr);
  Rendered rendered;
  const v1::OutboundRule* rule = nullptr;
  for (int i = 0; i < profile_.outbound_size() && rule == nullptr; ++i) {
    const v1::OutboundRule& one = profile_.outbound(i);
    if (std::find(one.delivery().begin(), one.delivery().end(), envelope.kind()) == one.delivery().end()) continue;
    if (!values.HoldAll(one.when())) continue;
    rule = &one;
    rendered.rule = i;
  }
  if (rule == nullptr) {
    return absl::NotFoundError(absl::StrCat(std::string(kReasonNoOutboundRule), ": 配置 ", profile_.id(),
                                            " 没有适用于 ", v1::DeliveryKind_Name(envelope.kind()),
                                            " 的出站规则 (profile ", profile_.id(), " has no outbound rule for this ",
                                            v1::DeliveryKind_Name(envelope.kind()), "; add one)"));
  }
  rendered.skip = rule->skip();
  if (!rendered.skip.empty()) return rendered;
  if (absl::Status status = CheckPurpose(profile_, envelope.purpose()); !status.ok()) return status;
  rendered.kind = rule->kind();
  rendered.method = rule->method().empty() ? "POST" : rule->method();
  rendered.path = rule->path();
  for (const v1::Header& header : rule->header()) rendered.headers.emplace_back(header.name(), header.value());
  rendered.tree = nlohmann::json::object();
  for (const v1::Mapping& mapping : rule->field()) {
    if (NodeAt(rendered.tree, mapping.to()) != nullptr) continue;
    absl::StatusOr<std::optional<std::string>> text = values.Value(mapping, nullptr);
    if (!text.ok()) return text.status();
    if (!*text) continue;
    if (absl::Status set = SetNative(mapping, **text, &rendered.tree); !set.ok()) return set;
  }
  const bool marked = MarkPurpose(profile_, *rule, envelope.purpose(), &rendered.tree);
  if (!marked && envelope.purpose() != v1::ACTUAL && envelope.purpose() != profile_.purpose().link()) {
    return Refuse(kReasonExerciseNotCarried,
                  absl::StrCat("规则 ", rule->kind(), " 无法标明", v1::Purpose_Name(envelope.purpose()),
                               ",请在配置中补 purpose.to 或 purpose_prefix_at"),
                  absl::StrCat("the rule for ", rule->kind(), " cannot say ", v1::Purpose_Name(envelope.purpose()),
                               "; give the profile purpose.to or purpose_prefix_at"));
  }
  rendered.keys = KeysOf(*rule, source, rendered.tree);
  rendered.keep_known_keys = envelope.kind() == v1::UPDATE;
  return rendered;
}

Judgement Mapper::JudgeReply(const Rendered& sent, int http_status, std::string_view body) const {
  Judgement judgement;
  if (http_status == 0) return judgement;
  std::string root;
  nlohmann::json tree = nlohmann::json::object();
  if (absl::StatusOr<nlohmann::json> read = DecodeObject(body, EncodingOf(profile_), &root); read.ok()) {
    tree = *std::move(read);
  }
  const NativeSource source(tree);
  const Evaluator values(profile_, /*inbound=*/true, source, nullptr);
  judgement.verdict = VerdictOfStatus(http_status, profile_.peer_reply_size() > 0);
  for (const v1::PeerReply& rule : profile_.peer_reply()) {
    if (!rule.http().empty() &&
        std::find(rule.http().begin(), rule.http().end(), static_cast<uint32_t>(http_status)) == rule.http().end()) {
      continue;
    }
    if (!values.HoldAll(rule.when())) continue;
    judgement.verdict = OurVerdict(rule.verdict());
    break;
  }
  const bool taken = judgement.verdict == Verdict::kAccepted || judgement.verdict == Verdict::kDuplicate;
  if (taken && sent.rule >= 0 && sent.rule < profile_.outbound_size()) {
    for (const v1::KeyRule& key : profile_.outbound(sent.rule).remember()) {
      if (key.reply().empty()) continue;
      if (std::optional<std::string> value = TextAt(tree, key.reply())) {
        judgement.keys.push_back({key.name(), *std::move(value)});
      }
    }
  }
  return judgement;
}

}  // namespace liandong::adapters
