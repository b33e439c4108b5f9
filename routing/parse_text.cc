#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/tokenizer.h"
#include "routing/limits.h"
#include "routing/load.h"
#include "routing/source_text.h"

namespace liandong::routing {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::TextFormat;

// What the parser says, as it says it.
struct Complaint {
  int line = 0;
  int column = 0;
  std::string message;
};

class Collector : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, google::protobuf::io::ColumnNumber column, const std::string& message) override {
    if (complaints.size() < limits::kErrorsListedMax) complaints.push_back({line, column, message});
  }
  // Fields that are unknown come as warnings, so that the parser goes on and finds the next one too.
  void AddWarning(int line, google::protobuf::io::ColumnNumber column, const std::string& message) override {
    AddError(line, column, message);
  }
  std::vector<Complaint> complaints;
};

// The text between the n-th pair of quotes, from 0; empty when there is none.
std::string InQuotes(std::string_view message, int n) {
  for (;; --n) {
    size_t begin = message.find('"');
    if (begin == std::string_view::npos) return "";
    size_t end = message.find('"', begin + 1);
    if (end == std::string_view::npos) return "";
    if (n == 0) return std::string(message.substr(begin + 1, end - begin - 1));
    message.remove_prefix(end + 1);
  }
}

bool IsWordLetter(char c) {
  return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// The parser has read the word and stands at what follows it; people look for the word.
size_t WordBefore(const SourceText& source, size_t offset, const std::string& word) {
  for (size_t at = offset; !word.empty() && (at = source.text().rfind(word, at)) != std::string::npos; --at) {
    size_t end = at + word.size();
    bool alone = end <= offset && (at == 0 || !IsWordLetter(source.text()[at - 1])) &&
                 (end == source.text().size() || !IsWordLetter(source.text()[end]));
    if (alone) return at;
    if (at == 0) break;
  }
  return offset;
}

// All enums that a field of this name has, in this message type or below it: the parser names the field only.
void EnumsOf(const Descriptor& type, const std::string& field_name, std::set<const Descriptor*>* seen,
             std::vector<const EnumDescriptor*>* out) {
  if (!seen->insert(&type).second) return;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (field.name() == field_name && field.enum_type() != nullptr &&
        std::find(out->begin(), out->end(), field.enum_type()) == out->end()) {
      out->push_back(field.enum_type());
    }
    if (field.message_type() != nullptr) EnumsOf(*field.message_type(), field_name, seen, out);
  }
}

std::string OneOf(const std::vector<std::string>& names) { return absl::StrJoin(names, ", "); }

Finding UnknownField(const SourceText& source, size_t offset, const Message& message, const Complaint& complaint) {
  std::string type_name = InQuotes(complaint.message, 0), name = InQuotes(complaint.message, 1);
  std::vector<std::string> names;
  const Descriptor* type = message.GetDescriptor()->file()->pool()->FindMessageTypeByName(type_name);
  for (int i = 0; type != nullptr && i < type->field_count(); ++i) names.push_back(type->field(i)->name());
  std::string mend = DidYouMean(name, names), mend_zh = DidYouMeanZh(name, names);
  if (mend.empty()) {
    mend = absl::StrCat("; the fields here are ", OneOf(names));
    mend_zh = absl::StrCat("；此处可写的字段：", OneOf(names));
  }
  Place place = source.At(WordBefore(source, offset, name));
  return {place.file,
          place.line,
          place.column,
          absl::StrCat("unknown field \"", name, "\"", mend),
          absl::StrCat("未知字段“", name, "”", mend_zh),
          false};
}

Finding UnknownValue(const SourceText& source, size_t at, const Message& message, const std::string& value,
                     const std::string& field) {
  std::vector<const EnumDescriptor*> enums;
  std::set<const Descriptor*> seen;
  EnumsOf(*message.GetDescriptor(), field, &seen, &enums);
  std::vector<std::string> names;
  for (const EnumDescriptor* type : enums) {
    // The value 0 says "not said": nobody means to write it.
    for (int i = 1; i < type->value_count(); ++i) names.push_back(type->value(i)->name());
  }
  std::string mend = DidYouMean(value, names), mend_zh = DidYouMeanZh(value, names);
  if (mend.empty()) {
    mend = absl::StrCat("; it is one of ", OneOf(names));
    mend_zh = absl::StrCat("；可写的值：", OneOf(names));
  }
  Place place = source.At(at);
  return {place.file,
          place.line,
          place.column,
          absl::StrCat("unknown value \"", value, "\" of ", field, mend),
          absl::StrCat(field, " 没有“", value, "”这个值", mend_zh),
          false};
}

struct Phrase {
  const char* begins;  // of the parser's message
  const char* mend;
  const char* chinese;  // with the mend; the parser's own words follow in brackets
};

constexpr Phrase kPhrases[] = {
    {"Interpreting non ascii", "a Chinese or full-width sign stands outside the quotes; use half-width : { } \" \"",
     "引号外有中文或全角符号；请改用半角 : { } \" \""},
    {"String literals cannot cross", "close the quote on the same line", "引号未在同一行闭合；请补上引号"},
    {"Expected string", "put the text between quotes", "此处应为文字；请加半角引号"},
    {"Expected integer, got: -", "write a whole number that is not below 0", "不得为负；请写 0 或正整数"},
    {"Expected integer", "write a whole number here", "此处应为整数；请写数字"},
    {"Expected identifier", "write a field's name here, or close an open quote or brace before it",
     "此处应为字段名；请检查前面的引号和大括号是否闭合"},
    {"Expected \"}\"", "close each { with a }", "大括号没有闭合；请补上 }"},
    {"Expected \":\"", "write NAME: VALUE", "缺少冒号；请写成 字段名: 值"},
    {"Non-repeated field", "it may stand once; remove one", "该字段只能写一次；请删去一处"},
    {"Integer out of range", "write a smaller number, and none below 0", "数字超出范围；请改小，且不得为负"},
    {"Message is too deep", "the file nests deeper than any message does; check the braces", "嵌套过深；请检查大括号"},
};

Finding Syntax(const SourceText& source, size_t offset, const Complaint& complaint) {
  const char* mend = "write NAME: VALUE for a field and NAME { ... } for a message";
  const char* chinese = "语法错误；字段写成 字段名: 值，消息写成 名称 { ... }";
  for (const Phrase& phrase : kPhrases) {
    if (!complaint.message.starts_with(phrase.begins)) continue;
    mend = phrase.mend;
    chinese = phrase.chinese;
    break;
  }
  std::string said = complaint.message;
  if (said.ends_with('.')) said.pop_back();
  Place place = source.At(offset);
  return {place.file, place.line, place.column, absl::StrCat(said, "; ", mend), absl::StrCat(chinese, "（", said, "）"),
          false};
}

constexpr std::string_view kUnknownField = "Message type ";
constexpr std::string_view kUnknownValue = "Unknown enumeration value of ";

}  // namespace

Parsed ParseSource(const std::string& name, const std::string& text, Message* message, std::vector<Finding>* findings) {
  Parsed parsed;
  parsed.source = std::make_unique<SourceText>(name, text);
  SourceText trial(name, text);
  std::vector<Finding> values, found;
  // An unknown enum value ends the parser's work. Overwritten by a 0 in the trial copy it no longer does, and what is
  // wrong behind it shows in the same run.
  for (size_t attempt = 0; attempt <= limits::kErrorsListedMax; ++attempt) {
    Collector collector;
    parsed.tree = std::make_unique<TextFormat::ParseInfoTree>();
    TextFormat::Parser parser;
    parser.RecordErrorsTo(&collector);
    parser.WriteLocationsTo(parsed.tree.get());
    parser.AllowUnknownField(true);
    parser.SetRecursionLimit(limits::kNestingMax);
    bool whole = parser.ParseFromString(trial.text(), message);
    found.clear();
    bool again = false;
    int syntax_line = -1;
    for (const Complaint& complaint : collector.complaints) {
      size_t offset = trial.Offset(complaint.line, complaint.column);
      if (complaint.message.starts_with(kUnknownField)) {
        found.push_back(UnknownField(*parsed.source, offset, *message, complaint));
      } else if (complaint.message.starts_with(kUnknownValue)) {
        std::string value = InQuotes(complaint.message, 0);
        size_t at = WordBefore(trial, offset, value);
        values.push_back(UnknownValue(*parsed.source, at, *message, value, InQuotes(complaint.message, 1)));
        if (value.empty() || at + value.size() > offset) continue;
        trial.Overwrite(at, value.size(), "0");
        again = true;
      } else if (complaint.line != syntax_line) {
        // One slip brings several complaints on its line; the first names it.
        syntax_line = complaint.line;
        found.push_back(Syntax(*parsed.source, offset, complaint));
      }
    }
    parsed.ok = whole && collector.complaints.empty() && values.empty();
    if (!again) break;
  }
  found.insert(found.end(), values.begin(), values.end());
  std::stable_sort(found.begin(), found.end(), [](const Finding& a, const Finding& b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
  });
  findings->insert(findings->end(), std::make_move_iterator(found.begin()), std::make_move_iterator(found.end()));
  return parsed;
}

absl::Status ParseText(const std::string& name, const std::string& text, Message* message,
                       std::vector<Finding>* findings) {
  std::vector<Finding> own;
  ParseSource(name, text, message, &own);
  if (findings != nullptr) findings->insert(findings->end(), own.begin(), own.end());
  return StatusOf(own);
}

}  // namespace liandong::routing
