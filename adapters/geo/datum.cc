#include "adapters/geo/datum.h"

#include <cmath>
#include <numbers>
#include <string>

#include "absl/strings/ascii.h"

namespace liandong::adapters {
namespace {

constexpr double kPi = std::numbers::pi;
// The Krasovsky 1940 ellipsoid. 6378137.0 circulates as well, but only this value reproduces the published vectors.
constexpr double kSemiMajorAxisM = 6378245.0;
constexpr double kEccentricitySquared = 0.00669342162296594323;
// Baidu's own; plain pi here, as some ports have it, is up to 83 m off.
constexpr double kBaiduPi = kPi * 3000.0 / 180.0;

double OffsetLat(double x, double y) {
  double r = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * std::sqrt(std::fabs(x));
  r += (20.0 * std::sin(6.0 * x * kPi) + 20.0 * std::sin(2.0 * x * kPi)) * 2.0 / 3.0;
  r += (20.0 * std::sin(y * kPi) + 40.0 * std::sin(y / 3.0 * kPi)) * 2.0 / 3.0;
  r += (160.0 * std::sin(y / 12.0 * kPi) + 320.0 * std::sin(y * kPi / 30.0)) * 2.0 / 3.0;
  return r;
}

double OffsetLng(double x, double y) {
  double r = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * std::sqrt(std::fabs(x));
  r += (20.0 * std::sin(6.0 * x * kPi) + 20.0 * std::sin(2.0 * x * kPi)) * 2.0 / 3.0;
  r += (20.0 * std::sin(x * kPi) + 40.0 * std::sin(x / 3.0 * kPi)) * 2.0 / 3.0;
  r += (150.0 * std::sin(x / 12.0 * kPi) + 300.0 * std::sin(x / 30.0 * kPi)) * 2.0 / 3.0;
  return r;
}

bool OnEarth(double lng, double lat) {
  return std::isfinite(lng) && std::isfinite(lat) && std::fabs(lng) <= 180.0 && std::fabs(lat) <= 90.0 &&
         !(lng == 0.0 && lat == 0.0);
}

}  // namespace

std::optional<Datum> DatumFromName(std::string_view name) {
  std::string plain;
  for (char c : name) {
    if (c != '-' && c != '_' && c != ' ') plain += absl::ascii_tolower(static_cast<unsigned char>(c));
  }
  if (plain.empty() || plain == "unknown") return Datum::kUnknown;
  if (plain == "wgs84") return Datum::kWgs84;
  if (plain == "cgcs2000") return Datum::kCgcs2000;
  if (plain == "gcj02") return Datum::kGcj02;
  if (plain == "bd09") return Datum::kBd09;
  return std::nullopt;
}

bool OutsideChina(double lng, double lat) {
  return !(lng >= 72.004 && lng <= 137.8347 && lat >= 0.8293 && lat <= 55.8271);
}

Gcj02 Wgs84ToGcj02(Wgs84 point) {
  if (OutsideChina(point.lng, point.lat)) return {point.lng, point.lat};
  double lat_offset = OffsetLat(point.lng - 105.0, point.lat - 35.0);
  double lng_offset = OffsetLng(point.lng - 105.0, point.lat - 35.0);
  double lat_rad = point.lat / 180.0 * kPi;
  double magic = std::sin(lat_rad);
  magic = 1 - kEccentricitySquared * magic * magic;
  double root = std::sqrt(magic);
  lat_offset = (lat_offset * 180.0) / ((kSemiMajorAxisM * (1 - kEccentricitySquared)) / (magic * root) * kPi);
  lng_offset = (lng_offset * 180.0) / (kSemiMajorAxisM / root * std::cos(lat_rad) * kPi);
  return {point.lng + lng_offset, point.lat + lat_offset};
}

Wgs84 Gcj02ToWgs84(Gcj02 point) {
  if (OutsideChina(point.lng, point.lat)) return {point.lng, point.lat};
  constexpr int kStepsMax = 12;  // 5 reach 1e-10 degrees everywhere inside the box
  constexpr double kCloseEnough = 1e-11;
  Wgs84 guess{point.lng, point.lat};
  for (int i = 0; i < kStepsMax; ++i) {
    Gcj02 there = Wgs84ToGcj02(guess);
    double lng_error = there.lng - point.lng;
    double lat_error = there.lat - point.lat;
    guess.lng -= lng_error;
    guess.lat -= lat_error;
    if (std::fabs(lng_error) < kCloseEnough && std::fabs(lat_error) < kCloseEnough) break;
  }
  return guess;
}

Bd09 Gcj02ToBd09(Gcj02 point) {
  double z = std::sqrt(point.lng * point.lng + point.lat * point.lat) + 0.00002 * std::sin(point.lat * kBaiduPi);
  double theta = std::atan2(point.lat, point.lng) + 0.000003 * std::cos(point.lng * kBaiduPi);
  return {z * std::cos(theta) + 0.0065, z * std::sin(theta) + 0.006};
}

Gcj02 Bd09ToGcj02(Bd09 point) {
  double x = point.lng - 0.0065;
  double y = point.lat - 0.006;
  double z = std::sqrt(x * x + y * y) - 0.00002 * std::sin(y * kBaiduPi);
  double theta = std::atan2(y, x) - 0.000003 * std::cos(x * kBaiduPi);
  return {z * std::cos(theta), z * std::sin(theta)};
}

std::optional<Wgs84> ToWgs84(Datum datum, double lng, double lat) {
  if (!OnEarth(lng, lat)) return std::nullopt;
  switch (datum) {
    case Datum::kUnknown:
      return std::nullopt;
    case Datum::kWgs84:
    case Datum::kCgcs2000:
      return Wgs84{lng, lat};
    case Datum::kGcj02:
      return Gcj02ToWgs84({lng, lat});
    case Datum::kBd09:
      return Gcj02ToWgs84(Bd09ToGcj02({lng, lat}));
  }
  return std::nullopt;
}

std::optional<LngLat> FromWgs84(Datum datum, Wgs84 point) {
  if (!OnEarth(point.lng, point.lat)) return std::nullopt;
  switch (datum) {
    case Datum::kUnknown:
      return std::nullopt;
    case Datum::kWgs84:
    case Datum::kCgcs2000:
      return LngLat{point.lng, point.lat};
    case Datum::kGcj02: {
      Gcj02 gcj = Wgs84ToGcj02(point);
      return LngLat{gcj.lng, gcj.lat};
    }
    case Datum::kBd09: {
      Bd09 bd = Gcj02ToBd09(Wgs84ToGcj02(point));
      return LngLat{bd.lng, bd.lat};
    }
  }
  return std::nullopt;
}

}  // namespace liandong::adapters
