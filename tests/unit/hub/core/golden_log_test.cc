// The log of this version must fold to the same State for ever: released record kinds and their Apply are frozen.
//
// testdata/<name>.bin is a serialized v1::Batch, together they hold every record kind; <name>.sha256 is the hash of the
// State it folds to. When this test fails the code is wrong, not the file. A new record kind gets a new golden log
// beside these. (LIANDONG_WRITE_GOLDEN=<name>, or 1 for all, writes the files of a version that was never released.)
#include <cstdlib>
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

const std::string kLogs[] = {"log_v1", "log_v1_screens"};
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
  const char* write = std::getenv("LIANDONG_WRITE_GOLDEN");
  for (const std::string& name : kLogs) {
    if (write != nullptr && (name == write || std::string(write) == "1")) WriteGolden(name);
    v1::Batch batch;
    ASSERT_TRUE(batch.ParseFromString(Read(name + ".bin")));
    const State state = Fold(batch);
    EXPECT_TRUE(state.Check().ok()) << std::string(state.Check().message());
    EXPECT_EQ(security::Hex(security::Sha256(state.CanonicalBytes())) + "\n", Read(name + ".sha256")) << name;
  }
}

TEST(GoldenLog, HoldsEveryRecordKind) {
  std::set<int> seen;
  for (const std::string& name : kLogs) {
    v1::Batch batch;
    ASSERT_TRUE(batch.ParseFromString(Read(name + ".bin")));
    for (const auto& record : batch.record()) seen.insert(record.what_case());
  }
  const auto* kinds = v1::Record::descriptor()->oneof_decl(0);
  for (int i = 0; i < kinds->field_count(); ++i) {
    EXPECT_TRUE(seen.count(kinds->field(i)->number())) << kinds->field(i)->name() << " is not in the golden log";
  }
}

}  // namespace
}  // namespace liandong::core
