// Two nodes with one master key: whoever hands keys out, no id is handed out twice, and each opens what the other
// sealed.
#include "security/key_copy.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "security/vault.h"
#include "tests/unit/security/temporary_folder.h"

namespace liandong::security {
namespace {

struct Batch {
  uint64_t after_id, first_id;
  std::vector<std::string> wrapped;
};

class KeyCopyTest : public testing::Test {
 protected:
  std::shared_ptr<KeyProvider> Provider(const std::string& file = "master.key") {
    return *FileKeyProvider::Open(folder_ / file, Suite::kInternational);
  }
  std::unique_ptr<Vault> Lead(const std::string& node, uint64_t first_unused_id) {
    VaultOptions options;
    options.batch_keys = 4;
    options.share = [this](uint64_t after_id, uint64_t first_id, const std::vector<std::string>& wrapped) {
      shared_.push_back({after_id, first_id, wrapped});
      return absl::OkStatus();
    };
    auto vault = Vault::Open(folder_ / node, Provider(), first_unused_id, options);
    EXPECT_TRUE(vault.ok()) << vault.status();
    return vault.ok() ? *std::move(vault) : nullptr;
  }
  void Follow(const std::string& node) {
    auto copy = KeyCopy::Open(folder_ / node, Provider());
    ASSERT_TRUE(copy.ok()) << copy.status();
    for (const Batch& batch : shared_) {
      EXPECT_LE(batch.after_id, (*copy)->highest_id()) << "no batch is missing before it";
      ASSERT_TRUE((*copy)->Add(batch.first_id, batch.wrapped).ok());
    }
  }

  TemporaryFolder folder_;
  std::vector<Batch> shared_;
};

TEST_F(KeyCopyTest, NodesInTurnNeverHandOutAnIdTwice) {
  std::set<uint64_t> ids;
  std::vector<std::string> keys = {""};
  uint64_t last = 0;
  for (int turn = 0; turn < 6; ++turn) {
    const std::string node = turn % 2 == 0 ? "one.db" : "two.db";
    Follow(node);
    auto vault = Lead(node, last + 1);
    ASSERT_NE(vault, nullptr);
    for (int i = 0; i < 3 + turn; ++i) {
      last = *vault->TakeFreshKey();
      EXPECT_TRUE(ids.insert(last).second) << last;
      keys.resize(last + 1);
      keys[last] = *vault->Key(last);
    }
    for (const uint64_t id : ids) EXPECT_EQ(*vault->Key(id), keys[id]) << id;
  }  // a clean stop each time, which notes where it left off: worth nothing once the other one has led
}

TEST_F(KeyCopyTest, NothingIsHandedOutThatWasNotShared) {
  VaultOptions options;
  options.share = [](uint64_t, uint64_t, const std::vector<std::string>&) { return absl::UnavailableError("nobody"); };
  EXPECT_FALSE(Vault::Open(folder_ / "one.db", Provider(), 0, options).ok());
  const auto vault = Lead("one.db", 0);
  ASSERT_NE(vault, nullptr);
  EXPECT_EQ(*vault->TakeFreshKey(), 1u) << "the batch that was refused is not there";
}

TEST_F(KeyCopyTest, ADestroyedKeyDoesNotComeBack) {
  {
    const auto vault = Lead("one.db", 0);
    ASSERT_NE(vault, nullptr);
    EXPECT_EQ(*vault->TakeFreshKey(), 1u);
    EXPECT_EQ(*vault->TakeFreshKey(), 2u);
    EXPECT_TRUE(vault->Destroy(1).ok());
  }
  Follow("two.db");
  {
    auto copy = KeyCopy::Open(folder_ / "two.db", Provider());
    ASSERT_TRUE(copy.ok()) << copy.status();
    EXPECT_EQ((*copy)->LiveKeys(1, 2)->size(), 2u) << "a node that has not heard of it yet";
    EXPECT_TRUE((*copy)->DestroyAll({1}).ok());
    EXPECT_EQ(*(*copy)->LiveKeys(1, 2), std::vector<uint64_t>{2});
  }
  Follow("two.db");  // the same batches once more
  const auto vault = Lead("two.db", 3);
  ASSERT_NE(vault, nullptr);
  EXPECT_TRUE(absl::IsFailedPrecondition(vault->Key(1).status())) << vault->Key(1).status();
  EXPECT_TRUE(vault->Key(2).ok());
}

TEST_F(KeyCopyTest, AnotherMasterKeyIsTold) {
  auto vault = Lead("one.db", 0);
  ASSERT_FALSE(shared_.empty());
  auto copy = KeyCopy::Open(folder_ / "two.db", Provider("other.key"));
  ASSERT_TRUE(copy.ok()) << copy.status();
  EXPECT_TRUE(absl::IsDataLoss((*copy)->Add(shared_[0].first_id, shared_[0].wrapped)));
  EXPECT_EQ((*copy)->highest_id(), 0u);
}

}  // namespace
}  // namespace liandong::security
