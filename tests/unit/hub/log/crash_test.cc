// What a kill, a torn WAL, a full disk and a failing sync leave behind. The log runs in a child process; what it was
// told to be durable comes back through a pipe.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include "hub/log/chain_check.h"
#include "hub/log/sqlite_log.h"
#include "tests/unit/hub/log/failing_sync.h"
#include "tests/unit/hub/log/log_testing.h"

namespace liandong::log {
namespace {

// Runs `work` in a child with the writing end of a pipe; its result is the exit code.
class Child {
 public:
  explicit Child(const std::function<int(int pipe)>& work) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) ADD_FAILURE() << "no pipe";
    pid_ = fork();
    if (pid_ == 0) {
      close(ends[0]);
      _exit(work(ends[1]));
    }
    close(ends[1]);
    pipe_ = ends[0];
  }
  ~Child() {
    if (pid_ > 0) Kill();
    close(pipe_);
  }
  // The next number that the child wrote; 0 at the end.
  uint64_t Next() {
    uint64_t number = 0;
    return read(pipe_, &number, sizeof number) == sizeof number ? number : 0;
  }
  void Kill() {
    kill(pid_, SIGKILL);
    Wait();
  }
  int Wait() {
    int result = 0;
    waitpid(pid_, &result, 0);
    pid_ = 0;
    return WIFEXITED(result) ? WEXITSTATUS(result) : -1;
  }

 private:
  pid_t pid_ = 0;
  int pipe_ = -1;
};

void Tell(int pipe, uint64_t number) {
  if (write(pipe, &number, sizeof number) != sizeof number) _exit(99);
}

size_t PaddingOf(uint64_t index) { return index % 7 * 900; }

void ExpectWholeUpTo(const std::string& folder, uint64_t acknowledged) {
  const auto log = OpenLog(folder);
  ASSERT_NE(log, nullptr);
  EXPECT_GE(log->last_index(), acknowledged);
  uint64_t next = 1;
  const auto status = log->Read(0, "", [&](const CommittedBatch& batch) {
    EXPECT_EQ(batch.first_index, next);
    EXPECT_EQ(batch.bytes, BatchBytes(next, next, PaddingOf(next)));
    next = batch.last_index + 1;
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(next, log->last_index() + 1);
  EXPECT_TRUE(VerifyChain(folder).ok());
}

// Appends until `stop` says so or an append fails; the number of batches that were acknowledged.
uint64_t AppendUntil(SqliteLog& log, const std::function<bool(uint64_t acknowledged)>& stop,
                     const std::function<void(uint64_t index)>& acknowledged) {
  std::atomic<uint64_t> answered = log.last_index();
  std::atomic<uint64_t> good = log.last_index();
  constexpr uint64_t kUnderWay = 16;
  for (uint64_t index = answered + 1; log.status().ok() && !stop(good); ++index) {
    log.Append(index, index, BatchBytes(index, index, PaddingOf(index)),
               [&, index](const absl::Status& status, std::string_view) {
                 if (status.ok()) {
                   good = index;
                   if (acknowledged) acknowledged(index);
                 }
                 ++answered;
                 answered.notify_one();
               });
    for (uint64_t now = answered; index - now > kUnderWay; now = answered) answered.wait(now);
    if (index > good + 10'000) break;
  }
  // Whatever is under way refers to this frame.
  const uint64_t last = log.last_index();
  Answers answers;
  log.Append(last + 1'000'000'000, last, "", answers.Expect(1));
  answers.WaitForCount(1);
  return good;
}

TEST(Crash, EverythingAcknowledgedIsThereAfterAKill) {
  TempFolder folder;
  uint64_t acknowledged = 0;
  // Enough rounds that some kills hit a checkpoint; each goes on where the one before was killed.
  for (int round = 0; round < 12; ++round) {
    Child child([&](int pipe) {
      SqliteLogOptions options;
      options.data_dir = folder.path();
      auto log = SqliteLog::Open(options);
      if (!log.ok()) return 1;
      AppendUntil(
          **log, [](uint64_t) { return false; }, [pipe](uint64_t index) { Tell(pipe, index); });
      return 0;
    });
    const uint64_t wanted = acknowledged + 100 + static_cast<uint64_t>(round) * 137;
    while (acknowledged < wanted) {
      const uint64_t next = child.Next();
      ASSERT_NE(next, 0u) << "the child ended by itself";
      acknowledged = next;
    }
    child.Kill();
    while (const uint64_t next = child.Next()) acknowledged = next;
    ExpectWholeUpTo(folder.path(), acknowledged);
  }
}

// After a power loss the WAL may end anywhere, or in garbage: what comes out is a whole beginning of what went in.
TEST(Crash, ATornWalGivesAWholeBeginning) {
  TempFolder source;
  const auto log = OpenLog(source.path());
  for (uint64_t index = 1; index <= 40; ++index) {
    ASSERT_TRUE(AppendAndWait(*log, index, index, BatchBytes(index, index, PaddingOf(index))).ok());
  }
  const std::string wal = LogPath(source.path()) + "-wal";
  const uint64_t size = std::filesystem::file_size(wal);
  uint64_t shortest = 40;
  uint64_t longest = 0;
  for (uint64_t cut = size; cut > size / 3; cut -= size / 29) {
    for (const bool garbage : {false, true}) {
      TempFolder copy;
      const std::string torn = LogPath(copy.path()) + "-wal";
      std::filesystem::copy(LogPath(source.path()), LogPath(copy.path()));
      std::filesystem::copy(wal, torn);
      std::filesystem::resize_file(torn, cut);
      if (garbage) std::ofstream(torn, std::ios::app | std::ios::binary) << std::string(9000, '\x5a');
      ExpectWholeUpTo(copy.path(), 0);
      const uint64_t last = OpenLog(copy.path())->last_index();
      shortest = std::min(shortest, last);
      longest = std::max(longest, last);
    }
  }
  EXPECT_EQ(longest, 40u);
  EXPECT_LT(shortest, 40u);
}

// The child's exit code when the log behaved: it stopped, said so, and answered nothing more with OK.
constexpr int kStoppedWell = 42;

int FillTheDisk(const std::string& folder, int pipe) {
  SqliteLogOptions options;
  options.data_dir = folder;
  auto log = SqliteLog::Open(options);
  if (!log.ok()) return 1;
  const uint64_t good = AppendUntil(
      **log, [](uint64_t now) { return now > 100'000; }, nullptr);
  if (good > 100'000) return 2;
  if ((*log)->status().ok() || (*log)->status().message().find("the log has stopped") == std::string::npos) return 3;
  if ((*log)->last_index() != good) return 4;
  for (int i = 0; i < 3; ++i) {
    if (AppendAndWait(**log, good + 1, good + 1, BatchBytes(good + 1, good + 1, PaddingOf(good + 1))).ok()) return 5;
  }
  Tell(pipe, good);
  return kStoppedWell;
}

TEST(Crash, AFileThatMayNotGrowStopsTheLogAndKeepsWhatWasAcknowledged) {
  TempFolder folder;
  Child child([&](int pipe) {
    signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{1'500'000, 1'500'000};
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) return 9;
    return FillTheDisk(folder.path(), pipe);
  });
  const uint64_t acknowledged = child.Next();
  EXPECT_EQ(child.Wait(), kStoppedWell);
  EXPECT_GT(acknowledged, 100u);
  ExpectWholeUpTo(folder.path(), acknowledged);
}

constexpr int kMayNotMount = 43;

TEST(Crash, AFullDiskStopsTheLogAndKeepsWhatWasAcknowledged) {
  TempFolder folder;
  Child child([&](int pipe) {
    // A mount that nobody else sees and that ends with this process.
    const int flags = geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER;
    if (unshare(flags) != 0) return kMayNotMount;
    if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return kMayNotMount;
    if (mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=3m") != 0) return kMayNotMount;
    const int result = FillTheDisk(folder.path(), pipe);
    if (result != kStoppedWell) return result;
    // With room again, a new start finds everything.
    mount("tmpfs", folder.path().c_str(), "tmpfs", MS_REMOUNT, "size=30m");
    SqliteLogOptions options;
    options.data_dir = folder.path();
    auto log = SqliteLog::Open(options);
    if (!log.ok()) return 10;
    Tell(pipe, (*log)->last_index());
    const uint64_t next = (*log)->last_index() + 1;
    if (!AppendAndWait(**log, next, next, BatchBytes(next, next)).ok()) return 11;
    return VerifyChain(folder.path()).ok() ? kStoppedWell : 12;
  });
  const uint64_t acknowledged = child.Next();
  const uint64_t found = child.Next();
  const int result = child.Wait();
  if (result == kMayNotMount) GTEST_SKIP() << "this account may not mount a file system";
  EXPECT_EQ(result, kStoppedWell);
  EXPECT_GT(acknowledged, 100u);
  EXPECT_GE(found, acknowledged);
}

// The kernel reports a failed write-back once and then forgets the pages: trying again would lie.
TEST(Crash, AFailedSyncIsFinal) {
  TempFolder folder;
  FailingSync failing;
  {
    const auto log = OpenLog(folder.path());
    ASSERT_NE(log, nullptr);
    ASSERT_TRUE(AppendAndWait(*log, 1, 1, BatchBytes(1, 1, PaddingOf(1))).ok());
    failing.Fail(true);
    EXPECT_FALSE(AppendAndWait(*log, 2, 2, BatchBytes(2, 2, PaddingOf(2))).ok());
    failing.Fail(false);
    EXPECT_FALSE(AppendAndWait(*log, 2, 2, BatchBytes(2, 2, PaddingOf(2))).ok());
    EXPECT_EQ(log->last_index(), 1u);
    EXPECT_EQ(log->status().code(), absl::StatusCode::kInternal);
  }
  ExpectWholeUpTo(folder.path(), 1);
}

// The next process can read what an ended one wrote and did not sync; a power cut still takes it away, and after a
// failed sync no later one writes it. So nothing may rest on it before it stands in the file.
TEST(Crash, WhatAnEndedProcessDidNotSyncIsSyncedBeforeItIsRead) {
  TempFolder folder;
  Child child([&](int) {
    FailingSync failing;
    const auto log = OpenLog(folder.path());
    if (!AppendAndWait(*log, 1, 1, BatchBytes(1, 1, PaddingOf(1))).ok()) return 1;
    failing.Fail(true);
    if (AppendAndWait(*log, 2, 2, BatchBytes(2, 2, PaddingOf(2))).ok()) return 2;
    _exit(0);  // closing would tidy up
  });
  ASSERT_EQ(child.Wait(), 0);
  uint64_t seen = 0;
  TempFolder without_wal;
  {
    const auto log = OpenLog(folder.path());
    ASSERT_NE(log, nullptr);
    seen = log->last_index();
    EXPECT_GE(seen, 1u);
    std::filesystem::copy_file(LogPath(folder.path()), LogPath(without_wal.path()));
  }
  ExpectWholeUpTo(without_wal.path(), seen);
}

// What the checkpoint failed to sync is still in the WAL, which must not be written over any more.
TEST(Crash, AFailedSyncOfTheCheckpointIsFinalToo) {
  TempFolder folder;
  FailingSync failing;
  uint64_t acknowledged = 0;
  {
    const auto log = OpenLog(folder.path());
    ASSERT_NE(log, nullptr);
    failing.FailOnly("log.db");
    failing.Fail(true);
    acknowledged = AppendUntil(
        *log, [](uint64_t now) { return now > 100'000; }, nullptr);
    EXPECT_LE(acknowledged, 100'000u);
    EXPECT_FALSE(log->status().ok());
    failing.Fail(false);
  }
  ExpectWholeUpTo(folder.path(), acknowledged);
}

}  // namespace
}  // namespace liandong::log
