// Coordinates of the hotlines' systems. Everything inside is WGS-84; the datum of a native coordinate is declared in
// the profile and never guessed. Formulas and constants: DOMAIN 6. Pure functions, safe in any thread.
#ifndef LIANDONG_ADAPTERS_GEO_DATUM_H_
#define LIANDONG_ADAPTERS_GEO_DATUM_H_

#include <optional>
#include <string_view>

namespace liandong::adapters {

enum class Datum {
  kUnknown,   // not declared: such a coordinate has no place on our map
  kWgs84,     // GPS
  kCgcs2000,  // the national one; within centimetres of WGS-84 and taken as such
  kGcj02,     // Amap, Tencent; up to 700 m off
  kBd09,      // Baidu
};

// Degrees, east and north positive. One struct for each datum, so that none is taken for another.
struct Wgs84 {
  double lng = 0;
  double lat = 0;
};
struct Gcj02 {
  double lng = 0;
  double lat = 0;
};
struct Bd09 {
  double lng = 0;
  double lat = 0;
};

// Any case: wgs84, wgs-84, cgcs2000, gcj02, gcj-02, bd09, bd-09, unknown (and "").
std::optional<Datum> DatumFromName(std::string_view name);

// The box outside which GCJ-02 equals WGS-84 (larger than China, so that the border is inside).
bool OutsideChina(double lng, double lat);

Gcj02 Wgs84ToGcj02(Wgs84 point);
// By fixed-point iteration: within 1e-9 degrees of the exact inverse. Next to the box's edge, where the offset
// begins and no inverse exists, the nearest that the iteration finds.
Wgs84 Gcj02ToWgs84(Gcj02 point);
Bd09 Gcj02ToBd09(Gcj02 point);
// The usual closed form; the round trip is within 0.3 m.
Gcj02 Bd09ToGcj02(Bd09 point);

// nullopt for kUnknown, for NaN or infinity, outside longitude -180..180 and latitude -90..90, and for exactly
// (0, 0), which systems write for "no position".
std::optional<Wgs84> ToWgs84(Datum datum, double lng, double lat);

struct LngLat {
  double lng = 0;
  double lat = 0;
};
// For messages to a system that wants its own datum. nullopt for kUnknown or a point that ToWgs84 would refuse.
std::optional<LngLat> FromWgs84(Datum datum, Wgs84 point);

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_GEO_DATUM_H_
