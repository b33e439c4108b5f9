#include "adapters/text/json.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "absl/strings/str_cat.h"
#include "adapters/text/reason.h"

namespace liandong::adapters {
namespace {

using nlohmann::json;

// Whole numbers up to here are exact in a double, and so in every receiver.
constexpr uint64_t kExactIntegerMax = uint64_t{1} << 53;

// What a parser's message says beside the text that it had read, which may be personal.
std::string SyntaxProblem(std::string_view what) {
  std::string_view stage;
  if (size_t at = what.find("while parsing "); at != std::string_view::npos) {
    stage = what.substr(at, what.find(" - ", at) - at);
  }
  size_t dash = what.find(" - ");
  if (dash == std::string_view::npos) return "number or value out of range";
  std::string_view problem = what.substr(dash + 3);
  problem = problem.substr(0, problem.find(';'));
  return stage.empty() ? std::string(problem) : absl::StrCat(std::string(problem), " ", std::string(stage));
}

// An input iterator that tells how far the parser has read, so that every error has its place and not only those that
// the parser itself finds.
class Cursor {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  Cursor(const char* at, const char** reached) : at_(at), reached_(reached) {}
  reference operator*() const { return *at_; }
  Cursor& operator++() {
    *reached_ = ++at_;
    return *this;
  }
  Cursor operator++(int) {
    Cursor before = *this;
    ++*this;
    return before;
  }
  bool operator==(const Cursor& other) const { return at_ == other.at_; }
  bool operator!=(const Cursor& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  const char** reached_;
};

// Builds the tree from the parser's events, so that bounds hold before memory is spent.
class Builder : public nlohmann::json_sax<json> {
 public:
  Builder(std::string_view text, const ParseLimits& limits) : text_(text), limits_(limits), reached_(text.data()) {}

  Cursor Begin() { return Cursor(text_.data(), &reached_); }
  Cursor End() { return Cursor(text_.data() + text_.size(), &reached_); }

  bool null() override { return Add(nullptr); }
  bool boolean(bool value) override { return Add(value); }
  bool number_integer(number_integer_t value) override {
    uint64_t size = value < 0 ? uint64_t{0} - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
    return size > kExactIntegerMax ? Add(absl::StrCat(value)) : Add(value);
  }
  bool number_unsigned(number_unsigned_t value) override {
    return value > kExactIntegerMax ? Add(absl::StrCat(value)) : Add(value);
  }
  bool number_float(number_float_t value, const string_t& digits) override {
    bool whole = digits.find_first_of(".eE") == std::string::npos;
    return whole ? Add(digits) : Add(value);
  }
  bool string(string_t& value) override { return NoNul(value) && Add(std::move(value)); }
  bool binary(binary_t&) override { return Fail(kReasonBadJson, "不支持二进制值", "binary values are not JSON"); }
  bool start_object(size_t) override { return Open(json::object()); }
  bool start_array(size_t) override { return Open(json::array()); }
  bool end_object() override { return Close(); }
  bool end_array() override { return Close(); }

  bool key(string_t& name) override {
    if (name.size() > kFieldNameBytesMax) {
      return Fail(kReasonTooLong, absl::StrCat("字段名超过 ", kFieldNameBytesMax, " 字节"),
                  absl::StrCat("a field name exceeds ", kFieldNameBytesMax, " bytes"));
    }
    if (!NoNul(name)) return false;
    if (stack_.back()->contains(name))
      return Fail(kReasonDuplicateKey, "对象中字段名重复", "a key repeats in its object");
    slot_ = &(*stack_.back())[name];
    return true;
  }

  bool parse_error(size_t, const std::string&, const nlohmann::detail::exception& error) override {
    return Fail(kReasonBadJson, "语法错误", SyntaxProblem(error.what()));
  }

  json&& tree() { return std::move(root_); }
  const absl::Status& status() const { return status_; }

 private:
  // The place is that of the last byte read.
  bool Fail(std::string_view reason, std::string_view zh, std::string_view en) {
    size_t read = static_cast<size_t>(reached_ - text_.data());
    size_t line = 1;
    size_t line_start = 0;
    for (size_t i = 0; i + 1 < read; ++i) {
      if (text_[i] != '\n') continue;
      ++line;
      line_start = i + 1;
    }
    size_t column = std::max<size_t>(read - line_start, 1);
    status_ = BadMessage(reason, absl::StrCat("JSON 第 ", line, " 行第 ", column, " 列:", std::string(zh)),
                         absl::StrCat("JSON line ", line, ", column ", column, ": ", std::string(en)));
    return false;
  }

  bool NoNul(const std::string& value) {
    return value.find('\0') == std::string::npos || Fail(kReasonBadJson, "文字含有 U+0000", "a text holds U+0000");
  }

  bool Place(json&& value, json** placed) {
    if (++values_ > limits_.values_max) {
      return Fail(kReasonTooManyValues, absl::StrCat("值超过 ", limits_.values_max, " 个"),
                  absl::StrCat("more than ", limits_.values_max, " values"));
    }
    if (stack_.empty()) {
      root_ = std::move(value);
      *placed = &root_;
    } else if (stack_.back()->is_array()) {
      stack_.back()->push_back(std::move(value));
      *placed = &stack_.back()->back();
    } else {
      *slot_ = std::move(value);
      *placed = slot_;
    }
    return true;
  }

  bool Add(json value) {
    json* placed = nullptr;
    return Place(std::move(value), &placed);
  }

  bool Open(json&& container) {
    if (static_cast<int>(stack_.size()) >= limits_.depth_max) {
      return Fail(kReasonTooDeep, absl::StrCat("嵌套超过 ", limits_.depth_max, " 层"),
                  absl::StrCat("nested deeper than ", limits_.depth_max));
    }
    json* placed = nullptr;
    if (!Place(std::move(container), &placed)) return false;
    stack_.push_back(placed);
    return true;
  }

  bool Close() {
    stack_.pop_back();
    return true;
  }

  std::string_view text_;
  const ParseLimits& limits_;
  const char* reached_;
  json root_;
  // Open containers. A container's address holds while it is open: only the innermost one grows.
  std::vector<json*> stack_;
  json* slot_ = nullptr;
  size_t values_ = 0;
  absl::Status status_;
};

}  // namespace

absl::StatusOr<json> ParseJson(std::string_view utf8, const ParseLimits& limits) {
  if (utf8.size() > limits.bytes_max) {
    return BadMessage(kReasonTooLarge, absl::StrCat("JSON 有 ", utf8.size(), " 字节,上限 ", limits.bytes_max),
                      absl::StrCat("JSON of ", utf8.size(), " bytes, at most ", limits.bytes_max));
  }
  // The parser would take a NUL for the end of the text and leave what follows unread.
  if (size_t nul = utf8.find('\0'); nul != std::string_view::npos) {
    return BadMessage(kReasonBadJson, absl::StrCat("JSON 第 ", nul, " 字节是 NUL"),
                      absl::StrCat("JSON byte offset ", nul, " is NUL"));
  }
  Builder builder(utf8, limits);
  bool ok = json::sax_parse(builder.Begin(), builder.End(), &builder, json::input_format_t::json, /*strict=*/true,
                            /*ignore_comments=*/false);
  if (!ok) return builder.status();
  return builder.tree();
}

absl::StatusOr<std::string> DumpJson(const json& tree) {
  try {
    return tree.dump();
  } catch (const json::exception&) {
    return BadMessage(kReasonBadEncoding, "待写出的文字不是有效的 UTF-8", "a text to be written is not valid UTF-8");
  }
}

}  // namespace liandong::adapters
