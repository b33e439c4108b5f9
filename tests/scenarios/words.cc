#include "tests/scenarios/words.h"

#include "absl/strings/numbers.h"

namespace liandong::scenarios {

Words::Words(const std::string& line) {
  std::string word;
  bool quoted = false, any = false;
  for (char c : line) {
    if (c == '"') {
      quoted = !quoted;
      any = true;
    } else if (!quoted && (c == ' ' || c == '\t' || c == '\r')) {
      if (any) words_.push_back(word);
      word.clear();
      any = false;
    } else {
      word += c;
      any = true;
    }
  }
  if (any) words_.push_back(word);
}

const std::string& Words::Peek() const {
  static const std::string* const kNone = new std::string();
  return empty() ? *kNone : words_[at_];
}

std::string Words::Take() { return empty() ? "" : words_[at_++]; }

bool Words::Took(const std::string& word) {
  if (empty() || words_[at_] != word) return false;
  ++at_;
  return true;
}

std::optional<int64_t> Words::Duration(const std::string& word) {
  if (word.size() < 2) return std::nullopt;
  int64_t number = 0;
  if (!absl::SimpleAtoi(word.substr(0, word.size() - 1), &number)) return std::nullopt;
  switch (word.back()) {
    case 's':
      return number * 1000;
    case 'm':
      return number * 60'000;
    case 'h':
      return number * 3'600'000;
    default:
      return std::nullopt;
  }
}

}  // namespace liandong::scenarios
