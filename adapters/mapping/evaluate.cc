#include "adapters/mapping/evaluate.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "adapters/mapping/our_path.h"
#include "adapters/mapping/people.h"
#include "adapters/mapping/table.h"
#include "adapters/mapping/template.h"
#include "adapters/text/reason.h"

namespace liandong::adapters {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::RepeatedPtrField;

bool Contains(const RepeatedPtrField<std::string>& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

bool TextFits(const v1::When& when, const std::string& text) {
  if (when.in_size() > 0 && !Contains(when.in(), text)) return false;
  if (when.not_in_size() > 0 && Contains(when.not_in(), text)) return false;
  if (when.starts_with_size() > 0 && std::none_of(when.starts_with().begin(), when.starts_with().end(),
                                                  [&](const auto& word) { return absl::StartsWith(text, word); })) {
    return false;
  }
  if (when.any_word_size() > 0 && std::none_of(when.any_word().begin(), when.any_word().end(),
                                               [&](const auto& word) { return absl::StrContains(text, word); })) {
    return false;
  }
  if (when.count_at_least() > 0 && CountPeople(text).value_or(0) < when.count_at_least()) return false;
  return true;
}

std::string PathsOf(const v1::Mapping& mapping) {
  if (mapping.from_size() > 0) return absl::StrJoin(mapping.from(), " / ");
  return mapping.template_().empty() ? mapping.to() : mapping.template_();
}

}  // namespace

void Evaluator::Note(std::string_view field, std::string_view reason, std::string_view zh, std::string_view en) const {
  if (notes_ == nullptr) return;
  notes_->push_back({std::string(field), std::string(reason), std::string(zh), std::string(en)});
}

bool Evaluator::Holds(const v1::When& when) const {
  if (when.absent()) {
    return std::none_of(when.path().begin(), when.path().end(),
                        [&](const auto& path) { return source_.Text(path).has_value(); });
  }
  return std::any_of(when.path().begin(), when.path().end(), [&](const auto& path) {
    const std::optional<std::string> text = source_.Text(path);
    return text.has_value() && TextFits(when, *text);
  });
}

bool Evaluator::HoldAll(const RepeatedPtrField<v1::When>& when) const {
  return std::all_of(when.begin(), when.end(), [&](const v1::When& one) { return Holds(one); });
}

bool Evaluator::HoldsAny(const RepeatedPtrField<v1::When>& when) const {
  return std::any_of(when.begin(), when.end(), [&](const v1::When& one) { return Holds(one); });
}

std::optional<std::string> Evaluator::Read(std::string_view path, const Source& source) const {
  std::optional<std::string> text = source.Text(path);
  if (text && used_ != nullptr) used_->insert(std::string(path));
  return text;
}

std::optional<std::string> Evaluator::Filtered(std::string_view path, std::string_view filter,
                                               const Source& source) const {
  std::optional<std::string> text = Read(path, source);
  if (!text || filter.empty()) return text;
  if (IsTimeFilter(filter)) return NativeTime(profile_, *text, filter);
  const v1::ValueTable* table = FindTable(profile_, filter);
  if (table == nullptr) return std::nullopt;
  if (!inbound_) {
    std::optional<std::string> native = TableToNative(*table, *text);
    // A text for people is better with our own word in it than with a hole.
    return native ? native : text;
  }
  TableResult result = TableToOurs(*table, *text);
  if (result.kind == TableResult::kFound) return result.value;
  if (result.kind == TableResult::kUnmapped && !table->otherwise().empty()) return table->otherwise();
  if (result.kind == TableResult::kUnmapped && table->unmapped() == v1::ValueTable::KEEP) return text;
  return std::nullopt;
}

std::optional<std::string> Evaluator::Templated(const v1::Mapping& mapping, const Source& source) const {
  return RenderTemplate(mapping.template_(),
                        [&](const TemplateValue& value) { return Filtered(value.path, value.filter, source); });
}

std::optional<std::string> Evaluator::Joined(const v1::Mapping& mapping) const {
  std::vector<std::string> parts;
  const auto take = [&](const Source& source) {
    if (!mapping.template_().empty()) {
      if (std::optional<std::string> text = Templated(mapping, source)) parts.push_back(*std::move(text));
      return;
    }
    for (const std::string& path : mapping.from()) {
      if (std::optional<std::string> text = Filtered(path, mapping.table(), source)) parts.push_back(*std::move(text));
    }
  };
  if (mapping.each().empty()) {
    take(source_);
  } else {
    const auto& delivery = static_cast<const DeliverySource&>(source_);  // checked: `each` is outbound only
    for (const google::protobuf::Message* item : source_.List(mapping.each())) take(delivery.WithItem(item));
  }
  if (parts.empty()) return std::nullopt;
  return absl::StrJoin(parts, mapping.join());
}

std::optional<std::string> Evaluator::Convert(const v1::Mapping& mapping, const FieldDescriptor* target,
                                              std::string_view path, std::string raw,
                                              std::optional<Failure>* failure) const {
  if (!inbound_) {
    if (mapping.as() == v1::Mapping::TIME) return NativeTime(profile_, raw, "");
    if (mapping.as() != v1::Mapping::DIGITS && mapping.as() != v1::Mapping::BOOL) return raw;
  }
  std::string_view reason;
  std::optional<std::string> text = ConvertToOurs(mapping.as(), target, raw, profile_.utc_offset_minutes(), &reason);
  if (!text) {
    *failure = Failure{std::string(path), reason,
                       reason == kReasonBadTime    ? "时间写法不认识或不存在"
                       : reason == kReasonBadValue ? "取值不合要求"
                                                   : "文字中的人数不明确",
                       reason == kReasonBadTime    ? "no time that we can read"
                       : reason == kReasonBadValue ? "the value does not fit"
                                                   : "the number of people is not clear"};
  }
  return text;
}

std::optional<std::string> Evaluator::Take(const v1::Mapping& mapping, const FieldDescriptor* target,
                                           std::string_view path, std::string raw,
                                           std::optional<Failure>* failure) const {
  const v1::ValueTable* table = mapping.table().empty() ? nullptr : FindTable(profile_, mapping.table());
  if (table == nullptr) return Convert(mapping, target, path, std::move(raw), failure);
  if (!inbound_) {
    std::optional<std::string> native = TableToNative(*table, raw);
    if (!native && table->unmapped() == v1::ValueTable::KEEP) native = raw;
    if (native) return native;
    *failure = Failure{std::string(path), kReasonUnmappedValue, absl::StrCat("取值表 ", table->name(), " 没有对应的行"),
                       absl::StrCat("table ", table->name(), " has no row for it")};
    return std::nullopt;
  }
  TableResult result = TableToOurs(*table, raw);
  if (result.kind == TableResult::kFound) return Convert(mapping, target, path, result.value, failure);
  if (result.kind == TableResult::kNothing) return std::nullopt;
  *failure = Failure{std::string(path), kReasonUnmappedValue,
                     absl::StrCat("取值不在表 ", table->name(), " 中,请在配置文件的表中补一行"),
                     absl::StrCat("the value is not in table ", table->name(), "; add a row to the profile")};
  return std::nullopt;
}

absl::StatusOr<std::optional<std::string>> Evaluator::Value(const v1::Mapping& mapping,
                                                            const FieldDescriptor* target) const {
  if (!HoldAll(mapping.when())) return std::nullopt;
  if (!mapping.value().empty()) return mapping.value();
  std::optional<Failure> failure;
  std::optional<std::string> unmapped_raw;  // the first value that the table does not know
  const auto take = [&](std::string_view path, std::string raw) {
    std::optional<std::string> text = Take(mapping, target, path, raw, &failure);
    if (!text && failure && failure->reason == kReasonUnmappedValue && !unmapped_raw) unmapped_raw = std::move(raw);
    return text;
  };
  if (mapping.has_join() || !mapping.each().empty()) {
    if (std::optional<std::string> raw = Joined(mapping)) {
      if (std::optional<std::string> text = Convert(mapping, target, PathsOf(mapping), *raw, &failure)) return text;
    }
  } else if (!mapping.template_().empty()) {
    if (std::optional<std::string> raw = Templated(mapping, source_)) {
      if (std::optional<std::string> text = take(mapping.template_(), *raw)) return text;
    }
  } else {
    for (const std::string& path : mapping.from()) {
      std::optional<std::string> raw = Read(path, source_);
      if (!raw) continue;
      std::optional<Failure> before = std::exchange(failure, std::nullopt);
      std::optional<std::string> text = take(path, *raw);
      if (text) return text;
      if (!failure) return std::nullopt;  // the table says: nothing for us
      if (before) failure = std::move(before);
    }
  }
  const v1::ValueTable* table = mapping.table().empty() ? nullptr : FindTable(profile_, mapping.table());
  if (unmapped_raw && table != nullptr && inbound_) {
    if (!table->otherwise().empty()) return table->otherwise();
    if (table->unmapped() == v1::ValueTable::KEEP) {
      std::string_view reason;
      if (std::optional<std::string> kept =
              ConvertToOurs(mapping.as(), target, *unmapped_raw, profile_.utc_offset_minutes(), &reason)) {
        return kept;
      }
    }
    if (table->unmapped() == v1::ValueTable::ERROR) {
      return BadMessage(kReasonUnmappedValue, absl::StrCat(failure->field, ": ", failure->zh),
                        absl::StrCat(failure->field, ": ", failure->en));
    }
  }
  if (!mapping.otherwise().empty()) return mapping.otherwise();
  if (mapping.required()) {
    if (failure) {
      return BadMessage(failure->reason, absl::StrCat(failure->field, ": ", failure->zh),
                        absl::StrCat(failure->field, ": ", failure->en));
    }
    const std::string paths = PathsOf(mapping);
    return BadMessage(kReasonMissingField, absl::StrCat("缺少必填的 ", paths), absl::StrCat("missing ", paths));
  }
  if (failure) Note(failure->field, failure->reason, failure->zh, failure->en);
  return std::nullopt;
}

std::optional<DeliveryKey> Evaluator::Key(const v1::DeliveryKeyRule& rule) const {
  for (const std::string& path : rule.from()) {
    std::optional<std::string> text = source_.Text(path);
    if (!text || !absl::StartsWith(*text, rule.strip_prefix())) continue;
    text->erase(0, rule.strip_prefix().size());
    if (!text->empty()) return DeliveryKey{rule.name(), *std::move(text)};
  }
  return std::nullopt;
}

}  // namespace liandong::adapters
