#include "adapters/screen/may.h"

#include <algorithm>
#include <array>

#include "absl/strings/string_view.h"

namespace liandong::screen {
namespace {

constexpr std::array<absl::string_view, 21> kDutyOfficer = {
    "report",   "correct", "verify",        "false_alarm", "order",     "ack_for",     "reassign",
    "transfer", "close",   "cancel",        "merge",       "split",     "correct_ack", "note",
    "dismiss",  "assign",  "review_return", "response",    "hand_over", "upward",      "look"};
constexpr std::array<absl::string_view, 6> kClerk = {"look", "deliveries", "ack", "report", "hand_over", "upward"};

}  // namespace

std::vector<std::string> MayOf(const v1::SessionView& view) {
  std::vector<std::string> may;
  if (view.must_change_password() || view.must_enrol()) return may;
  const auto has = [&view](absl::string_view role) {
    return std::find(view.role().begin(), view.role().end(), role) != view.role().end();
  };
  const auto add = [&may](const auto& tokens) {
    for (const absl::string_view token : tokens) {
      if (std::find(may.begin(), may.end(), token) == may.end()) may.emplace_back(token);
    }
  };
  if (has("clerk")) add(kClerk);
  if (has("duty_officer")) add(kDutyOfficer);
  if (has("viewer") || has("wall") || has("auditor") || has("agreement_keeper")) {
    add(std::array<absl::string_view, 1>{"look"});
  }
  if (has("account_keeper")) add(std::array<absl::string_view, 1>{"accounts"});
  return may;
}

}  // namespace liandong::screen
