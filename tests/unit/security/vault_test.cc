#include "security/vault.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/unit/security/temporary_folder.h"

namespace liandong::security {
namespace {

// Remembers what it wrapped, so that a test can look for those bytes on disk; fails when told to.
class WatchedProvider : public KeyProvider {
 public:
  explicit WatchedProvider(std::unique_ptr<KeyProvider> real) : real_(std::move(real)) {}

  std::string Name() const override { return real_->Name(); }
  absl::StatusOr<std::string> Wrap(std::string_view aad, std::string_view data_key) override {
    if (failing) return absl::UnavailableError("the key device is away");
    auto wrapped = real_->Wrap(aad, data_key);
    const std::lock_guard lock(mutex_);
    if (wrapped.ok()) wrapped_[std::string(aad)] = *wrapped;
    return wrapped;
  }
  absl::StatusOr<std::string> Unwrap(std::string_view aad, std::string_view wrapped) override {
    ++unwraps;
    return real_->Unwrap(aad, wrapped);
  }
  std::string WrappedOf(uint64_t id) {
    const std::lock_guard lock(mutex_);
    return wrapped_["liandong vault key " + std::to_string(id)];
  }

  std::atomic<bool> failing = false;
  std::atomic<int> unwraps = 0;

 private:
  const std::unique_ptr<KeyProvider> real_;
  std::mutex mutex_;
  std::map<std::string, std::string> wrapped_;
};

class VaultTest : public testing::Test {
 protected:
  std::shared_ptr<WatchedProvider> Provider(const std::string& key_file = "master.key",
                                            Suite suite = Suite::kInternational) {
    auto real = FileKeyProvider::Open(folder_ / key_file, suite);
    EXPECT_TRUE(real.ok()) << real.status();
    return std::make_shared<WatchedProvider>(*std::move(real));
  }
  std::unique_ptr<Vault> OpenVault(uint64_t first_unused_id, VaultOptions options = {.batch_keys = 16}) {
    auto vault = Vault::Open(path_, provider_, first_unused_id, options);
    EXPECT_TRUE(vault.ok()) << vault.status();
    return vault.ok() ? *std::move(vault) : nullptr;
  }
  std::vector<uint64_t> Take(Vault& vault, int count) {
    std::vector<uint64_t> ids;
    for (int i = 0; i < count; ++i) ids.push_back(vault.TakeFreshKey().value());
    return ids;
  }
  bool OnDisk(const std::string& bytes) {
    EXPECT_FALSE(bytes.empty());
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
      if (Slurp(entry.path()).find(bytes) != std::string::npos) return true;
    }
    return false;
  }

  const TemporaryFolder folder_;
  const std::string path_ = folder_ / "vault.db";
  std::shared_ptr<WatchedProvider> provider_ = Provider();
};

TEST_F(VaultTest, IdsRiseFromOneAcrossBatchesAndEachHasAKeyOfItsOwn) {
  const auto vault = OpenVault(0);
  std::set<std::string> keys;
  uint64_t last = 0;
  for (int i = 0; i < 100; ++i) {
    const uint64_t id = vault->TakeFreshKey().value();
    EXPECT_GT(id, last);
    last = id;
    const auto key = vault->Key(id);
    ASSERT_TRUE(key.ok()) << key.status();
    EXPECT_EQ(key->size(), kKeyBytes);
    EXPECT_TRUE(keys.insert(*key).second);
  }
  EXPECT_EQ(last, 100u) << "without a crash there is no gap";
}

TEST_F(VaultTest, ACleanStopLeavesNoGapAndKeysStay) {
  std::map<uint64_t, std::string> keys;
  uint64_t next = 1;
  for (int run = 0; run < 3; ++run) {
    const auto vault = OpenVault(next);
    for (const auto& [id, key] : keys) EXPECT_EQ(*vault->Key(id), key);
    for (const uint64_t id : Take(*vault, 10)) {
      EXPECT_EQ(id, next++);
      keys[id] = *vault->Key(id);
    }
  }
}

// The ids and keys that a process handed out before it was killed, told through a pipe.
std::vector<std::pair<uint64_t, std::string>> TakeInAProcessThatIsKilled(const std::string& path,
                                                                         std::shared_ptr<KeyProvider> provider,
                                                                         uint64_t first_unused, int count) {
  int pipe_ends[2];
  if (pipe(pipe_ends) != 0) return {};
  const pid_t child = fork();
  if (child == 0) {
    auto vault = Vault::Open(path, provider, first_unused, {.batch_keys = 16});
    for (int i = 0; vault.ok() && i < count; ++i) {
      const auto id = (*vault)->TakeFreshKey();
      const auto key = (*vault)->Key(*id);
      if (write(pipe_ends[1], &*id, sizeof *id) < 0 || write(pipe_ends[1], key->data(), kKeyBytes) < 0) _exit(1);
    }
    kill(getpid(), SIGKILL);
  }
  close(pipe_ends[1]);
  std::vector<std::pair<uint64_t, std::string>> taken;
  uint64_t id = 0;
  std::string key(kKeyBytes, '\0');
  while (read(pipe_ends[0], &id, sizeof id) == static_cast<ssize_t>(sizeof id) &&
         read(pipe_ends[0], key.data(), kKeyBytes) == static_cast<ssize_t>(kKeyBytes)) {
    taken.emplace_back(id, key);
  }
  close(pipe_ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status));
  return taken;
}

TEST_F(VaultTest, AKilledProcessLosesNoKeyAndNoIdIsHandedOutTwice) {
  std::map<uint64_t, std::string> all;
  for (int run = 0; run < 4; ++run) {
    // The log knows less than what was handed out: the last ids were lost with the process.
    const uint64_t first_unused = all.size() < 5 ? 1 : all.rbegin()->first - 4;
    const auto taken = TakeInAProcessThatIsKilled(path_, provider_, first_unused, 21);
    ASSERT_EQ(taken.size(), 21u);
    for (const auto& [id, key] : taken) {
      EXPECT_TRUE(all.empty() || id > all.rbegin()->first) << id;
      all[id] = key;
    }
  }
  const auto vault = OpenVault(all.rbegin()->first + 1);
  for (const auto& [id, key] : all) EXPECT_EQ(*vault->Key(id), key) << id;
  EXPECT_GT(vault->TakeFreshKey().value(), all.rbegin()->first);
}

TEST_F(VaultTest, TheLogsWordCountsAboveTheCleanStop) {
  { OpenVault(1); }
  const auto vault = OpenVault(8);
  EXPECT_EQ(vault->TakeFreshKey().value(), 8u);
}

TEST_F(VaultTest, ALostKeyStoreIsFoundOutUnlessAccepted) {
  { OpenVault(1); }
  const auto refused = Vault::Open(path_, provider_, 1000, {.batch_keys = 16});
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_NE(refused.status().message().find(path_), std::string::npos) << refused.status();
  const auto vault = OpenVault(1000, {.batch_keys = 16, .accept_lost_keys = true});
  EXPECT_EQ(vault->TakeFreshKey().value(), 1000u);
  EXPECT_EQ(vault->Key(999).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(VaultTest, AnotherMasterKeyIsFoundOutAtOnce) {
  { Take(*OpenVault(1), 3); }
  const auto refused = Vault::Open(path_, Provider("other.key"), 4);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_NE(refused.status().message().find("other.key"), std::string::npos) << refused.status();
}

TEST_F(VaultTest, ASiteMayChangeItsSuite) {
  std::string key;
  {
    const auto vault = OpenVault(1);
    key = *vault->Key(vault->TakeFreshKey().value());
  }
  provider_ = Provider("master.key", Suite::kShangmi);
  const auto vault = OpenVault(2);
  EXPECT_EQ(*vault->Key(1), key);
  for (const uint64_t id : Take(*vault, 40)) EXPECT_TRUE(vault->Key(id).ok());
}

TEST_F(VaultTest, UnknownIdsAreNotFound) {
  const auto vault = OpenVault(1);
  EXPECT_EQ(vault->Key(0).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(vault->Key(1).status().code(), absl::StatusCode::kNotFound) << "made ahead is not handed out";
  EXPECT_EQ(vault->Key(1'000'000).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(vault->Destroy(1).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(vault->Destroy(0).code(), absl::StatusCode::kNotFound);
}

TEST_F(VaultTest, ADestroyedKeyIsNowhereOnDisk) {
  std::vector<uint64_t> destroyed;
  std::vector<uint64_t> kept;
  {
    const auto vault = OpenVault(1);
    for (const uint64_t id : Take(*vault, 200)) (id % 3 == 0 ? destroyed : kept).push_back(id);
    for (const uint64_t id : destroyed) ASSERT_TRUE(OnDisk(provider_->WrappedOf(id))) << "the test looks at nothing";
    ASSERT_TRUE(vault->Destroy(destroyed[0]).ok());
    EXPECT_FALSE(OnDisk(provider_->WrappedOf(destroyed[0])));
    ASSERT_TRUE(vault->DestroyAll(destroyed).ok());
    for (const uint64_t id : destroyed) EXPECT_FALSE(OnDisk(provider_->WrappedOf(id))) << id;
    for (const uint64_t id : kept) EXPECT_TRUE(OnDisk(provider_->WrappedOf(id))) << id;
    // Also what is written later must not bring stale copies of pages back.
    Take(*vault, 200);
    for (const uint64_t id : destroyed) EXPECT_FALSE(OnDisk(provider_->WrappedOf(id))) << id;
    EXPECT_EQ(vault->Key(destroyed[0]).status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_TRUE(vault->Destroy(destroyed[0]).ok()) << "again is fine";
  }
  const auto vault = OpenVault(401);
  for (const uint64_t id : destroyed) {
    EXPECT_FALSE(OnDisk(provider_->WrappedOf(id))) << id;
    EXPECT_EQ(vault->Key(id).status().code(), absl::StatusCode::kFailedPrecondition);
  }
  for (const uint64_t id : kept) EXPECT_TRUE(vault->Key(id).ok()) << id;
}

TEST_F(VaultTest, DestroyingManyIsAllOrNothing) {
  const auto vault = OpenVault(1);
  Take(*vault, 3);
  EXPECT_EQ(vault->DestroyAll({1, 2, 999}).code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(vault->Key(1).ok());
  EXPECT_TRUE(vault->DestroyAll({}).ok());
  EXPECT_EQ(*vault->LiveKeys(1, 3), (std::vector<uint64_t>{1, 2, 3}));
  EXPECT_TRUE(vault->DestroyAll({1, 2}).ok());
  EXPECT_EQ(*vault->LiveKeys(1, 3), (std::vector<uint64_t>{3}));
  EXPECT_EQ(*vault->LiveKeys(1, 2), (std::vector<uint64_t>{}));
  EXPECT_FALSE(vault->Key(1).ok());
  EXPECT_TRUE(vault->Key(3).ok());
}

TEST_F(VaultTest, NoClearKeyIsEverWritten) {
  const auto vault = OpenVault(1);
  for (const uint64_t id : Take(*vault, 50)) EXPECT_FALSE(OnDisk(*vault->Key(id)));
}

TEST_F(VaultTest, FilesAreForTheOwnerOnly) {
  const auto vault = OpenVault(1);
  Take(*vault, 20);
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
    EXPECT_EQ(ModeOf(entry.path()), 0600u) << entry.path();
  }
}

TEST_F(VaultTest, AFileOpenToOthersIsRefused) {
  { OpenVault(1); }
  ASSERT_EQ(chmod(path_.c_str(), 0640), 0);
  EXPECT_EQ(Vault::Open(path_, provider_, 1).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(VaultTest, OneProcessAtATime) {
  const auto vault = OpenVault(1);
  EXPECT_EQ(Vault::Open(path_, provider_, 1).status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(VaultTest, WhatIsNoKeyStoreIsSaidSo) {
  Spill(path_, std::string(8192, 'x'));
  ASSERT_EQ(chmod(path_.c_str(), 0600), 0);
  EXPECT_EQ(Vault::Open(path_, provider_, 1).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(Vault::Open(folder_ / "no/such/folder/v.db", provider_, 1).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Vault::Open(folder_ / "v.db", provider_, 1, {.batch_keys = 1}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(VaultTest, TheCacheIsBoundedAndKnowsWhatItHolds) {
  const auto vault = OpenVault(1, {.batch_keys = 16, .cached_keys = 2});
  Take(*vault, 3);
  provider_->unwraps = 0;
  ASSERT_TRUE(vault->Key(3).ok());
  ASSERT_TRUE(vault->Key(2).ok());
  EXPECT_EQ(provider_->unwraps, 0) << "the two latest are in memory";
  ASSERT_TRUE(vault->Key(1).ok());
  EXPECT_EQ(provider_->unwraps, 1);
  ASSERT_TRUE(vault->Key(2).ok());
  EXPECT_EQ(provider_->unwraps, 1) << "3 was used longest ago and had to go";
  ASSERT_TRUE(vault->Key(3).ok());
  EXPECT_EQ(provider_->unwraps, 2);
}

TEST_F(VaultTest, WhenNoKeyCanBeMadeTheTakerHearsItAndLaterItWorksAgain) {
  const auto vault = OpenVault(1);
  provider_->failing = true;
  absl::StatusOr<uint64_t> id;
  for (int i = 0; i < 100; ++i) {
    id = vault->TakeFreshKey();
    if (!id.ok()) break;
  }
  EXPECT_EQ(id.status().code(), absl::StatusCode::kUnavailable) << id.status();
  provider_->failing = false;
  for (int i = 0; i < 60'000 && vault->ReadyKeys() == 0; ++i) usleep(1000);
  EXPECT_TRUE(vault->TakeFreshKey().ok());
}

TEST_F(VaultTest, WhatWasSharedAndCannotBeWrittenHereIsNeverOtherKeys) {
  signal(SIGXFSZ, SIG_IGN);
  std::mutex mutex;
  std::set<uint64_t> shared;
  uint64_t kept = 0;
  bool full = false;
  VaultOptions options{.batch_keys = 16};
  options.share = [&](uint64_t, uint64_t first_id, const std::vector<std::string>& wrapped) {
    const std::lock_guard lock(mutex);
    for (size_t i = 0; i < wrapped.size(); ++i) {
      EXPECT_TRUE(shared.insert(first_id + i).second) << "other nodes have another key " << first_id + i;
    }
    const rlimit limit = {full ? 4096 : RLIM_INFINITY, RLIM_INFINITY};  // no file grows beyond it
    EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
    return absl::OkStatus();
  };
  options.kept = [&](uint64_t last_id) {
    const std::lock_guard lock(mutex);
    kept = last_id;
  };
  const auto vault = OpenVault(1, options);
  EXPECT_EQ(kept, 16u);
  {
    const std::lock_guard lock(mutex);
    full = true;
  }
  absl::StatusOr<uint64_t> id;
  uint64_t last = 0;
  for (int i = 0; i < 100; ++i) {
    id = vault->TakeFreshKey();
    if (!id.ok()) break;
    last = *id;
  }
  EXPECT_FALSE(id.ok()) << "the batch could not be written";
  {
    const std::lock_guard lock(mutex);
    full = false;
    EXPECT_GT(*shared.rbegin(), kept);
  }
  for (int i = 0; i < 60'000 && vault->ReadyKeys() == 0; ++i) usleep(1000);
  EXPECT_GT(vault->TakeFreshKey().value_or(0), last);
  const std::lock_guard lock(mutex);
  EXPECT_EQ(kept, *shared.rbegin());
}

TEST_F(VaultTest, ManyThreadsTakeReadAndDestroy) {
  const auto vault = OpenVault(1, {.batch_keys = 64, .cached_keys = 8});
  std::mutex mutex;
  std::set<uint64_t> all;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; ++i) {
        const uint64_t id = vault->TakeFreshKey().value();
        const std::string key = vault->Key(id).value();
        if (i % 20 == t) {
          EXPECT_TRUE(vault->Destroy(id).ok());
        }
        EXPECT_EQ(vault->Key(id).ok(), i % 20 != t);
        const std::lock_guard lock(mutex);
        EXPECT_TRUE(all.insert(id).second) << id;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(all.size(), 800u);
}

TEST(KeyFile, IsMadeOncePrivateAndOf32Bytes) {
  const TemporaryFolder folder;
  const auto key = ReadOrCreateKeyFile(folder / "k");
  ASSERT_TRUE(key.ok()) << key.status();
  EXPECT_EQ(key->size(), 32u);
  EXPECT_EQ(ModeOf(folder / "k"), 0600u);
  EXPECT_EQ(*ReadOrCreateKeyFile(folder / "k"), *key);
}

TEST(KeyFile, OpenToOthersOrOfAnotherLengthIsRefused) {
  const TemporaryFolder folder;
  ASSERT_TRUE(ReadOrCreateKeyFile(folder / "k").ok());
  ASSERT_EQ(chmod((folder / "k").c_str(), 0644), 0);
  const auto open = ReadOrCreateKeyFile(folder / "k");
  EXPECT_EQ(open.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(open.status().message().find("chmod 600"), std::string::npos) << open.status();
  for (const size_t size : {size_t{0}, size_t{31}, size_t{33}}) {
    Spill(folder / "k", std::string(size, 'k'));
    ASSERT_EQ(chmod((folder / "k").c_str(), 0600), 0);
    EXPECT_EQ(ReadOrCreateKeyFile(folder / "k").status().code(), absl::StatusCode::kDataLoss) << size;
  }
}

TEST(KeyFile, TheNameTellsKeysApartAndNothingElse) {
  const TemporaryFolder folder;
  const auto a = FileKeyProvider::Open(folder / "a", Suite::kInternational);
  const auto b = FileKeyProvider::Open(folder / "b", Suite::kInternational);
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_NE((*a)->Name().substr((folder / "a").size()), (*b)->Name().substr((folder / "b").size()));
  EXPECT_EQ((*a)->Name().find(Hex(Slurp(folder / "a")).substr(0, 8)), std::string::npos);
}

}  // namespace
}  // namespace liandong::security
