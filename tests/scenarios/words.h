// One line of a scenario, cut into words; text in quotation marks is one word.
#ifndef LIANDONG_TESTS_SCENARIOS_WORDS_H_
#define LIANDONG_TESTS_SCENARIOS_WORDS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace liandong::scenarios {

class Words {
 public:
  explicit Words(const std::string& line);
  bool empty() const { return at_ >= words_.size(); }
  const std::string& Peek() const;
  std::string Take();
  // Takes the next word if it is this one.
  bool Took(const std::string& word);
  // "5s", "10m", "2h" in milliseconds.
  static std::optional<int64_t> Duration(const std::string& word);

 private:
  std::vector<std::string> words_;
  size_t at_ = 0;
};

}  // namespace liandong::scenarios

#endif  // LIANDONG_TESTS_SCENARIOS_WORDS_H_
