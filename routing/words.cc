#include "routing/words.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace liandong::routing {
namespace {

// Bytes of the character at the front; a byte that begins no UTF-8 character stands for itself.
size_t CharacterBytes(std::string_view text) {
  auto lead = static_cast<unsigned char>(text[0]);
  size_t bytes = lead < 0x80 ? 1 : lead >= 0xF0 && lead < 0xF8 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
  if (lead >= 0xF8 || bytes > text.size()) return 1;
  for (size_t i = 1; i < bytes; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) return 1;
  }
  return bytes;
}

// A character's bytes as a number: distinct for distinct characters, and cheaper than its code point.
uint32_t Packed(std::string_view character) {
  uint32_t packed = 0;
  for (char c : character) packed = packed << 8 | static_cast<unsigned char>(c);
  return packed;
}

uint64_t Pair(uint32_t first, uint32_t second) { return (static_cast<uint64_t>(first) << 32) | second; }

size_t Bit(uint64_t key, int bits) { return (key * 0x9E3779B97F4A7C15u) >> (64 - bits); }

}  // namespace

std::string FoldText(std::string_view text) {
  std::string folded(text.size(), '\0');
  char* out = folded.data();
  while (!text.empty()) {
    size_t bytes = CharacterBytes(text);
    char c = text[0];
    if (bytes == 3) {
      uint32_t code = (static_cast<unsigned char>(text[0]) & 0x0Fu) << 12 |
                      (static_cast<unsigned char>(text[1]) & 0x3Fu) << 6 |
                      (static_cast<unsigned char>(text[2]) & 0x3Fu);
      if (code == 0x3000) {
        c = ' ';
      } else if (code >= 0xFF01 && code <= 0xFF5E) {
        c = static_cast<char>(code - 0xFF01 + 0x21);
      } else {
        std::memcpy(out, text.data(), 3);
        out += 3;
        text.remove_prefix(3);
        continue;
      }
    } else if (bytes != 1) {
      std::memcpy(out, text.data(), bytes);
      out += bytes;
      text.remove_prefix(bytes);
      continue;
    }
    *out++ = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    text.remove_prefix(bytes);
  }
  folded.resize(static_cast<size_t>(out - folded.data()));
  return folded;
}

uint32_t WordIndex::Add(std::string_view word) {
  std::string folded = FoldText(word);
  if (auto known = ids_.find(folded); known != ids_.end()) return known->second;
  auto id = static_cast<uint32_t>(ids_.size());
  std::string_view rest = folded_.emplace_back(std::move(folded));
  auto length = static_cast<uint32_t>(rest.size());
  ids_.emplace(rest, id);
  size_t first_bytes = CharacterBytes(rest);
  uint32_t first = Packed(rest.substr(0, first_bytes));
  rest.remove_prefix(first_bytes);
  if (rest.empty()) {
    single_[first] = id;
    return id;
  }
  const uint64_t pair = Pair(first, Packed(rest.substr(0, CharacterBytes(rest))));
  begins_.set(Bit(pair, kLeadBits));
  std::vector<uint32_t>& lengths = leads_[pair].lengths;
  auto place = std::lower_bound(lengths.begin(), lengths.end(), length);
  if (place == lengths.end() || *place != length) lengths.insert(place, length);
  return id;
}

std::vector<uint32_t> WordIndex::Find(std::string_view text) const {
  std::vector<uint32_t> found;
  if (ids_.empty()) return found;
  const std::string folded = FoldText(text);
  std::string_view rest = folded;
  size_t bytes = rest.empty() ? 0 : CharacterBytes(rest);
  uint32_t first = Packed(rest.substr(0, bytes));
  while (!rest.empty()) {
    if (!single_.empty()) {
      if (auto one = single_.find(first); one != single_.end()) found.push_back(one->second);
    }
    const std::string_view after = rest.substr(bytes);
    if (after.empty()) break;
    const size_t after_bytes = CharacterBytes(after);
    const uint32_t second = Packed(after.substr(0, after_bytes));
    if (const uint64_t pair = Pair(first, second); begins_.test(Bit(pair, kLeadBits))) {
      if (auto lead = leads_.find(pair); lead != leads_.end()) {
        for (uint32_t length : lead->second.lengths) {
          if (length > rest.size()) break;
          if (auto word = ids_.find(rest.substr(0, length)); word != ids_.end()) found.push_back(word->second);
        }
      }
    }
    rest = after;
    bytes = after_bytes;
    first = second;
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

}  // namespace liandong::routing
