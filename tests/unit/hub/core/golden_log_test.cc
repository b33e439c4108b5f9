// The logs of this version must fold to the same State for ever: released record kinds and their Apply are frozen.
//
// testdata/log_*.bin are serialized v1::Batch, together with every record kind; log_*.sha256 is the hash of the State
// each folds to. When this test fails the code is wrong, not the file. A new record kind gets a new golden log beside
// these. (LIANDONG_WRITE_GOLDEN=NAME writes the files of one, as log_events, that was never released.)
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "gtest/gtest.h"
#include "hub/core/state.h"
#include "routing/load.h"
#include "security/crypto.h"
#include "tests/scenarios/script.h"

namespace liandong::core {
namespace {

constexpr char kFolder[] = "tests/unit/hub/core/testdata/";

std::string Read(const std::string& name) {
  std::ifstream file(kFolder + name, std::ios::binary);
  std::stringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

void Write(const std::string& name, const std::string& bytes) {
  std::ofstream(kFolder + name, std::ios::binary) << bytes;
}

State Fold(const v1::Batch& batch) {
  State state;
  for (const auto& record : batch.record()) state.Apply(record);
  return state;
}

// "log_v1", "log_events" ...
std::set<std::string> Names() {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".txt") names.insert(entry.path().stem());
  }
  return names;
}

void WriteGolden(const std::string& name) {
  auto site = routing::LoadSiteDir("deploy/county/site");
  ASSERT_TRUE(site.ok()) << std::string(site.status().message());
  for (auto& division : *site->site.mutable_division()) division.clear_outline();  // maps are of no weight here
  std::vector<v1::Record> records;
  const absl::Status played = scenarios::Play("golden", Read(name + ".txt"), site->site, &records);
  ASSERT_TRUE(played.ok()) << std::string(played.message());
  v1::Batch batch;
  batch.set_format(1);
  for (auto& record : records) *batch.add_record() = record;
  Write(name + ".bin", batch.SerializeAsString());
  Write(name + ".sha256", security::Hex(security::Sha256(Fold(batch).CanonicalBytes())) + "\n");
}

TEST(GoldenLog, FoldsToTheSameStateForEver) {
  if (const char* name = std::getenv("LIANDONG_WRITE_GOLDEN")) WriteGolden(name);
  for (const std::string& name : Names()) {
    v1::Batch batch;
    ASSERT_TRUE(batch.ParseFromString(Read(name + ".bin"))) << name;
    const State state = Fold(batch);
    EXPECT_TRUE(state.Check().ok()) << name << ": " << std::string(state.Check().message());
    EXPECT_EQ(security::Hex(security::Sha256(state.CanonicalBytes())) + "\n", Read(name + ".sha256")) << name;
  }
}

TEST(GoldenLog, HoldsEveryRecordKind) {
  std::set<int> seen;
  for (const std::string& name : Names()) {
    v1::Batch batch;
    ASSERT_TRUE(batch.ParseFromString(Read(name + ".bin"))) << name;
    for (const auto& record : batch.record()) seen.insert(record.what_case());
  }
  const auto* kinds = v1::Record::descriptor()->oneof_decl(0);
  for (int i = 0; i < kinds->field_count(); ++i) {
    EXPECT_TRUE(seen.count(kinds->field(i)->number())) << kinds->field(i)->name() << " is in no golden log";
  }
}

}  // namespace
}  // namespace liandong::core
