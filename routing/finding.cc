#include "routing/finding.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "routing/limits.h"

namespace liandong::routing {
namespace {

std::string Prefix(const Finding& finding) {
  if (finding.file.empty()) return "";
  if (finding.line == 0) return absl::StrCat(finding.file, ": ");
  return absl::StrCat(finding.file, ":", finding.line, ":", finding.column, ": ");
}

// Levenshtein distance with a swap of neighbours counted as one, the commonest slip of a typist.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> before(b.size() + 1), last(b.size() + 1), now(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    now[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) now[j] = std::min(now[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, now);
  }
  return last[b.size()];
}

}  // namespace

std::string Finding::Text() const { return absl::StrCat(Prefix(*this), message); }
std::string Finding::TextZh() const { return absl::StrCat(Prefix(*this), message_zh); }

Place Findings::PlaceFor(const google::protobuf::Message& at, std::string_view field, int index) const {
  return place_of_ ? place_of_(at, field, index) : Place{};
}

void Findings::Error(const google::protobuf::Message& at, std::string_view field, int index, std::string english,
                     std::string chinese) {
  Place place = PlaceFor(at, field, index);
  Add({std::move(place.file), place.line, place.column, std::move(english), std::move(chinese), false});
}

void Findings::Warn(const google::protobuf::Message& at, std::string_view field, int index, std::string english,
                    std::string chinese, std::string kind) {
  Place place = PlaceFor(at, field, index);
  Add({std::move(place.file), place.line, place.column, std::move(english), std::move(chinese), true, std::move(kind)});
}

void Findings::Add(Finding finding) {
  if (finding.warning) {
    if (++warnings_ > static_cast<int>(limits::kWarningsListedMax)) return;
  } else if (++errors_ > static_cast<int>(limits::kErrorsListedMax)) {
    return;
  }
  list_.push_back(std::move(finding));
}

std::vector<Finding> Findings::Take() {
  auto close = [this](int found, size_t listed, bool warning) {
    if (found <= static_cast<int>(listed)) return;
    int more = found - static_cast<int>(listed);
    list_.push_back({"", 0, 0,
                     absl::StrCat("and ", more, warning ? " more warnings" : " more errors; mend those above first"),
                     absl::StrCat("另有 ", more, warning ? " 条警告" : " 处错误；请先改正以上各处"), warning});
  };
  close(errors_, limits::kErrorsListedMax, false);
  close(warnings_, limits::kWarningsListedMax, true);
  return std::move(list_);
}

absl::Status StatusOf(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    if (finding.warning) continue;
    absl::StrAppend(&text, text.empty() ? "" : "\n", finding.Text(), " / ", finding.message_zh);
  }
  return text.empty() ? absl::OkStatus() : absl::InvalidArgumentError(text);
}

std::string Nearest(std::string_view typed, const std::vector<std::string>& candidates) {
  if (typed.empty() || typed.size() > limits::kSuggestLengthMax) return "";
  // A third of the letters may be wrong; beyond that a suggestion misleads.
  size_t best = std::max<size_t>(1, typed.size() / 3) + 1;
  std::string nearest;
  size_t tried = 0;
  for (const std::string& candidate : candidates) {
    if (++tried > limits::kSuggestCandidatesMax) break;
    if (candidate.size() > limits::kSuggestLengthMax) continue;
    size_t distance = EditDistance(typed, candidate);
    if (distance < best) {
      best = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

std::string DidYouMean(std::string_view typed, const std::vector<std::string>& candidates) {
  std::string nearest = Nearest(typed, candidates);
  return nearest.empty() ? "" : absl::StrCat("; did you mean \"", nearest, "\"?");
}

std::string DidYouMeanZh(std::string_view typed, const std::vector<std::string>& candidates) {
  std::string nearest = Nearest(typed, candidates);
  return nearest.empty() ? "" : absl::StrCat("，是否应为“", nearest, "”？");
}

}  // namespace liandong::routing
