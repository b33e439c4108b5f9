#include "adapters/mapping/text_file.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/tokenizer.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "adapters/limits.h"

namespace liandong::adapters {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

// Enums of that name's fields anywhere below `type`: the parser names the field, not the message it stands in.
void FindEnums(const Descriptor* type, const std::string& field_name, std::set<const Descriptor*>* seen,
               std::vector<std::string>* values) {
  if (!seen->insert(type).second) return;
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (field->enum_type() != nullptr && std::string(field->name()) == field_name) {
      const EnumDescriptor* e = field->enum_type();
      for (int v = 0; v < e->value_count(); ++v) values->push_back(std::string(e->value(v)->name()));
    }
    if (field->message_type() != nullptr) FindEnums(field->message_type(), field_name, seen, values);
  }
}

class Errors : public google::protobuf::io::ErrorCollector {
 public:
  Errors(std::string_view name, const std::string& source, const Descriptor* root)
      : name_(name), source_(source), root_(root) {}

  void AddError(int line, int column, const std::string& message) override {
    StepBack(message, &line, &column);
    absl::StrAppend(&text_, text_.empty() ? "" : "\n", name_, ":", line + 1, ":", column + 1, ": ", Improve(message));
  }
  void AddWarning(int line, int column, const std::string& message) override { AddError(line, column, message); }

  const std::string& text() const { return text_; }

 private:
  // The parser complains of an unknown field after it has read it: its place is where the word stands.
  void StepBack(const std::string& message, int* line, int* column) const {
    const std::vector<std::string> quoted = absl::StrSplit(message, '"');
    if (message.rfind("Message type ", 0) != 0 || quoted.size() != 5) return;
    size_t offset = 0;
    for (int i = 0; i < *line && offset != std::string::npos; ++i) {
      offset = source_.find('\n', offset);
      if (offset != std::string::npos) ++offset;
    }
    if (offset == std::string::npos) return;
    const size_t at = source_.rfind(quoted[3], offset + static_cast<size_t>(*column));
    if (at == std::string::npos) return;
    *line = static_cast<int>(std::count(source_.begin(), source_.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
    const size_t begin = source_.rfind('\n', at);
    *column = static_cast<int>(begin == std::string::npos ? at : at - begin - 1);
  }

  std::string Improve(const std::string& message) const {
    // Texts of protobuf 3.21's parser; any other text passes as it is.
    const std::vector<std::string> quoted = absl::StrSplit(message, '"');
    if (message.rfind("Message type ", 0) == 0 && quoted.size() == 5) {
      const Descriptor* type = root_->file()->pool()->FindMessageTypeByName(quoted[1]);
      std::vector<std::string> known;
      for (int i = 0; type != nullptr && i < type->field_count(); ++i) {
        known.push_back(std::string(type->field(i)->name()));
      }
      return Unknown("字段", "field", quoted[3], known);
    }
    if (message.rfind("Unknown enumeration value of ", 0) == 0 && quoted.size() == 5) {
      std::vector<std::string> known;
      std::set<const Descriptor*> seen;
      FindEnums(root_, quoted[3], &seen, &known);
      return Unknown("取值", "value", quoted[1], known);
    }
    return message;
  }

  static std::string Unknown(const char* zh, const char* en, const std::string& word,
                             const std::vector<std::string>& known) {
    const std::string near = Nearest(word, known);
    return absl::StrCat("unknown ", en, " \"", word, "\"",
                        near.empty() ? "" : absl::StrCat("; did you mean \"", near, "\"?"), " (没有这个", zh,
                        near.empty() ? "" : absl::StrCat(",是否为 \"", near, "\""), ")");
  }

  std::string name_;
  const std::string& source_;
  const Descriptor* root_;
  std::string text_;
};

// Insertions, deletions, changes, and two letters exchanged.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<std::vector<size_t>> cost(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) {
    for (size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        cost[i][j] = i + j;
        continue;
      }
      const size_t change = cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
      }
    }
  }
  return cost[a.size()][b.size()];
}

}  // namespace

std::string Nearest(std::string_view word, const std::vector<std::string>& known) {
  // More than a third of a word mistyped is another word.
  size_t best = std::max<size_t>(1, word.size() / 3) + 1;
  std::string nearest;
  if (word.size() > kFieldNameBytesMax) return nearest;
  for (const std::string& candidate : known) {
    size_t distance = EditDistance(word, candidate);
    if (distance < best) {
      best = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

absl::Status ParseTextProto(std::string_view name, const std::string& text, google::protobuf::Message* message,
                            google::protobuf::TextFormat::ParseInfoTree* positions) {
  Errors errors(name, text, message->GetDescriptor());
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&errors);
  parser.WriteLocationsTo(positions);
  if (parser.ParseFromString(text, message)) return absl::OkStatus();
  return absl::InvalidArgumentError(errors.text());
}

absl::StatusOr<std::string> ReadTextFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat(path, ": 打不开文件 (cannot be opened)"));
  std::string text(kConfigFileBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return absl::UnavailableError(absl::StrCat(path, ": 读文件出错 (cannot be read)"));
  text.resize(static_cast<size_t>(file.gcount()));
  if (text.size() > kConfigFileBytesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": 文件超过 ", kConfigFileBytesMax, " 字节 (longer than ", kConfigFileBytesMax, " bytes)"));
  }
  return text;
}

absl::Status LoadTextProto(const std::string& path, google::protobuf::Message* message) {
  absl::StatusOr<std::string> text = ReadTextFile(path);
  if (!text.ok()) return text.status();
  return ParseTextProto(path, *text, message);
}

}  // namespace liandong::adapters
