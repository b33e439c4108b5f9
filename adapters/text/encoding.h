// Character encodings of the hotlines' systems. GBK and GB18030 are normal on older links (DOMAIN 4.6); inside
// everything is UTF-8. Pure functions, safe in any thread.
#ifndef LIANDONG_ADAPTERS_TEXT_ENCODING_H_
#define LIANDONG_ADAPTERS_TEXT_ENCODING_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace liandong::adapters {

// kAuto: valid UTF-8 is UTF-8, everything else is GB18030. (GB18030 text of more than a few characters is almost never
// valid UTF-8, and valid UTF-8 is taken as what it is.)
enum class Encoding { kUtf8, kGb18030, kGbk, kAuto };

// Names as in profiles and XML declarations, any case: utf-8, utf8, gb18030, gbk, gb2312, cp936, auto.
std::optional<Encoding> EncodingFromName(std::string_view name);
// The name for an XML declaration or a Content-Type: "UTF-8", "GB18030", "GBK"; kAuto writes "UTF-8".
std::string_view EncodingName(Encoding encoding);

// Offset of the first byte that is not part of valid UTF-8 (no overlong forms, surrogates or values above U+10FFFF).
std::optional<size_t> FirstInvalidUtf8(std::string_view bytes);

// Strict: input that is not valid in `encoding` is an InvalidArgument (reason bad_encoding) that names the byte offset.
// A byte order mark at the start is dropped.
absl::StatusOr<std::string> ToUtf8(std::string_view bytes, Encoding encoding);

// Strict: a character that `encoding` lacks is an InvalidArgument. kAuto writes UTF-8. No byte order mark is written.
absl::StatusOr<std::string> FromUtf8(std::string_view utf8, Encoding encoding);

struct LossyText {
  std::string utf8;
  bool replaced = false;  // something was not valid and stands as U+FFFD
  bool cut = false;       // the last character was incomplete and was dropped (in UTF-8: replaced)
};
// For texts inside fixed fields (GB/T 26875.3), where a bad byte must not cost an alarm.
LossyText ToUtf8Lossy(std::string_view bytes, Encoding encoding);

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_TEXT_ENCODING_H_
