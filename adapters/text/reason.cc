#include "adapters/text/reason.h"

#include "absl/strings/str_cat.h"

namespace liandong::adapters {

absl::Status BadMessage(std::string_view reason, std::string_view zh, std::string_view en) {
  return absl::InvalidArgumentError(
      absl::StrCat(std::string(reason), ": ", std::string(zh), " (", std::string(en), ")"));
}

std::string_view ReasonOf(const absl::Status& status) {
  if (status.ok()) return "";
  std::string_view message(status.message().data(), status.message().size());
  size_t colon = message.find(": ");
  if (colon == std::string_view::npos || colon == 0) return "";
  for (char c : message.substr(0, colon)) {
    if ((c < 'a' || c > 'z') && c != '_') return "";
  }
  return message.substr(0, colon);
}

}  // namespace liandong::adapters
