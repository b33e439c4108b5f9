// A key store is read without a change: the same keys, the same errors, the same bytes on disk.
#include "security/key_reader.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "security/vault.h"
#include "tests/unit/security/temporary_folder.h"

namespace liandong::security {
namespace {

class KeyReaderTest : public testing::Test {
 protected:
  KeyReaderTest() {
    auto vault = OpenVault();
    for (int i = 0; i < 3; ++i) {
      const auto id = vault->TakeFreshKey();
      EXPECT_TRUE(id.ok());
      keys_[*id] = *vault->Key(*id);
    }
    erased_ = keys_.begin()->first;
    EXPECT_TRUE(vault->Destroy(erased_).ok());
  }

  std::unique_ptr<Vault> OpenVault() {
    auto provider = FileKeyProvider::Open(folder_ / "master.key", Suite::kInternational);
    EXPECT_TRUE(provider.ok());
    auto vault = Vault::Open(folder_ / "keys.db", *std::move(provider), 0);
    EXPECT_TRUE(vault.ok()) << vault.status();
    return *std::move(vault);
  }
  std::string Bytes() const {
    std::ifstream file(folder_ / "keys.db", std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  TemporaryFolder folder_;
  std::map<uint64_t, std::string> keys_;
  uint64_t erased_ = 0;
};

TEST_F(KeyReaderTest, GivesTheKeysThatTheVaultGave) {
  const std::string before = Bytes();
  auto reader = KeyReader::Open(folder_ / "keys.db", folder_ / "master.key");
  ASSERT_TRUE(reader.ok()) << reader.status();
  for (const auto& [id, key] : keys_) {
    const auto read = (*reader)->Key(id);
    if (id == erased_) {
      EXPECT_TRUE(absl::IsFailedPrecondition(read.status())) << read.status();
    } else {
      ASSERT_TRUE(read.ok()) << read.status();
      EXPECT_EQ(*read, key);
    }
  }
  EXPECT_TRUE(absl::IsNotFound((*reader)->Key(uint64_t{1} << 40).status()));
  reader->reset();
  EXPECT_EQ(Bytes(), before);
}

TEST_F(KeyReaderTest, AnotherMasterKeyOpensNothing) {
  ASSERT_TRUE(ReadOrCreateKeyFile(folder_ / "other.key").ok());
  auto reader = KeyReader::Open(folder_ / "keys.db", folder_ / "other.key");
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_TRUE(absl::IsDataLoss((*reader)->Key(keys_.rbegin()->first).status()));
}

TEST_F(KeyReaderTest, MakesNoFiles) {
  EXPECT_TRUE(absl::IsNotFound(KeyReader::Open(folder_ / "keys.db", folder_ / "none.key").status()));
  EXPECT_TRUE(absl::IsNotFound(KeyReader::Open(folder_ / "none.db", folder_ / "master.key").status()));
  EXPECT_FALSE(std::ifstream(folder_ / "none.key").good());
  EXPECT_FALSE(std::ifstream(folder_ / "none.db").good());
}

// While the hub runs its key store is its own.
TEST_F(KeyReaderTest, AStoreInUseIsLeftAlone) {
  auto vault = OpenVault();
  auto reader = KeyReader::Open(folder_ / "keys.db", folder_ / "master.key");
  const absl::Status status = reader.ok() ? (*reader)->Key(keys_.rbegin()->first).status() : reader.status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
}

}  // namespace
}  // namespace liandong::security
