#include "adapters/spool/spool.h"

#include <sys/stat.h>

#include <set>
#include <thread>

#include "tests/unit/adapters/spool/fixture.h"

namespace liandong::adapters {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST_F(SpoolTest, EachLaneKeepsItsOrderThroughARestart) {
  Open();
  for (const char* body : {"u1", "u2", "u3"}) ASSERT_TRUE(spool_->Put(One(body)).ok());
  for (const char* body : {"o1", "o2"}) ASSERT_TRUE(spool_->Put(One(body, SpoolLane::kOrdinary)).ok());
  Open();
  EXPECT_THAT(Bodies(SpoolLane::kUrgent), ElementsAre("u1", "u2", "u3"));
  EXPECT_THAT(Bodies(SpoolLane::kOrdinary), ElementsAre("o1", "o2"));
  auto head = spool_->Peek(SpoolLane::kUrgent, 1);
  ASSERT_TRUE(head.ok());
  ASSERT_TRUE(spool_->Done({head->front().seq}).ok());
  ASSERT_TRUE(spool_->Put(One("u4")).ok());
  EXPECT_THAT(Bodies(SpoolLane::kUrgent), ElementsAre("u2", "u3", "u4"));
}

TEST_F(SpoolTest, ReceiptsSayWhichIncidentAReportBelongsTo) {
  Open();
  ASSERT_TRUE(spool_->Put(One("r")).ok());
  EXPECT_EQ(*spool_->IncidentOf("calls", "JJD-1"), 0u);
  ASSERT_TRUE(spool_->Done({spool_->Peek(SpoolLane::kUrgent, 1)->front().seq}, {{"calls", "JJD-1", 42}}).ok());
  Open();
  EXPECT_EQ(*spool_->IncidentOf("calls", "JJD-1"), 42u);
  EXPECT_EQ(*spool_->IncidentOf("", "JJD-1"), 42u);
  EXPECT_EQ(*spool_->IncidentOf("other", "JJD-1"), 0u);
}

TEST_F(SpoolTest, ARepeatIsStoredOnceAndGetsTheFirstAnswer) {
  Open();
  PutRequest request = One("alarm", SpoolLane::kUrgent, "889-7-abc");
  request.id = *spool_->NewId();
  auto first = spool_->Put(request);
  ASSERT_TRUE(first.ok());
  EXPECT_FALSE(first->repeat);
  Open();
  request.id = *spool_->NewId();
  auto second = spool_->Put(request);
  ASSERT_TRUE(second.ok());
  EXPECT_TRUE(second->repeat);
  EXPECT_EQ(second->id, first->id);
  EXPECT_EQ(second->seq, first->seq);
  EXPECT_THAT(Bodies(SpoolLane::kUrgent), ElementsAre("alarm"));
  // On another link the same key is another message.
  request.link = "other";
  EXPECT_FALSE(spool_->Put(request)->repeat);
}

TEST_F(SpoolTest, AfterTheWindowTheSameBytesAreANewMessage) {
  Open();
  ASSERT_TRUE(spool_->Put(One("a", SpoolLane::kUrgent, "k")).ok());
  now_ms_ += kSpoolRepeatWindowMs;
  EXPECT_FALSE(spool_->Put(One("b", SpoolLane::kUrgent, "k"))->repeat);
}

TEST_F(SpoolTest, IdsAreNeverGivenTwice) {
  std::set<std::string> seen;
  for (int start = 0; start < 3; ++start) {
    Open();
    for (int i = 0; i < 1500; ++i) {
      auto id = spool_->NewId();
      ASSERT_TRUE(id.ok());
      EXPECT_TRUE(seen.insert(*id).second) << *id;
    }
  }
}

TEST_F(SpoolTest, TwoSpoolsGiveDifferentIds) {
  Open();
  SpoolOptions other = Options();
  other.path += "2";
  other.key_file += "2";
  auto second = Spool::Open(other);
  ASSERT_TRUE(second.ok());
  EXPECT_NE(*spool_->NewId(), *(*second)->NewId());
}

TEST_F(SpoolTest, TheSameThingKeepsItsIdWithinItsTime) {
  Open();
  PutRequest request = One("smoke, zone 10");
  request.id = *spool_->IdFor("calls", "889/10/2", 600'000);
  request.same.push_back({"889/10/2", request.id});
  ASSERT_TRUE(spool_->Put(request).ok());
  now_ms_ += 600'000;
  EXPECT_EQ(*spool_->IdFor("calls", "889/10/2", 600'000), request.id);
  EXPECT_NE(*spool_->IdFor("calls", "889/10/3", 600'000), request.id);
  now_ms_ += 1;
  EXPECT_NE(*spool_->IdFor("calls", "889/10/2", 600'000), request.id);
}

TEST_F(SpoolTest, NothingSaidStandsInAnyFileInClear) {
  Open();
  const std::string name = "王小明-13900001111-青石镇溪口村12号";
  ASSERT_TRUE(spool_->Put(One(name, SpoolLane::kUrgent, name)).ok());
  ASSERT_TRUE(spool_->StoreDeliveries({Delivery(1, 1, name)}).ok());
  ASSERT_TRUE(spool_->PutDead(DeadKind::kNative, "calls", name, "bad_json", name, name).ok());
  ASSERT_TRUE(spool_->Park("calls", name, {name}, name, false).ok());
  ASSERT_TRUE(spool_->Remember({name}, {1, 1, SpoolLane::kUrgent}).ok());
  ASSERT_TRUE(spool_->Refuse(spool_->Peek(SpoolLane::kUrgent, 1)->front(), "BAD").ok());
  EXPECT_THAT(AllBytes(), Not(HasSubstr("13900001111")));
  EXPECT_THAT(AllBytes(), Not(HasSubstr("王小明")));
  // The check above would find it: link names are in clear.
  EXPECT_THAT(AllBytes(), HasSubstr("calls"));
}

TEST_F(SpoolTest, FilesAreTheOwnersAlone) {
  Open();
  ASSERT_TRUE(spool_->Put(One("x")).ok());
  for (const char* name : {"/spool.db", "/spool.db-wal", "/spool.key"}) {
    struct stat info {};
    ASSERT_EQ(stat((folder_ + name).c_str(), &info), 0) << name;
    EXPECT_EQ(info.st_mode & 0077, 0u) << name;
  }
}

TEST_F(SpoolTest, AnotherKeyFileIsRefusedWithTheMend) {
  Open();
  spool_.reset();
  std::filesystem::remove(folder_ + "/spool.key");
  auto spool = Spool::Open(Options());
  ASSERT_FALSE(spool.ok());
  EXPECT_EQ(spool.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(spool.status().message()), HasSubstr("spool.key"));
}

TEST_F(SpoolTest, FullMeansOrdinaryFirstThenUrgentThenAcknowledgments) {
  rows_max_ = 100;
  Open();
  const auto fill = [&](SpoolLane lane, InboundKind kind) {
    absl::Status status;
    for (int i = 0; i < 200 && status.ok(); ++i) status = spool_->Put(One("x", lane, "", kind)).status();
    return status;
  };
  EXPECT_TRUE(absl::IsResourceExhausted(fill(SpoolLane::kOrdinary, InboundKind::kReport)));
  EXPECT_EQ(Bodies(SpoolLane::kOrdinary).size(), 80u);
  EXPECT_TRUE(absl::IsResourceExhausted(fill(SpoolLane::kUrgent, InboundKind::kReport)));
  EXPECT_EQ(Bodies(SpoolLane::kUrgent).size(), 10u);
  EXPECT_TRUE(absl::IsResourceExhausted(fill(SpoolLane::kUrgent, InboundKind::kAcknowledgment)));
  EXPECT_EQ(Bodies(SpoolLane::kUrgent).size(), 20u);
  // Room again as soon as something has left, also after a restart.
  Open();
  auto records = spool_->Peek(SpoolLane::kOrdinary, 30);
  std::vector<uint64_t> seqs;
  for (const SpooledRecord& record : *records) seqs.push_back(record.seq);
  ASSERT_TRUE(spool_->Done(seqs).ok());
  EXPECT_TRUE(spool_->Put(One("again", SpoolLane::kUrgent)).ok());
}

TEST_F(SpoolTest, AMessageOfSeveralRecordsIsStoredWholeOrNotAtAll) {
  rows_max_ = 10;
  Open();
  PutRequest request;
  request.link = "calls";
  request.repeat_key = "big";
  for (int i = 0; i < 12; ++i) request.items.push_back({SpoolLane::kUrgent, InboundKind::kReport, "x"});
  EXPECT_TRUE(absl::IsResourceExhausted(spool_->Put(request).status()));
  EXPECT_THAT(Bodies(SpoolLane::kUrgent), IsEmpty());
  // It was not stored, so sending it again is no repeat.
  request.items.resize(2);
  auto put = spool_->Put(request);
  ASSERT_TRUE(put.ok());
  EXPECT_FALSE(put->repeat);
}

TEST_F(SpoolTest, ManyAtOnceAllArriveOnce) {
  Open();
  constexpr int kThreads = 8;
  constexpr int kEach = 100;
  std::vector<std::thread> threads;
  std::atomic<int> failed{0};
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        const std::string body = std::to_string(t) + "/" + std::to_string(i);
        if (!spool_->Put(One(body, SpoolLane::kUrgent, body)).ok()) ++failed;
        if (i % 10 == 0 && !spool_->Peek(SpoolLane::kUrgent, 5).ok()) ++failed;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failed.load(), 0);
  const std::vector<std::string> bodies = Bodies(SpoolLane::kUrgent);
  EXPECT_EQ(bodies.size(), static_cast<size_t>(kThreads * kEach));
  EXPECT_EQ(std::set<std::string>(bodies.begin(), bodies.end()).size(), bodies.size());
  // Each thread's own order is kept.
  std::vector<int> last(kThreads, -1);
  for (const std::string& body : bodies) {
    const int t = std::stoi(body);
    const int i = std::stoi(body.substr(body.find('/') + 1));
    EXPECT_GT(i, last[t]);
    last[t] = i;
  }
}

TEST_F(SpoolTest, ARefusedRecordIsADeadLetterAndGoesBackWhenAsked) {
  Open();
  ASSERT_TRUE(spool_->Put(One("report bytes", SpoolLane::kOrdinary)).ok());
  ASSERT_TRUE(spool_->Refuse(spool_->Peek(SpoolLane::kOrdinary, 1)->front(), "BAD_DIVISION: 区划不存在").ok());
  EXPECT_THAT(Bodies(SpoolLane::kOrdinary), IsEmpty());
  Open();
  auto letters = spool_->ListDead();
  ASSERT_TRUE(letters.ok());
  ASSERT_EQ(letters->size(), 1u);
  EXPECT_EQ(letters->front().kind, DeadKind::kReport);
  EXPECT_EQ(letters->front().body, "");
  EXPECT_EQ(spool_->ShowDead(letters->front().row)->body, "report bytes");
  EXPECT_EQ(spool_->Status()->dead, 1u);

  // As a second process would ask for it.
  auto other = Spool::Open(Options());
  ASSERT_TRUE(other.ok()) << other.status();
  ASSERT_TRUE((*other)->AskResend(letters->front().row).ok());
  auto resends = spool_->TakeResends();
  ASSERT_TRUE(resends.ok());
  ASSERT_EQ(resends->size(), 1u);
  ASSERT_TRUE(spool_->Revive(resends->front()).ok());
  EXPECT_THAT(Bodies(SpoolLane::kOrdinary), ElementsAre("report bytes"));
  EXPECT_EQ(spool_->Status()->dead, 0u);
  EXPECT_THAT(*spool_->TakeResends(), IsEmpty());
  EXPECT_TRUE(absl::IsNotFound(spool_->AskResend(resends->front().row)));
}

TEST_F(SpoolTest, TheSameBadMessageIsOneDeadLetter) {
  Open();
  auto first = spool_->PutDead(DeadKind::kNative, "calls", "h1", "bad_json", "/jjd", "{");
  auto again = spool_->PutDead(DeadKind::kNative, "calls", "h1", "bad_json", "/jjd", "{");
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(*again, *first);
  auto letter = spool_->ShowDead(*first);
  ASSERT_TRUE(letter.ok());
  EXPECT_EQ(letter->times, 2u);
  EXPECT_EQ(letter->context, "/jjd");
  EXPECT_TRUE(absl::IsInvalidArgument(spool_->Revive(*letter)));
  EXPECT_TRUE(spool_->DropDead(*first).ok());
  EXPECT_TRUE(absl::IsNotFound(spool_->ShowDead(*first).status()));
}

TEST_F(SpoolTest, TooManyDeadLettersMakeSendersWait) {
  dead_max_ = 2;
  Open();
  EXPECT_TRUE(spool_->PutDead(DeadKind::kNative, "calls", "", "r", "", "1").ok());
  EXPECT_TRUE(spool_->PutDead(DeadKind::kNative, "calls", "", "r", "", "2").ok());
  EXPECT_TRUE(absl::IsResourceExhausted(spool_->PutDead(DeadKind::kNative, "calls", "", "r", "", "3").status()));
}

TEST_F(SpoolTest, OnlyOneAdapterHoldsASpool) {
  Open();
  ASSERT_TRUE(spool_->Lock().ok());
  auto other = Spool::Open(Options());
  ASSERT_TRUE(other.ok());
  EXPECT_TRUE(absl::IsFailedPrecondition((*other)->Lock()));
}

TEST_F(SpoolTest, WaitersHearOfEveryCommit) {
  Open();
  const uint64_t before = spool_->Version();
  std::thread waiter([&] { EXPECT_TRUE(spool_->WaitPast(before, absl::Seconds(60))); });
  ASSERT_TRUE(spool_->Put(One("x")).ok());
  waiter.join();
  const uint64_t after = spool_->Version();
  std::thread sleeper([&] { EXPECT_TRUE(spool_->WaitPast(after, absl::Seconds(60))); });
  spool_->Wake();
  sleeper.join();
}

}  // namespace
}  // namespace liandong::adapters
