// What was answered before a kill is there after it.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>

#include "tests/unit/adapters/spool/fixture.h"

namespace liandong::adapters {
namespace {

class CrashTest : public SpoolTest {};

TEST_F(CrashTest, EverythingAnsweredBeforeSigkillIsKeptInOrderAndOnce) {
  std::set<std::string> ids;
  uint64_t next = 0;
  std::vector<uint64_t> answered;
  for (int round = 0; round < 3; ++round) {
    int pipe_fds[2];
    ASSERT_EQ(pipe(pipe_fds), 0);
    const uint64_t from = next;
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      close(pipe_fds[0]);
      auto spool = Spool::Open(Options());
      if (!spool.ok()) _exit(3);
      for (uint64_t i = from;; ++i) {
        PutRequest request = One(std::to_string(i), SpoolLane::kUrgent, "key" + std::to_string(i));
        auto id = (*spool)->NewId();
        if (!id.ok()) _exit(4);
        request.id = *id;
        if (!(*spool)->Put(request).ok()) _exit(5);
        if (write(pipe_fds[1], &i, sizeof i) != sizeof i) _exit(6);
      }
    }
    close(pipe_fds[1]);
    uint64_t got = 0;
    for (int i = 0; i < 50; ++i) {
      ASSERT_EQ(read(pipe_fds[0], &got, sizeof got), static_cast<ssize_t>(sizeof got));
      answered.push_back(got);
    }
    kill(child, SIGKILL);
    while (read(pipe_fds[0], &got, sizeof got) == static_cast<ssize_t>(sizeof got)) answered.push_back(got);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << WEXITSTATUS(status);
    close(pipe_fds[0]);
    // The kill may have come between the sync and the answer: that message is there, and a retry is a repeat.
    next = answered.back() + 2;
  }

  Open();
  auto records = spool_->Peek(SpoolLane::kUrgent, 1'000'000);
  ASSERT_TRUE(records.ok());
  std::vector<uint64_t> stored;
  for (const SpooledRecord& record : *records) stored.push_back(std::stoull(record.body));
  for (size_t i = 1; i < stored.size(); ++i) EXPECT_LT(stored[i - 1], stored[i]);
  const std::set<uint64_t> kept(stored.begin(), stored.end());
  for (const uint64_t each : answered) EXPECT_TRUE(kept.count(each)) << each;
  EXPECT_LE(stored.size(), answered.size() + 3);
  auto retry = spool_->Put(One("again", SpoolLane::kUrgent, "key" + std::to_string(answered.back())));
  ASSERT_TRUE(retry.ok());
  EXPECT_TRUE(retry->repeat);
  EXPECT_TRUE(ids.insert(retry->id).second);
  EXPECT_NE(*spool_->NewId(), retry->id);
}

// The next process can read what a killed one wrote and did not sync yet; a power cut still takes it away. So nothing
// may rest on it before it stands in the file.
TEST_F(CrashTest, WhatAKilledOneLeftInTheWalIsMovedBeforeItIsRead) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    auto spool = Spool::Open(Options());
    _exit(spool.ok() && (*spool)->Put(One("told")).ok() ? 0 : 1);  // closing would tidy up
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  Open();
  EXPECT_EQ(Bodies(SpoolLane::kUrgent), std::vector<std::string>{"told"});
  const std::string beside = folder_ + "/without-wal.db";
  std::filesystem::copy_file(folder_ + "/spool.db", beside);
  SpoolOptions options = Options();
  options.path = beside;
  auto without_wal = Spool::Open(options);
  ASSERT_TRUE(without_wal.ok()) << without_wal.status();
  auto records = (*without_wal)->Peek(SpoolLane::kUrgent, 10);
  ASSERT_TRUE(records.ok());
  EXPECT_EQ(records->size(), 1u);
}

}  // namespace
}  // namespace liandong::adapters
