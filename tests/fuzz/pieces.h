// Cuts an input into pieces, for targets that read more than one thing: a byte, or bytes behind their length.
#ifndef LIANDONG_TESTS_FUZZ_PIECES_H_
#define LIANDONG_TESTS_FUZZ_PIECES_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace liandong::fuzz {

class Pieces {
 public:
  explicit Pieces(std::string_view bytes) : bytes_(bytes) {}
  bool empty() const { return bytes_.empty(); }
  uint8_t Byte() {
    const std::string_view one = Take(1);
    return one.empty() ? 0 : static_cast<uint8_t>(one[0]);
  }
  // Two bytes of length, the lower one first, then so much or what is left.
  std::string_view Piece() {
    const size_t low = Byte();
    return Take(low | size_t{Byte()} << 8);
  }
  std::string_view Rest() { return Take(bytes_.size()); }

 private:
  std::string_view Take(size_t size) {
    const std::string_view out = bytes_.substr(0, size);
    bytes_.remove_prefix(out.size());
    return out;
  }
  std::string_view bytes_;
};

// What Piece reads.
inline std::string PieceOf(std::string_view bytes) {
  return std::string{static_cast<char>(bytes.size() & 0xFF), static_cast<char>(bytes.size() >> 8)} + std::string(bytes);
}

}  // namespace liandong::fuzz

#endif  // LIANDONG_TESTS_FUZZ_PIECES_H_
