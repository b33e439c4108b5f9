#include "adapters/text/record_codec.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "adapters/limits.h"
#include "adapters/text/json.h"
#include "adapters/text/reason.h"
#include "adapters/text/value.h"
#include "adapters/text/xml.h"

namespace liandong::adapters {
namespace {

using nlohmann::json;

std::string_view TypeText(FieldType type) {
  switch (type) {
    case FieldType::kFlag:
      return "0/1";
    case FieldType::kCount:
      return "a whole number of at least 0";
    case FieldType::kNumber:
      return "a number";
    case FieldType::kList:
      return "a list";
    case FieldType::kObject:
      return "an object";
    default:
      return "text or a whole number";
  }
}

size_t BytesMax(FieldType type) {
  switch (type) {
    case FieldType::kId:
      return kFieldIdBytesMax;
    case FieldType::kTime:
      return kFieldTimeBytesMax;
    case FieldType::kName:
      return kFieldNameTextBytesMax;
    case FieldType::kText:
      return kFieldTextBytesMax;
    case FieldType::kFlag:
      return kFieldFlagBytesMax;
    default:
      return kFieldCodeBytesMax;
  }
}

bool HasType(FieldType type, const json& value) {
  switch (type) {
    case FieldType::kFlag:
      return value.is_boolean() || value.is_number_integer() || value.is_string();
    case FieldType::kCount: {
      std::optional<int64_t> count = IntegerOf(value);
      return count && *count >= 0 && *count <= kFieldCountMax;
    }
    case FieldType::kNumber:
      return NumberOf(value).has_value();
    case FieldType::kList:
      return value.is_array();
    case FieldType::kObject:
      return value.is_object();
    case FieldType::kName:
    case FieldType::kText:
      return value.is_string() || value.is_number();
    default:
      return value.is_string() || value.is_number_integer();
  }
}

absl::Status CheckField(const FieldRule& rule, const std::string& name, const json& value) {
  if (!HasType(rule.type, value)) {
    std::string wanted(TypeText(rule.type));
    return BadMessage(kReasonWrongType, absl::StrCat("字段 ", name, " 的类型不对"),
                      absl::StrCat("field ", name, " must be ", wanted));
  }
  if (value.is_string() && value.get_ref<const std::string&>().size() > BytesMax(rule.type)) {
    return BadMessage(kReasonTooLong, absl::StrCat("字段 ", name, " 超过 ", BytesMax(rule.type), " 字节"),
                      absl::StrCat("field ", name, " exceeds ", BytesMax(rule.type), " bytes"));
  }
  if (value.is_array() && value.size() > kFieldListItemsMax) {
    return BadMessage(kReasonTooLong, absl::StrCat("字段 ", name, " 超过 ", kFieldListItemsMax, " 项"),
                      absl::StrCat("field ", name, " has more than ", kFieldListItemsMax, " items"));
  }
  if (!rule.allowed.empty() &&
      std::find(rule.allowed.begin(), rule.allowed.end(), *TextOf(value)) == rule.allowed.end()) {
    std::string allowed = absl::StrJoin(rule.allowed, ", ");
    return BadMessage(kReasonBadValue, absl::StrCat("字段 ", name, " 的值不在 ", allowed, " 之中"),
                      absl::StrCat("field ", name, " must be one of ", allowed));
  }
  return absl::OkStatus();
}

absl::Status AddCodeName(const CodeNames& codes, std::string_view where, json& object) {
  const json* value = FindValue(object, codes.field);
  if (value == nullptr) return absl::OkStatus();
  std::optional<int64_t> number = IntegerOf(*value);
  // "03" and 3 are one code.
  std::string code = number ? absl::StrCat(*number) : TextOf(*value).value_or("");
  auto it = codes.names.find(code);
  if (it == codes.names.end()) {
    if (!codes.closed) return absl::OkStatus();
    std::string name = absl::StrCat(std::string(where), codes.field);
    return BadMessage(kReasonBadValue, absl::StrCat("字段 ", name, " 的代码不在代码表中"),
                      absl::StrCat("field ", name, " holds a code that is not in its table"));
  }
  json& derived = object[std::string(kDerivedMember)];
  if (number) {
    derived[codes.as + "_code"] = *number;
  } else {
    derived[codes.as + "_code"] = code;
  }
  derived[codes.as + "_name"] = it->second;
  return absl::OkStatus();
}

std::string_view LastPart(std::string_view path) {
  path = path.substr(0, path.find('?'));
  size_t slash = path.find_last_of("/\\");
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

bool Equal(std::string_view a, std::string_view b) {
  return absl::EqualsIgnoreCase(absl::string_view(a.data(), a.size()), absl::string_view(b.data(), b.size()));
}

}  // namespace

absl::StatusOr<json> DecodeObject(std::string_view bytes, Encoding encoding, std::string* root) {
  root->clear();
  if (bytes.size() > kNativeMessageBytesMax) {
    return BadMessage(kReasonTooLarge, absl::StrCat("报文有 ", bytes.size(), " 字节,上限 ", kNativeMessageBytesMax),
                      absl::StrCat("a message of ", bytes.size(), " bytes, at most ", kNativeMessageBytesMax));
  }
  if (encoding == Encoding::kAuto) encoding = DeclaredXmlEncoding(bytes).value_or(Encoding::kAuto);
  absl::StatusOr<std::string> utf8 = ToUtf8(bytes, encoding);
  if (!utf8.ok()) return utf8.status();
  ParseLimits limits;
  limits.bytes_max = 2 * kNativeMessageBytesMax;  // a GBK character of two bytes has three in UTF-8
  size_t first = utf8->find_first_not_of(" \t\r\n");
  bool xml = first != std::string::npos && (*utf8)[first] == '<';
  absl::StatusOr<json> tree = xml ? ParseXml(*utf8, limits) : ParseJson(*utf8, limits);
  if (!tree.ok()) return tree.status();
  if (xml) {
    *root = tree->begin().key();
    json content = std::move(*tree->begin());
    *tree = std::move(content);
  }
  if (!tree->is_object()) {
    return BadMessage(kReasonWrongType, "报文不是一个对象(应为 {…} 或含子元素的 XML)",
                      "the message is not an object ({...}, or XML with child elements)");
  }
  // Ours alone; a sender could otherwise put words into the codec's mouth.
  tree->erase(std::string(kDerivedMember));
  return tree;
}

absl::StatusOr<std::string> EncodeObject(const json& object, std::string_view root, Encoding encoding, Format format) {
  json clean = object;
  if (clean.is_object()) {
    clean.erase(std::string(kDerivedMember));
    for (auto it = clean.begin(); it != clean.end();) it = it->is_null() ? clean.erase(it) : std::next(it);
  }
  if (format == Format::kXml) return WriteXml(clean, root, encoding);
  absl::StatusOr<std::string> text = DumpJson(clean);
  if (!text.ok()) return text;
  return FromUtf8(*text, encoding);
}

absl::Status CheckRecord(const KindRule& rule, std::string_view where, json& object) {
  std::string prefix(where);
  for (const FieldRule& field : rule.fields) {
    std::string name = prefix + field.name;
    auto it = object.find(field.name);
    if (it == object.end() || IsAbsent(*it)) {
      if (!field.required) continue;
      return BadMessage(kReasonMissingField, absl::StrCat(rule.kind, " 缺少字段 ", name),
                        absl::StrCat(rule.kind, " lacks field ", name));
    }
    if (field.type == FieldType::kList && !it->is_array()) *it = json::array({std::move(*it)});
    if (absl::Status status = CheckField(field, name, *it); !status.ok()) return status;
  }
  if (!rule.one_of.empty()) {
    bool any = false;
    for (const std::string& name : rule.one_of) any = any || FindValue(object, name) != nullptr;
    if (!any) {
      std::string names = absl::StrJoin(rule.one_of, ", ");
      return BadMessage(kReasonMissingField, absl::StrCat(rule.kind, " 至少应有其中一个字段: ", names),
                        absl::StrCat(rule.kind, " needs at least one of ", names));
    }
  }
  for (const CodeNames& codes : rule.codes) {
    if (absl::Status status = AddCodeName(codes, where, object); !status.ok()) return status;
  }
  return absl::OkStatus();
}

RecordCodec::RecordCodec(std::string name, std::vector<KindRule> kinds, ReplyRule reply)
    : name_(std::move(name)), kinds_(std::move(kinds)), reply_(std::move(reply)) {}

const KindRule* RecordCodec::FindKind(std::string_view kind) const {
  for (const KindRule& rule : kinds_) {
    if (rule.kind == kind) return &rule;
  }
  return nullptr;
}

const KindRule* RecordCodec::MatchPath(std::string_view path) const {
  std::string_view last = LastPart(path);
  for (const KindRule& rule : kinds_) {
    for (const std::string& own : rule.paths) {
      if (Equal(LastPart(own), last)) return &rule;
    }
  }
  return nullptr;
}

const KindRule* RecordCodec::MatchSignature(const json& object) const {
  for (const KindRule& rule : kinds_) {
    for (const std::vector<std::string>& signature : rule.signatures) {
      bool all = std::all_of(signature.begin(), signature.end(),
                             [&](const std::string& name) { return FindValue(object, name) != nullptr; });
      if (all) return &rule;
    }
  }
  return nullptr;
}

absl::Status RecordCodec::UnknownKind() const {
  std::string kinds = absl::StrJoin(kinds_, ", ", [](std::string* out, const KindRule& rule) { *out += rule.kind; });
  return BadMessage(kReasonUnknownKind, absl::StrCat("无法判断报文种类,", name_, " 支持: ", kinds),
                    absl::StrCat("neither path nor fields tell which message this is; ", name_, " knows: ", kinds));
}

absl::StatusOr<NativeMessage> RecordCodec::Decode(std::string_view path, std::string_view bytes,
                                                  Encoding encoding) const {
  std::string root;
  absl::StatusOr<json> tree = DecodeObject(bytes, encoding, &root);
  if (!tree.ok()) return tree.status();
  const KindRule* rule = MatchPath(path);
  for (const KindRule& candidate : kinds_) {
    if (rule != nullptr && rule != &candidate) continue;
    for (const std::string& wrapper : candidate.wrappers) {
      if (Equal(root, wrapper)) rule = &candidate;
      auto it = tree->size() == 1 ? tree->find(wrapper) : tree->end();
      if (it == tree->end() || !it->is_object()) continue;
      json content = std::move(*it);
      *tree = std::move(content);
      tree->erase(std::string(kDerivedMember));
      rule = &candidate;
      break;
    }
    if (rule != nullptr) break;
  }
  if (rule == nullptr) rule = MatchSignature(*tree);
  if (rule == nullptr) return UnknownKind();
  if (absl::Status status = CheckRecord(*rule, "", *tree); !status.ok()) return status;
  return NativeMessage{rule->kind, *std::move(tree)};
}

absl::StatusOr<std::string> RecordCodec::Encode(const NativeMessage& message, Encoding encoding, Format format) const {
  const KindRule* rule = FindKind(message.kind);
  if (rule == nullptr || !message.tree.is_object()) return UnknownKind();
  json checked = message.tree;
  if (absl::Status status = CheckRecord(*rule, "", checked); !status.ok()) return status;
  return EncodeObject(checked, rule->kind, encoding, format);
}

absl::StatusOr<std::string> RecordCodec::EncodeReply(const Reply& reply, Encoding encoding, Format format) const {
  std::string code;
  std::string message;
  switch (reply.kind) {
    case ReplyKind::kAccepted:
      code = reply_.accepted_code;
      message = "接收成功";
      break;
    case ReplyKind::kDuplicate:
      code = reply_.duplicate_code;
      message = "重复报文,已接收";
      break;
    case ReplyKind::kBad:
      code = reply_.bad_code;
      message = "报文有误,未受理,已转人工";
      break;
    case ReplyKind::kBusy:
      code = reply_.busy_code;
      message = "系统繁忙,请稍后重发";
      break;
  }
  json data = json::object();
  for (const auto& [name, id] : reply.echo) data[name] = id;
  if (reply.kind == ReplyKind::kBusy && reply.retry_after_s > 0) data["retryAfter"] = reply.retry_after_s;
  json body = json::object();
  body[reply_.code_field] = reply.code.empty() ? code : reply.code;
  body[reply_.message_field] = reply.message.empty() ? message : reply.message;
  body[reply_.data_field] = std::move(data);
  return EncodeObject(body, "response", encoding, format);
}

absl::StatusOr<NativeReply> RecordCodec::DecodeReply(std::string_view bytes, Encoding encoding) const {
  std::string root;
  absl::StatusOr<json> tree = DecodeObject(bytes, encoding, &root);
  if (!tree.ok()) return tree.status();
  NativeReply reply;
  if (const json* code = FindValue(*tree, reply_.code_field)) reply.code = TextOf(*code).value_or("");
  if (const json* message = FindValue(*tree, reply_.message_field)) reply.message = TextOf(*message).value_or("");
  reply.tree = *std::move(tree);
  return reply;
}

std::map<std::string, std::string> RecordCodec::KeyIds(const NativeMessage& message) const {
  std::map<std::string, std::string> ids;
  const KindRule* rule = FindKind(message.kind);
  if (rule == nullptr) return ids;
  for (const std::string& key : rule->keys) {
    const json* value = FindValue(message.tree, key);
    std::optional<std::string> text = value == nullptr ? std::nullopt : TextOf(*value);
    if (text) ids[key] = *text;
  }
  return ids;
}

std::string RecordCodec::PathFor(std::string_view kind) const {
  const KindRule* rule = FindKind(kind);
  return rule == nullptr ? "" : rule->send_path;
}

}  // namespace liandong::adapters
