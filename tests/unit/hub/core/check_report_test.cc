#include <cmath>
#include <functional>
#include <limits>

#include "gtest/gtest.h"
#include "hub/core/decide.h"
#include "hub/core/errors.h"
#include "hub/core/limits.h"

namespace liandong::core {
namespace {

v1::Report Good() {
  v1::Report report;
  report.set_external_id("JJD-1");
  report.mutable_open()->set_purpose(v1::ACTUAL);
  report.mutable_open()->set_division("339921100203");
  return report;
}

TEST(CheckReport, TakesAMinimalReport) { EXPECT_TRUE(CheckReport(Good()).ok()); }

TEST(CheckReport, EveryBoundHasItsReason) {
  struct Case {
    const char* what;
    const char* reason;
    std::function<void(v1::Report&)> spoil;
  };
  const Case cases[] = {
      {"no id", "BAD_FIELD", [](auto& r) { r.clear_external_id(); }},
      {"long id", "TOO_LARGE", [](auto& r) { r.set_external_id(std::string(limits::kExternalIdBytes + 1, 'x')); }},
      {"no purpose", "BAD_FIELD", [](auto& r) { r.mutable_open()->clear_purpose(); }},
      {"unknown purpose", "BAD_FIELD", [](auto& r) { r.mutable_open()->set_purpose(static_cast<v1::Purpose>(9)); }},
      {"unknown severity", "BAD_FIELD", [](auto& r) { r.mutable_open()->set_severity(static_cast<v1::Severity>(77)); }},
      {"short division", "BAD_FIELD", [](auto& r) { r.mutable_open()->set_division("339921"); }},
      {"letters in the division", "BAD_FIELD", [](auto& r) { r.mutable_open()->set_division("33992110000x"); }},
      {"negative time", "BAD_FIELD", [](auto& r) { r.mutable_open()->set_reported_at_ms(-1); }},
      {"long text", "TOO_LARGE",
       [](auto& r) { r.mutable_sealed()->set_description(std::string(limits::kTextBytes + 1, 'x')); }},
      {"long name", "TOO_LARGE",
       [](auto& r) { r.mutable_sealed()->set_caller_name(std::string(limits::kShortTextBytes + 1, 'x')); }},
      {"many details", "TOO_LARGE",
       [](auto& r) {
         for (int i = 0; i <= limits::kDetails; ++i) r.mutable_sealed()->add_details();
       }},
      {"many references", "TOO_LARGE",
       [](auto& r) {
         for (int i = 0; i <= limits::kReferences; ++i) {
           r.mutable_open()->add_references()->set_party("p");
           r.mutable_open()->mutable_references(i)->set_external_id("x");
         }
       }},
      {"half a reference", "BAD_FIELD", [](auto& r) { r.mutable_open()->add_references()->set_party("p"); }},
      {"no number", "BAD_FIELD", [](auto& r) { r.mutable_sealed()->mutable_point()->set_lat(std::nan("")); }},
      {"exchanged coordinates", "BAD_FIELD",
       [](auto& r) {
         r.mutable_sealed()->mutable_point()->set_has_wgs84(true);
         r.mutable_sealed()->mutable_point()->set_lat(119.5);
         r.mutable_sealed()->mutable_point()->set_lng(28.5);
       }},
  };
  for (const Case& one : cases) {
    v1::Report report = Good();
    one.spoil(report);
    const absl::Status status = CheckReport(report);
    ASSERT_FALSE(status.ok()) << one.what;
    EXPECT_EQ(DetailOf(status).reason(), one.reason) << one.what;
    EXPECT_FALSE(DetailOf(status).message_zh().empty()) << one.what;
    EXPECT_FALSE(DetailOf(status).retry()) << one.what;
  }
}

TEST(Normalize, TheVillageIsPersonalAndGoesToTheSealedPart) {
  v1::Report report = Good();
  Normalize(&report);
  EXPECT_EQ(report.open().division(), "339921100000");
  EXPECT_EQ(report.sealed().village(), "339921100203");
  const std::string once = report.SerializeAsString();
  Normalize(&report);
  EXPECT_EQ(report.SerializeAsString(), once);
}

}  // namespace
}  // namespace liandong::core
