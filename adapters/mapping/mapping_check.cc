#include "adapters/mapping/mapping_check.h"

#include "absl/strings/str_cat.h"
#include "adapters/mapping/evaluate.h"
#include "adapters/mapping/native_path.h"
#include "adapters/mapping/our_path.h"
#include "adapters/mapping/table.h"
#include "adapters/mapping/template.h"
#include "adapters/mapping/text_file.h"

namespace liandong::adapters {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

// "zh (en)" of a status made in this folder, as two texts again.
std::pair<std::string, std::string> Halves(const absl::Status& status) {
  const std::string text(status.message());
  const size_t open = text.find(" (");
  if (open == std::string::npos || text.back() != ')') return {text, text};
  return {text.substr(0, open), text.substr(open + 2, text.size() - open - 3)};
}

}  // namespace

Place Place::Child(const char* field, int index) const {
  const FieldDescriptor* descriptor = type_ == nullptr ? nullptr : type_->FindFieldByName(field);
  Place child(descriptor == nullptr ? nullptr : descriptor->message_type(), nullptr);
  child.line_ = line_;
  child.column_ = column_;
  if (descriptor == nullptr || tree_ == nullptr || (descriptor->is_repeated() && index < 0)) return child;
  const int at = descriptor->is_repeated() ? index : -1;
  const google::protobuf::TextFormat::ParseLocation location = tree_->GetLocation(descriptor, at);
  if (location.line >= 0) {
    child.line_ = location.line + 1;
    child.column_ = location.column + 1;
  }
  if (descriptor->message_type() != nullptr) child.tree_ = tree_->GetTreeForNested(descriptor, at);
  return child;
}

void MappingCheck::Error(const Place& place, std::string_view zh, std::string_view en) {
  errors_.push_back(
      absl::StrCat(name_, ":", place.line(), ":", place.column(), ": ", std::string(zh), " (", std::string(en), ")"));
}

void MappingCheck::NativePath(const std::string& path, const Place& place) {
  if (IsNativePath(path)) return;
  Error(place, absl::StrCat("原始字段路径 \"", path, "\" 应写作 /字段/字段"),
        absl::StrCat("native path \"", path, "\" must be written /field/field"));
}

const v1::ValueTable* MappingCheck::Table(const std::string& name, const Place& place) {
  const v1::ValueTable* table = FindTable(profile_, name);
  if (table != nullptr) return table;
  std::vector<std::string> known;
  for (const v1::ValueTable& one : profile_.table()) known.push_back(one.name());
  const std::string near = Nearest(name, known);
  Error(place, absl::StrCat("没有取值表 \"", name, "\"", near.empty() ? "" : absl::StrCat(",是否为 \"", near, "\"")),
        absl::StrCat("no table \"", name, "\"", near.empty() ? "" : absl::StrCat("; did you mean \"", near, "\"?")));
  return nullptr;
}

void MappingCheck::TableFits(const v1::ValueTable& table, const FieldDescriptor* field, const Place& place) {
  const auto check = [&](const std::string& ours) {
    if (ours.empty() || FitsField(field, ours).ok()) return;
    Error(place,
          absl::StrCat("取值表 ", table.name(), " 的 \"", ours, "\" 不是 ", std::string(field->name()), " 的取值"),
          absl::StrCat("\"", ours, "\" of table ", table.name(), " is no value of ", std::string(field->name())));
  };
  for (const v1::TableRow& row : table.row()) check(row.ours());
  check(table.otherwise());
}

const FieldDescriptor* MappingCheck::SourcePath(const std::string& path, const Place& place, bool inbound,
                                                const Descriptor* item) {
  if (inbound) {
    NativePath(path, place);
    return nullptr;
  }
  std::string_view rest;
  const Descriptor* root = OutboundRoot(path, &rest, item);
  if (root == nullptr) {
    Error(place, absl::StrCat("路径 \"", path, "\" 应以 envelope. body. own. source. feedback. 开头"),
          absl::StrCat("\"", path, "\" must begin with envelope. body. own. source. or feedback."));
    return nullptr;
  }
  if (root == v1::ReportView::descriptor() && (rest == "x" || rest == "y")) return nullptr;
  if (path == kFeedbackOthers) return nullptr;
  absl::StatusOr<const FieldDescriptor*> field = FindOurField(root, rest);
  if (field.ok()) return *field;
  const auto [zh, en] = Halves(field.status());
  Error(place, absl::StrCat(path, ": ", zh), absl::StrCat(path, ": ", en));
  return nullptr;
}

void MappingCheck::Template(const v1::Mapping& mapping, const Place& place, bool inbound, const Descriptor* item) {
  absl::StatusOr<std::vector<TemplateValue>> values = TemplateValues(mapping.template_());
  if (!values.ok()) {
    const auto [zh, en] = Halves(values.status());
    Error(place, zh, en);
    return;
  }
  for (const TemplateValue& value : *values) {
    const FieldDescriptor* field = SourcePath(value.path, place, inbound, item);
    if (field != nullptr && IsTimeField(field) && !IsTimeFilter(value.filter)) {
      Error(place, absl::StrCat("{", value.path, "} 是毫秒数,应写作 {", value.path, "|TIME}"),
            absl::StrCat("{", value.path, "} is in milliseconds: write {", value.path, "|TIME}"));
    }
    if (value.filter.empty()) continue;
    if (!IsTimeFilter(value.filter)) {
      Table(value.filter, place);
    } else if (inbound || (field != nullptr && !IsTimeField(field))) {
      Error(place, absl::StrCat("{", value.path, "|", value.filter, "} 不是我方的时间字段"),
            absl::StrCat("{", value.path, "|", value.filter, "}: not a time field of ours"));
    }
  }
}

void MappingCheck::InboundTarget(const v1::Mapping& mapping, const Place& place, const Target& target) {
  const FieldDescriptor* field = nullptr;
  if (target.root != nullptr) {
    absl::StatusOr<const FieldDescriptor*> found = FindOurField(target.root, mapping.to());
    if (!found.ok()) {
      const auto [zh, en] = Halves(found.status());
      Error(place.Child("to"), absl::StrCat("to: ", zh), absl::StrCat("to: ", en));
      return;
    }
    field = *found;
    for (const std::string& other : target.not_to) {
      if (mapping.to() == other || mapping.to().rfind(other + ".", 0) == 0) {
        Error(place.Child("to"), absl::StrCat(mapping.to(), " 有专门的规则,不能用 field 填写"),
              absl::StrCat(mapping.to(), " has a rule of its own and cannot be set by a field"));
      }
    }
    if (field->is_repeated()) Error(place.Child("to"), mapping.to() + " 是列表", mapping.to() + " is a list");
  }
  if (!mapping.each().empty()) Error(place.Child("each"), "each 只用于出站", "each is for outbound only");
  const auto wrong = [&](const char* zh, const char* en) { Error(place.Child("as"), zh, en); };
  const bool constant = !mapping.value().empty();
  const auto kind = field == nullptr ? FieldDescriptor::CPPTYPE_STRING : field->cpp_type();
  switch (mapping.as()) {
    case v1::Mapping::TIME:
      if (field == nullptr || !IsTimeField(field))
        wrong("TIME 只能写入时间字段(..._ms)", "TIME is for fields in ..._ms");
      break;
    case v1::Mapping::REVISION:
      if (!target.revision) wrong("REVISION 只用于 revision", "REVISION is for revision only");
      break;
    case v1::Mapping::COUNT:
      if (kind != FieldDescriptor::CPPTYPE_UINT32 && kind != FieldDescriptor::CPPTYPE_UINT64) {
        wrong("COUNT 只能写入人数字段", "COUNT is for whole numbers");
      }
      break;
    case v1::Mapping::BOOL:
      if (kind != FieldDescriptor::CPPTYPE_BOOL) wrong("BOOL 只能写入是/否字段", "BOOL is for yes/no fields");
      break;
    case v1::Mapping::DIGITS:
    case v1::Mapping::DIVISION:
      if (kind != FieldDescriptor::CPPTYPE_STRING) wrong("只能写入文字字段", "is for texts");
      break;
    case v1::Mapping::UINT:
    case v1::Mapping::NUMBER:
      wrong("UINT、NUMBER 只用于出站", "UINT and NUMBER are for outbound");
      break;
    default:
      if (field != nullptr && IsTimeField(field) && !constant) wrong("时间字段要写 as: TIME", "a time needs as: TIME");
      if (mapping.to() == "open.division" && !constant && mapping.table().empty()) {
        wrong("行政区划要写 as: DIVISION 或取值表", "a division needs as: DIVISION or a table");
      }
  }
  if (field == nullptr) return;
  for (const std::string& text : {mapping.value(), mapping.otherwise()}) {
    if (text.empty() || FitsField(field, text).ok()) continue;
    Error(place, absl::StrCat("\"", text, "\" 不是 ", mapping.to(), " 的取值"),
          absl::StrCat("\"", text, "\" is no value of ", mapping.to()));
  }
  const v1::ValueTable* table = mapping.table().empty() ? nullptr : FindTable(profile_, mapping.table());
  if (table != nullptr && mapping.as() == v1::Mapping::AS_TARGET) TableFits(*table, field, place.Child("table"));
}

void MappingCheck::OutboundTarget(const v1::Mapping& mapping, const Place& place, const Descriptor* item) {
  NativePath(mapping.to(), place.Child("to"));
  switch (mapping.as()) {
    case v1::Mapping::REVISION:
    case v1::Mapping::COUNT:
    case v1::Mapping::DIVISION:
      Error(place.Child("as"), "只用于入站", "is for inbound only");
      break;
    default:
      break;
  }
  for (int i = 0; i < mapping.from_size(); ++i) {
    const FieldDescriptor* field = SourcePath(mapping.from(i), place.Child("from", i), /*inbound=*/false, item);
    if (field == nullptr) continue;
    if (IsTimeField(field) != (mapping.as() == v1::Mapping::TIME)) {
      Error(place.Child("from", i),
            absl::StrCat(mapping.from(i), IsTimeField(field) ? " 是毫秒数,要写 as: TIME" : " 不是时间"),
            absl::StrCat(mapping.from(i), IsTimeField(field) ? " is in milliseconds: write as: TIME" : " is no time"));
    }
  }
}

void MappingCheck::Mapping(const v1::Mapping& mapping, const Place& place, const Target& target) {
  const int sources =
      (mapping.from_size() > 0 ? 1 : 0) + (mapping.value().empty() ? 0 : 1) + (mapping.template_().empty() ? 0 : 1);
  if (sources != 1) {
    Error(place, "from、value、template 必须且只能有一种", "exactly one of from, value and template");
  }
  if (!mapping.table().empty()) Table(mapping.table(), place.Child("table"));
  const Descriptor* item = nullptr;
  if (!mapping.each().empty() && !target.inbound) {
    absl::StatusOr<const FieldDescriptor*> list =
        FindOurField(v1::Delivery::descriptor(), mapping.each(), /*list_allowed=*/true);
    if (list.ok() && (*list)->is_repeated() && (*list)->message_type() != nullptr) {
      item = (*list)->message_type();
    } else {
      Error(place.Child("each"), mapping.each() + " 不是列表", mapping.each() + " is no list of ours");
    }
  }
  if (!mapping.template_().empty()) Template(mapping, place.Child("template"), target.inbound, item);
  Whens(mapping.when(), place, "when", target.inbound);
  if (target.inbound) {
    for (int i = 0; i < mapping.from_size(); ++i) NativePath(mapping.from(i), place.Child("from", i));
    InboundTarget(mapping, place, target);
  } else {
    OutboundTarget(mapping, place, item);
  }
}

void MappingCheck::Fields(const google::protobuf::RepeatedPtrField<v1::Mapping>& mappings, const Place& parent,
                          const Target& target) {
  for (int i = 0; i < mappings.size(); ++i) Mapping(mappings[i], parent.Child("field", i), target);
}

void MappingCheck::Whens(const google::protobuf::RepeatedPtrField<v1::When>& whens, const Place& parent,
                         const char* field, bool inbound) {
  for (int i = 0; i < whens.size(); ++i) {
    const v1::When& when = whens[i];
    const Place place = parent.Child(field, i);
    const bool tests = when.in_size() > 0 || when.not_in_size() > 0 || when.starts_with_size() > 0 ||
                       when.any_word_size() > 0 || when.count_at_least() > 0;
    if (when.path_size() == 0) Error(place, "条件缺 path", "the condition names no path");
    if (!tests && !when.present() && !when.absent()) {
      Error(place, "条件没有要求(present、in、any_word 等)",
            "the condition asks for nothing: present, in, any_word ...");
    }
    if (when.absent() && (tests || when.present())) {
      Error(place, "absent 不能与其他要求并用", "absent stands alone");
    }
    for (int p = 0; p < when.path_size(); ++p) SourcePath(when.path(p), place.Child("path", p), inbound, nullptr);
  }
}

}  // namespace liandong::adapters
