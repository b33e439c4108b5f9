// Records as the log stores them, and bytes that are sealed.
#include "google/protobuf/text_format.h"
#include "hub/core/print.h"
#include "hub/log/records.h"
#include "routing/site.h"
#include "security/seal.h"
#include "tests/fuzz/small_site.h"
#include "tests/fuzz/target.h"
#include "tests/scenarios/world.h"

namespace liandong::fuzz {

FUZZ_SEEDS(log_batch) {
  scenarios::World world(SmallSite());
  core::ReportCommand report;
  report.report.set_external_id("J1");
  report.report.mutable_open()->set_purpose(v1::ACTUAL);
  report.report.mutable_open()->set_category("natural.flood");
  report.report.mutable_open()->set_division("339921100000");
  report.sealed = "sealed";
  report.content_mac = "mac";
  (void)world.Do(report, "police-110");
  world.RunTo(1'000'000);
  std::vector<std::string> seeds;
  log::BatchWriter whole;
  for (const v1::Record& record : world.records()) {
    log::BatchWriter one;
    one.Add(record);
    whole.Add(record);
    seeds.push_back(one.Take());
  }
  seeds.push_back(whole.Take());
  return seeds;
}
FUZZ_TARGET(log_batch) {
  static const auto& site = *new std::shared_ptr<const routing::Site>(routing::Site::CompileAdopted(SmallSite()));
  v1::Batch claims;
  (void)claims.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  log::CommittedBatch batch;
  batch.bytes = std::string(bytes);
  batch.first_index = claims.record_size() == 0 ? 1 : claims.record(0).index();
  batch.last_index = batch.first_index + static_cast<uint64_t>(claims.record_size()) - 1;
  const absl::StatusOr<v1::Batch> parsed = log::ParseBatch(batch);
  if (!parsed.ok()) {
    Expect(parsed.status().code() == absl::StatusCode::kDataLoss,
           "what is no batch is DataLoss: " + parsed.status().ToString());
    return;
  }
  uint64_t expected = batch.first_index;
  for (const v1::Record& record : parsed->record()) {
    Expect(record.index() == expected++, "records follow one another");
    (void)core::WhatToken(record);
    (void)core::InWords(record, nullptr);
    (void)core::InWords(record, site.get());
  }
}

FUZZ_SEEDS(sealed) {
  const std::string key(32, 'k');
  return {security::Seal(security::Suite::kInternational, key, "7", "personal"),
          security::Seal(security::Suite::kShangmi, key, "7", "personal")};
}
FUZZ_TARGET(sealed) {
  const std::string key(32, 'k');
  (void)security::SealedSuite(bytes);
  const absl::StatusOr<std::string> clear = security::Open(key, "7", bytes);
  if (clear.ok()) {
    Expect(*clear == "personal", "only what was sealed opens");
  } else {
    Expect(clear.status().code() == absl::StatusCode::kDataLoss, "what does not open is DataLoss");
  }
}

}  // namespace liandong::fuzz
