// The reasons of refusals are part of the contract: what the hub's sources say, what protos/README.md tells partners
// and what the command line has a mend for must be the same list.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

#include "adapters/cli/words.h"

namespace liandong::cli {
namespace {

using Reasons = std::set<std::string>;

std::string Read(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

void Collect(const std::string& text, const std::regex& pattern, Reasons* reasons) {
  for (std::sregex_iterator it(text.begin(), text.end(), pattern), end; it != end; ++it) reasons->insert((*it)[1]);
}

Reasons OfReadme() {
  Reasons reasons;
  const std::string text = Read("protos/README.md");
  Collect(text.substr(text.find("## 7. Errors")), std::regex("\\| `([A-Z_]+)` \\|"), &reasons);
  return reasons;
}

// Refuse(absl::StatusCode::kX, "REASON", …) across line ends.
Reasons OfHub() {
  Reasons reasons;
  const std::regex refusal("StatusCode::k[A-Za-z]+,\\s*\"([A-Z_]+)\"");
  for (const auto& entry : std::filesystem::recursive_directory_iterator("hub")) {
    const std::string extension = entry.path().extension();
    if (extension == ".cc" || extension == ".h") Collect(Read(entry.path()), refusal, &reasons);
  }
  return reasons;
}

TEST(ErrorReasonsTest, WhatTheHubSaysIsInTheReadme) {
  const Reasons hub = OfHub();
  EXPECT_GT(hub.size(), 20u);
  for (const std::string& reason : hub)
    EXPECT_TRUE(OfReadme().contains(reason)) << reason << " is not in protos/README.md";
}

TEST(ErrorReasonsTest, TheReadmeNamesNothingThatTheHubNeverSays) {
  Reasons hub = OfHub();
  // Made for statuses that came without a reason.
  hub.insert({"INTERNAL", "UNAVAILABLE"});
  for (const std::string& reason : OfReadme()) EXPECT_TRUE(hub.contains(reason)) << reason;
}

TEST(ErrorReasonsTest, TheCommandLineHasAMendForEach) {
  const std::vector<std::string> known = KnownReasons();
  EXPECT_EQ(Reasons(known.begin(), known.end()), OfReadme());
}

}  // namespace
}  // namespace liandong::cli
