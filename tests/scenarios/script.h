// Reads a scenario and plays it. The language is in README.md beside this file.
#ifndef LIANDONG_TESTS_SCENARIOS_SCRIPT_H_
#define LIANDONG_TESTS_SCENARIOS_SCRIPT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "liandong/v1/record.pb.h"
#include "liandong/v1/site.pb.h"

namespace liandong::scenarios {

// OK when every line could be played and every expectation held. Otherwise "name:line: what was expected, what was
// found", followed by the records so far in words.
// `records`, when given, gets the whole log of it.
absl::Status Play(const std::string& name, const std::string& text, const v1::SiteSet& site,
                  std::vector<v1::Record>* records = nullptr);

}  // namespace liandong::scenarios

#endif  // LIANDONG_TESTS_SCENARIOS_SCRIPT_H_
