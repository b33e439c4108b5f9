// Compression of answers, whole and in pieces.
//
// A piece is compressed by itself, without looking back at earlier ones, and ends on a byte: the same compressed piece
// can be sent into any browser's stream, so an event is compressed once for all of them.
//
// Pure functions.
#ifndef LIANDONG_ADAPTERS_SCREEN_GZIP_H_
#define LIANDONG_ADAPTERS_SCREEN_GZIP_H_

#include <string>

#include "absl/strings/string_view.h"

namespace liandong::screen {

// A complete gzip file. `level`: 1 (quick) to 9.
std::string Gzip(absl::string_view bytes, int level);

// What a stream begins with; pieces follow it in any number.
std::string GzipStreamHead();
std::string GzipPiece(absl::string_view bytes);

// Whether the header Accept-Encoding allows gzip.
bool AcceptsGzip(absl::string_view accept_encoding);

}  // namespace liandong::screen

#endif  // LIANDONG_ADAPTERS_SCREEN_GZIP_H_
