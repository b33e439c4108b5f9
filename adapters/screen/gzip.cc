#include "adapters/screen/gzip.h"

#include <zlib.h>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace liandong::screen {
namespace {

constexpr int kWindowBits = 15;
constexpr int kGzipWrapper = 16;  // added to the window bits; negative bits mean no wrapper at all
constexpr int kMemoryLevel = 8;
constexpr int kPieceLevel = 6;

std::string Deflate(absl::string_view bytes, int level, int window_bits, int flush) {
  z_stream stream = {};
  if (deflateInit2(&stream, level, Z_DEFLATED, window_bits, kMemoryLevel, Z_DEFAULT_STRATEGY) != Z_OK) return "";
  // The bound is for Z_FINISH; a sync flush adds an empty block of five bytes.
  std::string out(deflateBound(&stream, bytes.size()) + 16, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, flush);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace

std::string Gzip(absl::string_view bytes, int level) {
  return Deflate(bytes, level, kWindowBits + kGzipWrapper, Z_FINISH);
}

std::string GzipStreamHead() {
  // RFC 1952: magic, deflate, no flags, no time, no extra flags, Unix.
  return std::string("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03", 10);
}

std::string GzipPiece(absl::string_view bytes) { return Deflate(bytes, kPieceLevel, -kWindowBits, Z_SYNC_FLUSH); }

bool AcceptsGzip(absl::string_view accept_encoding) {
  for (absl::string_view one : absl::StrSplit(accept_encoding, ',')) {
    absl::string_view name = one.substr(0, one.find(';'));
    if (!absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(name), "gzip")) continue;
    const size_t q = one.find("q=");
    double quality = 1;
    return q == absl::string_view::npos || !absl::SimpleAtod(absl::StripAsciiWhitespace(one.substr(q + 2)), &quality) ||
           quality > 0;
  }
  return false;
}

}  // namespace liandong::screen
