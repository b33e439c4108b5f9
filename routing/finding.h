// What a check found wrong, and where it was written.
#ifndef LIANDONG_ROUTING_FINDING_H_
#define LIANDONG_ROUTING_FINDING_H_

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/message.h"

namespace liandong::routing {

// One thing wrong, or worth a look. Text form: "agreements/power.textproto:14:3: unknown field \"adress\"; did you mean
// \"address\"?"
struct Finding {
  std::string file;        // relative to the site directory; empty: the set did not come from files
  int line = 0;            // from 1; 0: the file as a whole
  int column = 0;          // from 1, in characters
  std::string message;     // English, names the mend
  std::string message_zh;  // the same in Chinese
  bool warning = false;
  std::string kind = "";  // "gap", "overlap", "possible-overlap", "dead", "shadowed", "deadline",
                          // "roster", "certificate"; empty: any other
  std::string Text() const;
  std::string TextZh() const;
};

struct Place {
  std::string file;
  int line = 0;
  int column = 0;
};

// Where a field of a message was written; index -1 for a field that is not repeated. An empty field name: the message.
using PlaceOf = std::function<Place(const google::protobuf::Message&, std::string_view field, int index)>;

// Gathers findings up to limits::kErrorsListedMax errors and limits::kWarningsListedMax warnings. Not thread-safe.
class Findings {
 public:
  explicit Findings(PlaceOf place_of = nullptr) : place_of_(std::move(place_of)) {}

  void Error(const google::protobuf::Message& at, std::string_view field, int index, std::string english,
             std::string chinese);
  void Warn(const google::protobuf::Message& at, std::string_view field, int index, std::string english,
            std::string chinese, std::string kind = "");
  void Add(Finding finding);

  int errors() const { return errors_; }
  // Ends the list with how many more there were.
  std::vector<Finding> Take();

 private:
  Place PlaceFor(const google::protobuf::Message& at, std::string_view field, int index) const;

  PlaceOf place_of_;
  std::vector<Finding> list_;
  int errors_ = 0;
  int warnings_ = 0;
};

// Ok when there is no error among them; else InvalidArgument with one error a line, English and Chinese.
absl::Status StatusOf(const std::vector<Finding>& findings);

// The candidate nearest to a mistyped word; empty when none is near.
std::string Nearest(std::string_view typed, const std::vector<std::string>& candidates);
// "; did you mean \"x\"?" and "，是否应为“x”？"; empty when nothing is near.
std::string DidYouMean(std::string_view typed, const std::vector<std::string>& candidates);
std::string DidYouMeanZh(std::string_view typed, const std::vector<std::string>& candidates);

}  // namespace liandong::routing

#endif  // LIANDONG_ROUTING_FINDING_H_
