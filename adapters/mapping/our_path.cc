#include "adapters/mapping/our_path.h"

#include <cmath>
#include <limits>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "adapters/mapping/text_file.h"

namespace liandong::adapters {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

struct Part {
  std::string field;
  std::optional<std::string> key;
};

// A key may hold dots, so a plain split does not do.
std::optional<std::vector<Part>> PartsOf(std::string_view path) {
  std::vector<Part> parts;
  while (true) {
    size_t end = path.find_first_of(".[");
    Part part{std::string(path.substr(0, end)), std::nullopt};
    if (part.field.empty()) return std::nullopt;
    path = end == std::string_view::npos ? std::string_view() : path.substr(end);
    if (absl::StartsWith(absl::string_view(path.data(), path.size()), "[")) {
      size_t close = path.find(']');
      if (close == std::string_view::npos || close == 1) return std::nullopt;
      part.key = std::string(path.substr(1, close - 1));
      path.remove_prefix(close + 1);
    }
    parts.push_back(std::move(part));
    if (path.empty()) return parts;
    if (path.front() != '.') return std::nullopt;
    path.remove_prefix(1);
  }
}

const FieldDescriptor* TextField(const Descriptor* type, const char* name) {
  const FieldDescriptor* field = type->FindFieldByName(name);
  return field != nullptr && field->type() == FieldDescriptor::TYPE_STRING && !field->is_repeated() ? field : nullptr;
}

bool IsNamedList(const FieldDescriptor* field) {
  return field->is_repeated() && field->message_type() != nullptr && TextField(field->message_type(), "name") &&
         TextField(field->message_type(), "value");
}

absl::Status NoSuchField(const Descriptor* type, const std::string& name) {
  std::vector<std::string> known;
  for (int i = 0; i < type->field_count(); ++i) known.push_back(std::string(type->field(i)->name()));
  std::string near = Nearest(name, known);
  return absl::InvalidArgumentError(absl::StrCat(
      "没有字段 \"", name, "\"", near.empty() ? "" : absl::StrCat(",是否为 \"", near, "\""), " (no field \"", name,
      "\" in ", std::string(type->name()), near.empty() ? ")" : absl::StrCat("; did you mean \"", near, "\"?)")));
}

std::string ScalarText(const Message& message, const FieldDescriptor* field, int index) {
  const Reflection* r = message.GetReflection();
  const bool many = index >= 0;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return many ? r->GetRepeatedString(message, field, index) : r->GetString(message, field);
    case FieldDescriptor::CPPTYPE_BOOL:
      return (many ? r->GetRepeatedBool(message, field, index) : r->GetBool(message, field)) ? "true" : "false";
    case FieldDescriptor::CPPTYPE_ENUM:
      return std::string((many ? r->GetRepeatedEnum(message, field, index) : r->GetEnum(message, field))->name());
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(many ? r->GetRepeatedInt32(message, field, index) : r->GetInt32(message, field));
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::StrCat(many ? r->GetRepeatedInt64(message, field, index) : r->GetInt64(message, field));
    case FieldDescriptor::CPPTYPE_UINT32:
      return absl::StrCat(many ? r->GetRepeatedUInt32(message, field, index) : r->GetUInt32(message, field));
    case FieldDescriptor::CPPTYPE_UINT64:
      return absl::StrCat(many ? r->GetRepeatedUInt64(message, field, index) : r->GetUInt64(message, field));
    case FieldDescriptor::CPPTYPE_DOUBLE: {
      char text[40];
      snprintf(text, sizeof text, "%.10g",
               many ? r->GetRepeatedDouble(message, field, index) : r->GetDouble(message, field));
      return text;
    }
    default:
      return "";
  }
}

// A number or enum that no one set reads as 0; only a bool without presence says something by being false.
bool SaysNothing(const Message& message, const FieldDescriptor* field) {
  if (field->has_presence()) return !message.GetReflection()->HasField(message, field);
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_BOOL) return false;
  return !message.GetReflection()->HasField(message, field);
}

}  // namespace

absl::StatusOr<const FieldDescriptor*> FindOurField(const Descriptor* root, std::string_view path, bool list_allowed) {
  std::optional<std::vector<Part>> parts = PartsOf(path);
  if (!parts) {
    return absl::InvalidArgumentError(absl::StrCat("路径 \"", std::string(path),
                                                   "\" 写法不对 (not a path: write open.category "
                                                   "or sealed.details[name])"));
  }
  const Descriptor* type = root;
  for (size_t i = 0; i < parts->size(); ++i) {
    const Part& part = (*parts)[i];
    const FieldDescriptor* field = type->FindFieldByName(part.field);
    if (field == nullptr) return NoSuchField(type, part.field);
    const bool last = i + 1 == parts->size();
    if (part.key) {
      if (!IsNamedList(field) || !last) {
        return absl::InvalidArgumentError(
            absl::StrCat("字段 \"", part.field, "\" 不能用 [名称] (field \"", part.field, "\" takes no [name])"));
      }
      return TextField(field->message_type(), "value");
    }
    if (last) {
      if (field->message_type() != nullptr && !(list_allowed && field->is_repeated())) {
        return absl::InvalidArgumentError(absl::StrCat("\"", part.field, "\" 不是单个值,请写到其中的字段 (\"",
                                                       part.field, "\" is no single value: name a field in it)"));
      }
      return field;
    }
    if (field->message_type() == nullptr || field->is_repeated()) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", part.field, "\" 之下没有字段 (there are no fields under \"", part.field, "\")"));
    }
    type = field->message_type();
  }
  return absl::InvalidArgumentError("empty path");
}

std::optional<std::string> GetOurs(const Message& root, std::string_view path) {
  std::optional<std::vector<Part>> parts = PartsOf(path);
  if (!parts) return std::nullopt;
  const Message* message = &root;
  for (const Part& part : *parts) {
    const FieldDescriptor* field = message->GetDescriptor()->FindFieldByName(part.field);
    if (field == nullptr) return std::nullopt;
    const Reflection* r = message->GetReflection();
    if (part.key) {
      if (!IsNamedList(field)) return std::nullopt;
      for (int i = 0; i < r->FieldSize(*message, field); ++i) {
        const Message& element = r->GetRepeatedMessage(*message, field, i);
        if (ScalarText(element, TextField(field->message_type(), "name"), -1) == *part.key) {
          return ScalarText(element, TextField(field->message_type(), "value"), -1);
        }
      }
      return std::nullopt;
    }
    if (field->is_repeated()) {
      if (field->message_type() != nullptr || r->FieldSize(*message, field) == 0) return std::nullopt;
      std::vector<std::string> all;
      for (int i = 0; i < r->FieldSize(*message, field); ++i) all.push_back(ScalarText(*message, field, i));
      return absl::StrJoin(all, "、");
    }
    if (field->message_type() != nullptr) {
      message = &r->GetMessage(*message, field);
      continue;
    }
    if (SaysNothing(*message, field)) return std::nullopt;
    return ScalarText(*message, field, -1);
  }
  return std::nullopt;
}

std::vector<const Message*> ListOurs(const Message& root, std::string_view path) {
  std::optional<std::vector<Part>> parts = PartsOf(path);
  if (!parts) return {};
  const Message* message = &root;
  for (const Part& part : *parts) {
    const FieldDescriptor* field = message->GetDescriptor()->FindFieldByName(part.field);
    if (field == nullptr || field->message_type() == nullptr) return {};
    const Reflection* r = message->GetReflection();
    if (field->is_repeated()) {
      std::vector<const Message*> elements;
      for (int i = 0; i < r->FieldSize(*message, field); ++i) {
        elements.push_back(&r->GetRepeatedMessage(*message, field, i));
      }
      return elements;
    }
    message = &r->GetMessage(*message, field);
  }
  return {};
}

bool IsSet(const Message& root, std::string_view path) {
  std::optional<std::string> text = GetOurs(root, path);
  return text.has_value() && *text != "false";
}

absl::Status FitsField(const FieldDescriptor* field, const std::string& text) {
  const auto bad = [&](const char* zh, const char* en) {
    return absl::InvalidArgumentError(absl::StrCat("不是", zh, " (", std::string(field->name()), " takes ", en, ")"));
  };
  int64_t whole = 0;
  uint64_t positive = 0;
  double number = 0;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return absl::OkStatus();
    case FieldDescriptor::CPPTYPE_BOOL:
      return text == "true" || text == "false" ? absl::OkStatus() : bad("是/否", "true or false");
    case FieldDescriptor::CPPTYPE_ENUM:
      if (field->enum_type()->FindValueByName(text) != nullptr) return absl::OkStatus();
      return bad("枚举名", "a name of its enum");
    case FieldDescriptor::CPPTYPE_INT32:
      if (absl::SimpleAtoi(text, &whole) && whole >= std::numeric_limits<int32_t>::min() &&
          whole <= std::numeric_limits<int32_t>::max()) {
        return absl::OkStatus();
      }
      return bad("整数", "a whole number");
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::SimpleAtoi(text, &whole) ? absl::OkStatus() : bad("整数", "a whole number");
    case FieldDescriptor::CPPTYPE_UINT32:
      if (absl::SimpleAtoi(text, &positive) && positive <= std::numeric_limits<uint32_t>::max())
        return absl::OkStatus();
      return bad("非负整数", "a whole number from 0");
    case FieldDescriptor::CPPTYPE_UINT64:
      return absl::SimpleAtoi(text, &positive) ? absl::OkStatus() : bad("非负整数", "a whole number from 0");
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return absl::SimpleAtod(text, &number) && std::isfinite(number) ? absl::OkStatus() : bad("数", "a number");
    default:
      return bad("单个值", "no single value");
  }
}

absl::Status SetOurs(Message* root, std::string_view path, const std::string& text) {
  absl::StatusOr<const FieldDescriptor*> target = FindOurField(root->GetDescriptor(), path);
  if (!target.ok()) return target.status();
  if (absl::Status fits = FitsField(*target, text); !fits.ok()) return fits;
  std::vector<Part> parts = *PartsOf(path);
  Message* message = root;
  for (const Part& part : parts) {
    const FieldDescriptor* field = message->GetDescriptor()->FindFieldByName(part.field);
    const Reflection* r = message->GetReflection();
    if (part.key) {
      Message* element = r->AddMessage(message, field);
      r = element->GetReflection();
      r->SetString(element, TextField(field->message_type(), "name"), *part.key);
      r->SetString(element, TextField(field->message_type(), "value"), text);
      return absl::OkStatus();
    }
    if (field->message_type() != nullptr) {
      message = r->MutableMessage(message, field);
      continue;
    }
    int64_t whole = 0;
    uint64_t positive = 0;
    double number = 0;
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        r->SetString(message, field, text);
        break;
      case FieldDescriptor::CPPTYPE_BOOL:
        r->SetBool(message, field, text == "true");
        break;
      case FieldDescriptor::CPPTYPE_ENUM:
        r->SetEnum(message, field, field->enum_type()->FindValueByName(text));
        break;
      case FieldDescriptor::CPPTYPE_INT32:
      case FieldDescriptor::CPPTYPE_INT64:
        if (!absl::SimpleAtoi(text, &whole)) return absl::InternalError("FitsField and SetOurs disagree");
        field->cpp_type() == FieldDescriptor::CPPTYPE_INT32 ? r->SetInt32(message, field, static_cast<int32_t>(whole))
                                                            : r->SetInt64(message, field, whole);
        break;
      case FieldDescriptor::CPPTYPE_UINT32:
      case FieldDescriptor::CPPTYPE_UINT64:
        if (!absl::SimpleAtoi(text, &positive)) return absl::InternalError("FitsField and SetOurs disagree");
        field->cpp_type() == FieldDescriptor::CPPTYPE_UINT32
            ? r->SetUInt32(message, field, static_cast<uint32_t>(positive))
            : r->SetUInt64(message, field, positive);
        break;
      case FieldDescriptor::CPPTYPE_DOUBLE:
        if (!absl::SimpleAtod(text, &number)) return absl::InternalError("FitsField and SetOurs disagree");
        r->SetDouble(message, field, number);
        break;
      default:
        return absl::InternalError("FitsField let a message through");
    }
  }
  return absl::OkStatus();
}

bool IsTimeField(const FieldDescriptor* field) {
  return field->cpp_type() == FieldDescriptor::CPPTYPE_INT64 &&
         absl::EndsWith(absl::string_view(field->name().data(), field->name().size()), "_ms");
}

}  // namespace liandong::adapters
