// The report that a hub gets in every measurement: course.h's work, as the hub's message.
#ifndef LIANDONG_TESTS_BENCH_WORK_H_
#define LIANDONG_TESTS_BENCH_WORK_H_

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "liandong/v1/intake.pb.h"
#include "tests/bench/course.h"

namespace liandong::bench {

// `number` chooses the kind, and with it the three agencies.
inline v1::Report MakeReport(const std::string& external_id, size_t number, std::string body) {
  v1::Report report;
  report.set_external_id(external_id);
  report.mutable_open()->set_purpose(v1::ACTUAL);
  report.mutable_open()->set_category(absl::StrCat("natural.k", number % kKinds));
  report.mutable_open()->set_severity(v1::GENERAL);
  report.mutable_open()->set_division("339921100000");
  report.mutable_open()->set_danger_to_life(v1::NO);
  report.mutable_sealed()->set_description(std::move(body));
  return report;
}

}  // namespace liandong::bench

#endif  // LIANDONG_TESTS_BENCH_WORK_H_
