#include "routing/check_text.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "routing/check.h"
#include "routing/limits.h"

namespace liandong::routing {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr size_t kQuotedBytesMax = 80;

// Length in bytes of the well-formed UTF-8 character at the front; 0: not one (overlong, surrogate, cut off).
size_t Utf8Bytes(std::string_view text) {
  auto at = [&text](size_t i) { return static_cast<unsigned char>(text[i]); };
  unsigned char lead = at(0);
  if (lead < 0x80) return 1;
  size_t bytes = lead >= 0xC2 && lead < 0xE0   ? 2
                 : lead >= 0xE0 && lead < 0xF0 ? 3
                 : lead >= 0xF0 && lead < 0xF5 ? 4
                                               : 0;
  if (bytes == 0 || bytes > text.size()) return 0;
  for (size_t i = 1; i < bytes; ++i) {
    if ((at(i) & 0xC0) != 0x80) return 0;
  }
  if (lead == 0xE0 && at(1) < 0xA0) return 0;
  if (lead == 0xED && at(1) > 0x9F) return 0;
  if (lead == 0xF0 && at(1) < 0x90) return 0;
  if (lead == 0xF4 && at(1) > 0x8F) return 0;
  return bytes;
}

bool IsCleanText(std::string_view text) {
  while (!text.empty()) {
    size_t bytes = Utf8Bytes(text);
    auto lead = static_cast<unsigned char>(text[0]);
    if (bytes == 0 || lead == 0x7F || (lead < 0x20 && lead != '\n' && lead != '\t')) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

size_t BytesMax(const FieldDescriptor& field) {
  const std::string& type = field.containing_type()->name();
  if (type == "Clause" && field.name() == "text") return limits::kClauseTextBytesMax;
  if (type == "Clause" && field.name() == "id") return limits::kClauseIdBytesMax;
  if (field.name() == "any_word") return limits::kWordBytesMax;
  if (field.name() == "category" || field.name() == "code" || field.name() == "channel") return limits::kCodeBytesMax;
  return limits::kNameBytesMax;
}

void CheckString(const Message& message, const FieldDescriptor& field, int index, const std::string& text,
                 Findings* out) {
  if (text.size() > BytesMax(field)) {
    out->Error(message, field.name(), index,
               absl::StrCat(field.name(), ": ", text.size(), " bytes is too long; at most ", BytesMax(field)),
               absl::StrCat(field.name(), "：", text.size(), " 字节，过长；最多 ", BytesMax(field)));
  } else if (!IsCleanText(text)) {
    out->Error(message, field.name(), index,
               absl::StrCat(field.name(), ": holds bytes that are not UTF-8 text; save the file as UTF-8"),
               absl::StrCat(field.name(), "：含有非 UTF-8 或控制字符；请将文件存为 UTF-8"));
  }
}

std::string ValueNames(const google::protobuf::EnumDescriptor& type) {
  std::string names;
  // The value 0 says "not said": nobody means to write it.
  for (int i = 1; i < type.value_count(); ++i) absl::StrAppend(&names, i > 1 ? ", " : "", type.value(i)->name());
  return names;
}

void CheckEnum(const Message& message, const FieldDescriptor& field, int index, int number, Findings* out) {
  const google::protobuf::EnumDescriptor& type = *field.enum_type();
  // In a list the value 0 would be an element that says nothing.
  if (type.FindValueByNumber(number) != nullptr && !(field.is_repeated() && number == 0)) return;
  out->Error(message, field.name(), index,
             absl::StrCat(field.name(), ": ", number, " is no value to write here; it is one of ", ValueNames(type)),
             absl::StrCat(field.name(), "：", number, " 不是可写的值；可写：", ValueNames(type)));
}

void CheckField(const Message& message, const Reflection& reflection, const FieldDescriptor& field, Findings* out) {
  bool repeated = field.is_repeated();
  int count = repeated ? reflection.FieldSize(message, &field) : 1;
  std::string scratch;
  for (int i = 0; i < count; ++i) {
    int index = repeated ? i : -1;
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        CheckString(message, field, index,
                    repeated ? reflection.GetRepeatedStringReference(message, &field, i, &scratch)
                             : reflection.GetStringReference(message, &field, &scratch),
                    out);
        break;
      case FieldDescriptor::CPPTYPE_ENUM:
        CheckEnum(
            message, field, index,
            repeated ? reflection.GetRepeatedEnumValue(message, &field, i) : reflection.GetEnumValue(message, &field),
            out);
        break;
      case FieldDescriptor::CPPTYPE_MESSAGE:
        CheckTexts(
            repeated ? reflection.GetRepeatedMessage(message, &field, i) : reflection.GetMessage(message, &field), out);
        break;
      default:
        break;
    }
  }
}

}  // namespace

void CheckTexts(const Message& message, Findings* out) {
  const Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) CheckField(message, reflection, *field, out);
}

bool IsId(std::string_view id) {
  return id.size() >= limits::kIdBytesMin && id.size() <= limits::kIdBytesMax &&
         id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

std::string Quoted(std::string_view text) {
  size_t kept = 0;
  while (kept < text.size()) {
    size_t bytes = std::max<size_t>(1, Utf8Bytes(text.substr(kept)));
    if (kept + bytes > kQuotedBytesMax) break;
    kept += bytes;
  }
  return absl::StrCat("\"", std::string(text.substr(0, kept)), kept < text.size() ? "...\"" : "\"");
}

void CheckNewId(const Message& at, const std::string& kind, const std::string& kind_zh, const std::string& id,
                std::set<std::string>* seen, Findings* out) {
  std::string what = absl::StrCat(kind, " ", Quoted(id)), what_zh = absl::StrCat(kind_zh, " ", Quoted(id));
  if (!IsId(id)) {
    out->Error(at, "id", -1,
               absl::StrCat(what, ": an id is ", limits::kIdBytesMin, " to ", limits::kIdBytesMax,
                            " small letters, digits and '-', for example \"power-supply\""),
               absl::StrCat(what_zh, "：编号须为 ", limits::kIdBytesMin, " 到 ", limits::kIdBytesMax,
                            " 个小写字母、数字或“-”，例如 \"power-supply\""));
  } else if (!seen->insert(id).second) {
    Duplicate(at, "id", what, what_zh, out);
  }
}

void CheckPresent(const Message& at, const std::string& field, std::string_view value, const std::string& what,
                  const std::string& what_zh, Findings* out) {
  if (value.find_first_not_of(" \t\n") != std::string_view::npos) return;
  out->Error(at, field, -1, absl::StrCat(what, ": ", field, " is empty; write ", field, ": \"...\""),
             absl::StrCat(what_zh, "：", field, " 为空；请写 ", field, ": \"...\""));
}

void CheckCount(const Message& at, const std::string& field, int count, int max, const std::string& what,
                const std::string& what_zh, Findings* out) {
  if (count <= max) return;
  out->Error(at, field, max, absl::StrCat(what, ": ", count, " of ", field, " is too many; at most ", max),
             absl::StrCat(what_zh, "：", field, " 有 ", count, " 个，过多；最多 ", max));
}

void Duplicate(const Message& at, const std::string& field, const std::string& what, const std::string& what_zh,
               Findings* out) {
  out->Error(at, field, -1, absl::StrCat(what, ": is there twice; remove or rename one"),
             absl::StrCat(what_zh, "：重复；请删除或改名其中一个"));
}

void UnknownId(const Message& at, const std::string& field, int index, const std::string& what,
               const std::string& what_zh, const std::string& id, const std::vector<std::string>& known,
               Findings* out) {
  out->Error(
      at, field, index,
      absl::StrCat(what, ": ", field, " ", Quoted(id), " is unknown",
                   DidYouMean(id, known).empty() ? "; add it to the site or mend the name" : DidYouMean(id, known)),
      absl::StrCat(what_zh, "：", field, " ", Quoted(id), " 未登记",
                   DidYouMean(id, known).empty() ? "；请登记或改正" : DidYouMeanZh(id, known)));
}

void CheckSecondsFields(const Message& at, const std::string& what, const std::string& what_zh, Findings* out) {
  const Descriptor& type = *at.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (field.cpp_type() != FieldDescriptor::CPPTYPE_UINT32 || !absl::EndsWith(field.name(), "_s")) continue;
    uint32_t seconds = at.GetReflection()->GetUInt32(at, &field);
    if (seconds <= limits::kDeadlineSecondsMax) continue;
    out->Error(at, field.name(), -1,
               absl::StrCat(what, ": ", field.name(), " ", seconds, " is too long; seconds, at most ",
                            limits::kDeadlineSecondsMax, " (30 days)"),
               absl::StrCat(what_zh, "：", field.name(), " ", seconds, " 过长；单位为秒，最多 ",
                            limits::kDeadlineSecondsMax, "（30 天）"));
  }
}

void CheckLadder(const Message& at, const std::string& what, const std::string& what_zh,
                 const std::vector<std::pair<std::string, uint32_t>>& ladder, Findings* findings) {
  const std::pair<std::string, uint32_t>* before = nullptr;
  for (const auto& rung : ladder) {
    if (rung.second == 0) continue;
    if (before != nullptr && before->second > rung.second) {
      findings->Error(
          at, rung.first, -1,
          absl::StrCat(what, ": ", rung.first, " (", rung.second, ") comes before ", before->first, " (",
                       before->second, "); each rung's deadline must not be earlier than the one before it"),
          absl::StrCat(what_zh, "：", rung.first, "（", rung.second, " 秒）早于 ", before->first, "（", before->second,
                       " 秒）；后一步的时限不得早于前一步"));
    }
    before = &rung;
  }
}

}  // namespace liandong::routing
