// Text for a terminal: columns, times, counts, and what strangers wrote made harmless. Pure functions.
#ifndef LIANDONG_ADAPTERS_CLI_TEXT_H_
#define LIANDONG_ADAPTERS_CLI_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "liandong/v1/common.pb.h"

namespace liandong::cli {

// Control characters (which could drive a terminal) and line ends become spaces, bytes that are no UTF-8 become '?'.
std::string Clean(std::string_view text);

// Columns that a terminal uses: two for East Asian wide characters, none for combining ones.
size_t Width(std::string_view utf8);

// Rows of cells, cleaned and aligned; the first row is the heading. The last column is not filled up.
std::string Table(const std::vector<std::vector<std::string>>& rows);

// "07-13 02:15:30" in the machine's time zone, with the year where it is not this one's; "-" for 0.
std::string Time(int64_t ms);

// Milliseconds since 1970 of "2026-07-13 02:15[:30]", "02:15[:30]" (today), RFC 3339, or "+30m" and "-10m" from `now`.
// InvalidArgument names the text and the forms.
absl::StatusOr<int64_t> ParseTime(std::string_view text, absl::Time now);

// "死亡 dead 1，受伤 injured 3"; empty when nothing was said.
std::string CountsText(const v1::Counts& counts);

}  // namespace liandong::cli

#endif  // LIANDONG_ADAPTERS_CLI_TEXT_H_
