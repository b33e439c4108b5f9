// Reading and checking profiles (liandong/v1/profile.proto).
#ifndef LIANDONG_ADAPTERS_MAPPING_PROFILE_H_
#define LIANDONG_ADAPTERS_MAPPING_PROFILE_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "liandong/v1/profile.pb.h"

namespace liandong::adapters {

// A profile is checked as a whole: that tables exist, that targets are fields of ours, that values fit their types,
// that templates can be read, that every key an acknowledgment looks for is remembered somewhere, that the purpose can
// be carried. InvalidArgument: every error found, one a line, each with file:line:column, Chinese and English.
absl::StatusOr<v1::Profile> ParseProfile(std::string_view name, const std::string& text);
// Does file I/O. Secret files are named relative to the profile: they are made absolute here and not opened.
absl::StatusOr<v1::Profile> LoadProfile(const std::string& path);

// With the defaults of HttpSettings filled in.
v1::HttpSettings HttpOf(const v1::Profile& profile);

// Codes of the category tree that the profile can produce, for a check against the site's own file.
std::vector<std::string> CategoriesOf(const v1::Profile& profile);

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_MAPPING_PROFILE_H_
