#include "hub/core/sketch.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "hub/core/limits.h"

namespace liandong::core {
namespace {

// The next character's code point; 0 for what says nothing: blanks, signs, bytes that are no UTF-8.
uint32_t Next(std::string_view text, size_t* at) {
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const uint32_t first = byte(*at);
  const size_t length = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1;
  uint32_t point = length == 1 ? first : first & (0xFFu >> (length + 1));
  for (size_t i = 1; i < length; ++i) point = point << 6 | (byte(*at + i) & 0x3F);
  *at += length;
  if (first >= 0x80 && length == 1) return 0;
  if (point >= 'A' && point <= 'Z') return point + 32;
  const bool letter = (point >= '0' && point <= '9') || (point >= 'a' && point <= 'z') ||
                      (point >= 0x3400 && point <= 0x9FFF) || point >= 0x20000;
  return letter ? point : 0;
}

// Fixed for ever and the same on every node.
uint32_t HashOf(uint32_t a, uint32_t b) {
  uint64_t h = (uint64_t{a} << 32 | b) * 0x9E3779B97F4A7C15u;
  h ^= h >> 32;
  h *= 0xD6E8FEB86659FD93u;
  return static_cast<uint32_t>(h >> 32);
}

void AddPairs(std::string_view text, std::vector<uint32_t>* out) {
  uint32_t before = 0;
  for (size_t at = 0; at < text.size();) {
    const uint32_t point = Next(text, &at);
    if (point == 0) continue;
    if (before != 0) out->push_back(HashOf(before, point));
    before = point;
  }
}

}  // namespace

Sketch SketchOf(const v1::SealedPart& sealed) {
  Sketch sketch;
  AddPairs(sealed.description(), &sketch.pairs);
  AddPairs(sealed.address(), &sketch.pairs);
  std::sort(sketch.pairs.begin(), sketch.pairs.end());
  sketch.pairs.erase(std::unique(sketch.pairs.begin(), sketch.pairs.end()), sketch.pairs.end());
  if (sketch.pairs.size() > limits::kSketchPairs) sketch.pairs.resize(limits::kSketchPairs);
  if (sealed.point().has_wgs84()) {
    sketch.has_point = true;
    sketch.lat = sealed.point().lat();
    sketch.lng = sealed.point().lng();
  }
  return sketch;
}

int WordsAlike(const Sketch& a, const Sketch& b) {
  if (a.pairs.empty() || b.pairs.empty()) return -1;
  size_t both = 0;
  for (auto i = a.pairs.begin(), j = b.pairs.begin(); i != a.pairs.end() && j != b.pairs.end();) {
    if (*i == *j) {
      ++both, ++i, ++j;
    } else {
      ++(*i < *j ? i : j);
    }
  }
  return static_cast<int>(200 * both / (a.pairs.size() + b.pairs.size()));
}

double MetresApart(const Sketch& a, const Sketch& b) {
  if (!a.has_point || !b.has_point) return -1;
  constexpr double kRadian = 3.14159265358979323846 / 180, kEarthM = 6371008.8;  // IUGG mean radius
  const double lat = std::sin((b.lat - a.lat) * kRadian / 2), lng = std::sin((b.lng - a.lng) * kRadian / 2);
  const double h = lat * lat + std::cos(a.lat * kRadian) * std::cos(b.lat * kRadian) * lng * lng;
  return 2 * kEarthM * std::asin(std::min(1.0, std::sqrt(h)));
}

}  // namespace liandong::core
