#include "adapters/geo/datum.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace liandong::adapters {
namespace {

constexpr double kExact = 1e-13;          // the vectors' last printed digits
constexpr double kMetreInDegrees = 9e-6;  // of latitude

struct Pair {
  double lng, lat, to_lng, to_lat;
};

// DOMAIN 6: coordtransform's and eviltransform's published vectors, and points in Zhejiang.
TEST(DatumTest, Wgs84ToGcj02Vectors) {
  for (const Pair& p : {Pair{116.404, 39.915, 116.41024449916938, 39.91640428150164},
                        Pair{121.5272106, 31.1774276, 121.531541859215, 31.17530398364597},
                        Pair{113.912316, 22.543847, 113.9171764808363, 22.540796131694766},
                        Pair{116.377817, 39.911954, 116.38404722455657, 39.91334545536069},
                        Pair{121.544, 29.8683, 121.54817358932901, 29.865729781958642},
                        Pair{119.9225, 28.4569, 119.92690390684172, 28.45349050424306},
                        Pair{120.1551, 30.2741, 120.15979447929637, 30.271771223200254}}) {
    Gcj02 gcj = Wgs84ToGcj02({p.lng, p.lat});
    EXPECT_NEAR(gcj.lng, p.to_lng, kExact);
    EXPECT_NEAR(gcj.lat, p.to_lat, kExact);
  }
}

TEST(DatumTest, Gcj02ToBd09Vectors) {
  for (const Pair& p : {Pair{116.404, 39.915, 116.41036949371029, 39.92133699351021},
                        Pair{121.54817358932901, 29.865729781958642, 121.5545874287007, 29.872023478204202},
                        Pair{119.92690390684172, 28.45349050424306, 119.93348260371535, 28.45921504148329},
                        Pair{120.15979447929637, 30.271771223200254, 120.16635834855023, 30.277599218169218}}) {
    Bd09 bd = Gcj02ToBd09({p.lng, p.lat});
    EXPECT_NEAR(bd.lng, p.to_lng, kExact);
    EXPECT_NEAR(bd.lat, p.to_lat, kExact);
  }
}

TEST(DatumTest, Bd09ToGcj02Vector) {
  Gcj02 gcj = Bd09ToGcj02({116.404, 39.915});
  EXPECT_NEAR(gcj.lng, 116.39762729119315, kExact);
  EXPECT_NEAR(gcj.lat, 39.90865673957631, kExact);
}

TEST(DatumTest, TheInverseIsExactWhereTheOneStepInverseIsNot) {
  // The published one-step inverse is 2p - f(p); ours must reproduce it from f, and be better.
  Gcj02 point{116.404, 39.915};
  Gcj02 forward = Wgs84ToGcj02({point.lng, point.lat});
  EXPECT_NEAR(2 * point.lng - forward.lng, 116.39775550083061, kExact);
  EXPECT_NEAR(2 * point.lat - forward.lat, 39.91359571849836, kExact);
  Wgs84 back = Gcj02ToWgs84(point);
  EXPECT_NEAR(back.lng, 116.39775550083061, 5 * kMetreInDegrees);
  EXPECT_NEAR(back.lat, 39.91359571849836, 5 * kMetreInDegrees);
  Gcj02 again = Wgs84ToGcj02(back);
  EXPECT_NEAR(again.lng, point.lng, 1e-10);
  EXPECT_NEAR(again.lat, point.lat, 1e-10);
}

TEST(DatumTest, RoundTripsOverChina) {
  std::mt19937 random(5);
  std::uniform_real_distribution<double> lng(73.7, 135.0);
  std::uniform_real_distribution<double> lat(3.9, 53.5);
  for (int i = 0; i < 20000; ++i) {
    Wgs84 point{lng(random), lat(random)};
    Gcj02 gcj = Wgs84ToGcj02(point);
    EXPECT_LT(std::hypot(gcj.lng - point.lng, gcj.lat - point.lat), 0.02);
    Wgs84 back = Gcj02ToWgs84(gcj);
    ASSERT_NEAR(back.lng, point.lng, 1e-9);
    ASSERT_NEAR(back.lat, point.lat, 1e-9);
    Gcj02 baidu_and_back = Bd09ToGcj02(Gcj02ToBd09(gcj));
    ASSERT_NEAR(baidu_and_back.lng, gcj.lng, 0.3 * kMetreInDegrees * 1.7);
    ASSERT_NEAR(baidu_and_back.lat, gcj.lat, 0.3 * kMetreInDegrees);
  }
}

TEST(DatumTest, OutsideTheBoxNothingMoves) {
  for (Wgs84 point :
       {Wgs84{2.3522, 48.8566}, Wgs84{-74.0, 40.7}, Wgs84{151.2, -33.9}, Wgs84{72.0, 30.0}, Wgs84{100.0, 0.8}}) {
    EXPECT_TRUE(OutsideChina(point.lng, point.lat));
    EXPECT_EQ(Wgs84ToGcj02(point).lng, point.lng);
    EXPECT_EQ(Gcj02ToWgs84({point.lng, point.lat}).lat, point.lat);
  }
  EXPECT_FALSE(OutsideChina(119.9225, 28.4569));
}

TEST(DatumTest, TheIterationEndsEverywhere) {
  std::mt19937 random(6);
  std::uniform_real_distribution<double> edge(-0.02, 0.02);
  for (int i = 0; i < 2000; ++i) {
    Wgs84 point = Gcj02ToWgs84({72.004 + edge(random), 0.8293 + edge(random)});
    EXPECT_NEAR(point.lng, 72.004, 0.1);
    EXPECT_NEAR(point.lat, 0.8293, 0.1);
  }
}

TEST(DatumTest, ToWgs84TakesOnlyDeclaredDatumsAndRealPlaces) {
  EXPECT_FALSE(ToWgs84(Datum::kUnknown, 119.9, 28.4).has_value());
  double nan = std::numeric_limits<double>::quiet_NaN();
  double inf = std::numeric_limits<double>::infinity();
  for (Datum datum : {Datum::kWgs84, Datum::kCgcs2000, Datum::kGcj02, Datum::kBd09}) {
    EXPECT_TRUE(ToWgs84(datum, 119.9, 28.4).has_value());
    for (auto [lng, lat] : {std::pair{nan, 28.4},
                            {119.9, nan},
                            {inf, 28.4},
                            {119.9, -inf},
                            {180.1, 28.4},
                            {-180.1, 28.4},
                            {119.9, 90.1},
                            {28.4, 119.9},
                            {0.0, 0.0}}) {
      EXPECT_FALSE(ToWgs84(datum, lng, lat).has_value()) << lng << "," << lat;
    }
  }
  EXPECT_EQ(ToWgs84(Datum::kCgcs2000, 119.9, 28.4)->lng, 119.9);
}

TEST(DatumTest, FromWgs84UndoesToWgs84) {
  for (Datum datum : {Datum::kWgs84, Datum::kCgcs2000, Datum::kGcj02, Datum::kBd09}) {
    Wgs84 here = ToWgs84(datum, 119.9225, 28.4569).value();
    LngLat back = FromWgs84(datum, here).value();
    EXPECT_NEAR(back.lng, 119.9225, 0.5 * kMetreInDegrees);
    EXPECT_NEAR(back.lat, 28.4569, 0.5 * kMetreInDegrees);
  }
  EXPECT_FALSE(FromWgs84(Datum::kUnknown, {119.9, 28.4}).has_value());
}

TEST(DatumTest, Names) {
  EXPECT_EQ(DatumFromName("WGS-84"), Datum::kWgs84);
  EXPECT_EQ(DatumFromName("gcj02"), Datum::kGcj02);
  EXPECT_EQ(DatumFromName("BD_09"), Datum::kBd09);
  EXPECT_EQ(DatumFromName("CGCS2000"), Datum::kCgcs2000);
  EXPECT_EQ(DatumFromName(""), Datum::kUnknown);
  EXPECT_EQ(DatumFromName("xian80"), std::nullopt);
}

}  // namespace
}  // namespace liandong::adapters
