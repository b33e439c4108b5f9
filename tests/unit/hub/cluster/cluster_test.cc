// The cluster's log against a real etcd: order, fencing, lost and late answers, parts, trimming, keys, takeover.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <utility>

#include "absl/status/status.h"
#include "hub/cluster/etcd_log.h"
#include "hub/cluster/member.h"
#include "hub/cluster/mirror.h"
#include "security/chain.h"
#include "security/crypto.h"
#include "security/key_provider.h"
#include "security/vault.h"
#include "tests/unit/hub/cluster/etcd_testing.h"

namespace liandong::cluster {
namespace {

using Fate = BadNetwork::Fate;
using log::AppendAndWait;
using log::BatchBytes;

class ClusterTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { etcd_ = new EtcdProcess(); }
  static void TearDownTestSuite() {
    delete etcd_;
    etcd_ = nullptr;
  }

  // Files of one node, and its way to etcd.
  struct Node {
    Node(ClusterTest* test, const std::string& name) : config(etcd_->Config(name)), network(test->store_.get()) {
      config.set_prefix(test->prefix_);
      log = log::OpenLog(folder.path());
      provider = *security::FileKeyProvider::Open(test->master_key_, security::Suite::kInternational);
    }
    std::string KeysPath() const { return folder.path() + "/keys.db"; }
    MemberOptions Options() {
      MemberOptions options;
      options.config = config;
      options.config.set_takeover_ms(600);
      options.keys_path = KeysPath();
      options.provider = provider;
      options.say = [](const std::string&) {};
      options.interrupted = [this] { return interrupted.load(); };
      options.on_lost = [this](const absl::Status& status) {
        std::lock_guard lock(mutex);
        lost = status;
      };
      options.destroy_erased = [](security::KeyDestroyer*) {};
      return options;
    }
    absl::Status Lost() {
      std::lock_guard lock(mutex);
      return lost;
    }

    log::TempFolder folder;
    v1::ClusterConfig config;
    BadNetwork network;
    std::unique_ptr<log::SqliteLog> log;
    std::shared_ptr<security::KeyProvider> provider;
    std::atomic<bool> interrupted = false;
    std::mutex mutex;
    absl::Status lost;
    std::vector<uint64_t> applied;
    Mirror::Apply apply = [this](const log::CommittedBatch& batch) {
      applied.push_back(batch.last_index);
      return absl::OkStatus();
    };
  };

  ClusterTest() {
    static std::atomic<int> number = 0;
    prefix_ = absl::StrCat("/test-", ++number, "/");
    master_key_ = folder_.path() + "/master.key";
    store_ = etcd_->Connect();
  }

  // A node that leads, from an empty log.
  std::unique_ptr<Member> Lead(Node& node) {
    if (!std::exchange(founded_, true)) {
      const absl::Status founded = Found(store_.get(), node.config, *node.log, 0);
      EXPECT_TRUE(founded.ok()) << founded;
    }
    auto member = std::make_unique<Member>(node.Options(), &node.network, node.log.get());
    const absl::Status status = member->Follow(node.apply);
    EXPECT_TRUE(status.ok()) << status;
    return member;
  }
  // Everything that etcd has, into the node's files.
  absl::Status CatchUp(Node& node) {
    auto keys = security::KeyCopy::Open(node.KeysPath(), node.provider);
    if (!keys.ok()) return keys.status();
    Mirror mirror(store_.get(), Layout(prefix_), node.log.get(), keys->get(), node.apply);
    while (true) {
      const auto look = mirror.Step();
      if (!look.ok()) return look.status();
      if (look->complete) return absl::OkStatus();
    }
  }
  v1::ClusterHead Head() {
    etcdserverpb::TxnRequest request;
    cluster::Get(request.add_success(), Layout(prefix_).Head());
    v1::ClusterHead head;
    head.ParseFromString(OneOf(*store_->Txn(request, absl::Seconds(30)), 0).value());
    return head;
  }

  static EtcdProcess* etcd_;
  log::TempFolder folder_;
  std::string prefix_, master_key_;
  std::unique_ptr<Store> store_;
  bool founded_ = false;
};
EtcdProcess* ClusterTest::etcd_ = nullptr;

TEST_F(ClusterTest, BatchesComeToEveryNodeInOrder) {
  Node one(this, "hub-1"), two(this, "hub-2");
  const auto member = Lead(one);
  {
    const auto log = member->MakeLog();
    log::Answers answers;
    for (uint64_t i = 1; i <= 50; ++i) {
      log->Append(2 * i - 1, 2 * i, BatchBytes(2 * i - 1, 2 * i), answers.Expect(i));
    }
    ASSERT_TRUE(answers.WaitForCount(50));
    EXPECT_TRUE(answers.status().ok()) << answers.status();
    EXPECT_TRUE(answers.in_order());
    EXPECT_EQ(answers.link(), log->last_link());
    EXPECT_EQ(log->last_index(), 100u);
  }
  ASSERT_TRUE(CatchUp(two).ok());
  EXPECT_EQ(two.log->last_link(), one.log->last_link());
  EXPECT_EQ(two.log->last_index(), 100u);
  EXPECT_EQ(two.applied.size(), 50u);
  EXPECT_EQ(Head().link(), one.log->last_link());
}

TEST_F(ClusterTest, ABatchInPartsComesTogether) {
  Node one(this, "hub-1"), two(this, "hub-2");
  const auto member = Lead(one);
  const auto log = member->MakeLog();
  const std::string large = BatchBytes(1, 1, 3 * kValueBytesMax + 12345);
  ASSERT_TRUE(AppendAndWait(*log, 1, 1, large).ok());
  ASSERT_TRUE(AppendAndWait(*log, 2, 2, BatchBytes(2, 2)).ok());
  ASSERT_TRUE(CatchUp(two).ok());
  EXPECT_EQ(two.log->last_link(), one.log->last_link());
  std::string read;
  ASSERT_TRUE(two.log
                  ->Read(0, "",
                         [&](const log::CommittedBatch& batch) {
                           if (batch.first_index == 1) read = batch.bytes;
                           return absl::OkStatus();
                         })
                  .ok());
  EXPECT_TRUE(read == large);
}

TEST_F(ClusterTest, LostRequestsAndLostAnswersWriteOnce) {
  Node one(this, "hub-1"), two(this, "hub-2");
  const auto member = Lead(one);
  const auto log = member->MakeLog();
  ASSERT_TRUE(AppendAndWait(*log, 1, 3, BatchBytes(1, 3)).ok());
  const std::vector<std::vector<Fate>> nights = {
      {Fate::kAnswerLost}, {Fate::kLost, Fate::kAnswerLost}, {Fate::kAnswerLost, Fate::kLost, Fate::kAnswerLost}};
  uint64_t index = 3;
  for (const auto& night : nights) {
    one.network.Next(night);  // the beat meets some of it too
    ++index;
    const absl::Status status = AppendAndWait(*log, index, index, BatchBytes(index, index));
    EXPECT_TRUE(status.ok()) << status;
  }
  ASSERT_TRUE(CatchUp(two).ok());
  EXPECT_EQ(two.log->last_index(), index);
  EXPECT_EQ(two.log->last_link(), one.log->last_link());
}

TEST_F(ClusterTest, AReplacedNodeCanWriteNothing) {
  Node one(this, "hub-1"), two(this, "hub-2");
  const auto first = Lead(one);
  const auto old_log = first->MakeLog();
  ASSERT_TRUE(AppendAndWait(*old_log, 1, 1, BatchBytes(1, 1)).ok());
  // Node one sleeps: its requests stay on the way. Node two takes over and writes.
  one.network.Next(std::vector<Fate>(1000, Fate::kLate));
  log::Answers late;
  old_log->Append(2, 2, BatchBytes(2, 2, 77), late.Expect(1));
  const auto second = Lead(two);
  EXPECT_FALSE(first->LeadsSurely()) << "before anybody else leads it is not sure of itself any more";
  EXPECT_GT(second->term(), first->term());
  const auto new_log = second->MakeLog();
  ASSERT_TRUE(AppendAndWait(*new_log, 2, 4, BatchBytes(2, 4)).ok());
  const std::string link = new_log->last_link();
  // It wakes up: nothing of what it sent does anything, and what it sends again is refused.
  EXPECT_EQ(one.network.DeliverLate(), 0);
  one.network.Next({});
  ASSERT_TRUE(late.WaitForCount(1));
  EXPECT_TRUE(absl::IsAborted(late.status())) << late.status();
  EXPECT_EQ(old_log->last_index(), 1u);
  EXPECT_EQ(Head().last_index(), 4u);
  EXPECT_EQ(Head().link(), link);
  const absl::Status after = AppendAndWait(*old_log, 3, 3, BatchBytes(3, 3));
  EXPECT_TRUE(absl::IsAborted(after)) << after;
  for (int i = 0; i < 3000 && one.Lost().ok(); ++i) absl::SleepFor(absl::Milliseconds(20));
  EXPECT_TRUE(absl::IsAborted(one.Lost())) << "its beat tells it too: " << one.Lost();
  EXPECT_THAT(std::string(one.Lost().message()), testing::HasSubstr("hub-2"));
  EXPECT_TRUE(two.Lost().ok()) << two.Lost();
}

TEST_F(ClusterTest, AnAnswerThatWasLostBeforeTheTakeoverStaysInTheLog) {
  Node one(this, "hub-1"), two(this, "hub-2");
  const auto first = Lead(one);
  const auto old_log = first->MakeLog();
  ASSERT_TRUE(AppendAndWait(*old_log, 1, 1, BatchBytes(1, 1)).ok());
  std::vector<Fate> fates(1000, Fate::kLost);
  one.network.Next(std::vector<Fate>(1000, Fate::kAnswerLost));
  log::Answers answers;
  old_log->Append(2, 2, BatchBytes(2, 2), answers.Expect(1));
  for (int i = 0; i < 3000 && Head().last_index() < 2; ++i) absl::SleepFor(absl::Milliseconds(20));
  ASSERT_EQ(Head().last_index(), 2u);
  one.network.Next(fates);
  const auto second = Lead(two);
  EXPECT_EQ(two.log->last_index(), 2u) << "what etcd has is history, whoever knows of it";
  const auto new_log = second->MakeLog();
  ASSERT_TRUE(AppendAndWait(*new_log, 3, 3, BatchBytes(3, 3)).ok());
  one.network.Next({});
  ASSERT_TRUE(answers.WaitForCount(1));
  EXPECT_FALSE(answers.status().ok());
}

TEST_F(ClusterTest, WhoResignsIsFollowedAtOnceAndNobodyElseIsTaken) {
  Node one(this, "hub-1"), two(this, "hub-2"), three(this, "hub-3");
  auto first = Lead(one);
  auto log = first->MakeLog();
  ASSERT_TRUE(AppendAndWait(*log, 1, 1, BatchBytes(1, 1)).ok());
  Member waiting(two.Options(), &two.network, two.log.get());
  auto done = std::async(std::launch::async, [&] { return waiting.Follow(two.apply); });
  // While the first one is there nobody takes over, however long.
  for (uint64_t i = 2; i < 40; ++i) {
    ASSERT_TRUE(AppendAndWait(*log, i, i, BatchBytes(i, i)).ok());
    absl::SleepFor(absl::Milliseconds(50));
  }
  EXPECT_TRUE(one.Lost().ok()) << one.Lost();
  log.reset();
  first->Resign();
  const absl::Status status = done.get();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(two.log->last_index(), 39u);
  EXPECT_EQ(waiting.term(), first->term() + 1);
}

TEST_F(ClusterTest, OtherHistoriesAreRefused) {
  Node one(this, "hub-1"), other(this, "hub-2"), ahead(this, "hub-3");
  const auto member = Lead(one);
  const auto log = member->MakeLog();
  for (uint64_t i = 1; i <= 3; ++i) ASSERT_TRUE(AppendAndWait(*log, i, i, BatchBytes(i, i)).ok());
  ASSERT_TRUE(AppendAndWait(*other.log, 1, 1, BatchBytes(1, 1, 99)).ok());
  EXPECT_TRUE(absl::IsDataLoss(CatchUp(other))) << CatchUp(other);
  EXPECT_EQ(other.log->last_index(), 1u) << "nothing was put after it";
  for (uint64_t i = 1; i <= 4; ++i) ASSERT_TRUE(AppendAndWait(*ahead.log, i, i, BatchBytes(i, i)).ok());
  EXPECT_TRUE(absl::IsDataLoss(CatchUp(ahead))) << CatchUp(ahead);
}

TEST_F(ClusterTest, KeysThatTheClusterDoesNotKnowAreRefused) {
  Node one(this, "hub-1"), other(this, "hub-2");
  const auto member = Lead(one);
  ASSERT_TRUE(CatchUp(other).ok());
  ASSERT_TRUE(security::Vault::Open(other.KeysPath(), other.provider, 0).ok());
  EXPECT_TRUE(absl::IsDataLoss(CatchUp(other))) << CatchUp(other);
}

// A disk that hangs from the second batch on.
class HungLog : public log::EventLog {
 public:
  explicit HungLog(log::EventLog* real) : real_(real) {}
  void Append(uint64_t first, uint64_t last, std::string bytes, Done done) override {
    if (first == 1) return real_->Append(first, last, std::move(bytes), std::move(done));
    done_ = std::move(done);
  }
  absl::Status Read(uint64_t after, std::string_view link, const Visit& visit) override {
    return real_->Read(after, link, visit);
  }
  uint64_t last_index() const override { return real_->last_index(); }
  std::string last_link() const override { return real_->last_link(); }
  bool WaitFor(uint64_t after, absl::Duration timeout) override { return real_->WaitFor(after, timeout); }
  void GiveUp() { std::exchange(done_, nullptr)(absl::AbortedError("the test is over"), ""); }

 private:
  log::EventLog* const real_;
  Done done_;
};

TEST_F(ClusterTest, WhoseDiskHangsLeadsNoLonger) {
  Node one(this, "hub-1");
  HungLog hung(one.log.get());
  ASSERT_TRUE(Found(store_.get(), one.config, *one.log, 0).ok());
  Member member(one.Options(), &one.network, &hung);
  ASSERT_TRUE(member.Follow(one.apply).ok());
  const auto etcd_log = member.MakeLog();
  ASSERT_TRUE(AppendAndWait(*etcd_log, 1, 1, BatchBytes(1, 1)).ok());
  log::Answers never;
  etcd_log->Append(2, 2, BatchBytes(2, 2), never.Expect(1));
  for (int i = 0; i < 6000 && one.Lost().ok(); ++i) absl::SleepFor(absl::Milliseconds(20));
  EXPECT_TRUE(absl::IsDeadlineExceeded(one.Lost())) << one.Lost();
  hung.GiveUp();
}

TEST_F(ClusterTest, WhoLeadsIsSureOfItWhileEtcdAnswers) {
  Node one(this, "hub-1");
  const auto member = Lead(one);
  for (int i = 0; i < 3000 && !member->LeadsSurely(); ++i) absl::SleepFor(absl::Milliseconds(20));
  EXPECT_TRUE(member->LeadsSurely());
  one.network.Next(std::vector<Fate>(1000, Fate::kLost));
  for (int i = 0; i < 3000 && member->LeadsSurely(); ++i) absl::SleepFor(absl::Milliseconds(20));
  EXPECT_FALSE(member->LeadsSurely());
}

TEST_F(ClusterTest, AClusterIsFoundedOnceAndByAPerson) {
  Node one(this, "hub-1"), two(this, "hub-2");
  {
    Member member(one.Options(), &one.network, one.log.get());
    auto follow = std::async(std::launch::async, [&] { return member.Follow(one.apply); });
    absl::SleepFor(absl::Milliseconds(200));
    one.interrupted = true;
    EXPECT_TRUE(absl::IsCancelled(follow.get())) << "an etcd without a log is led by nobody";
  }
  EXPECT_EQ(Head().last_index(), 0u);
  ASSERT_TRUE(AppendAndWait(*two.log, 1, 5, BatchBytes(1, 5)).ok());
  ASSERT_TRUE(Found(store_.get(), two.config, *two.log, 0).ok());
  EXPECT_TRUE(absl::IsAlreadyExists(Found(store_.get(), one.config, *one.log, 0)));
  EXPECT_TRUE(absl::IsFailedPrecondition(CatchUp(one))) << "records 1 to 5 are to be copied: " << CatchUp(one);
  EXPECT_TRUE(CatchUp(two).ok());
}

TEST_F(ClusterTest, WhatEveryMemberHasLeavesEtcd) {
  Node one(this, "hub-1"), two(this, "hub-2"), late(this, "hub-3");
  const auto member = Lead(one);
  const auto log = member->MakeLog();
  for (uint64_t i = 1; i <= 10; ++i) {
    ASSERT_TRUE(AppendAndWait(*log, i, i, BatchBytes(i, i, i == 2 ? 2 * kValueBytesMax : 20)).ok());
  }
  const auto kept = [&](const std::string& name) {
    etcdserverpb::TxnRequest request;
    GetRange(request.add_success(), prefix_ + name + "/", prefix_ + name + "0", 0);
    return store_->Txn(request, absl::Seconds(30))->responses(0).response_range().kvs_size();
  };
  const auto report = [&](const std::string& name, uint64_t index) {
    v1::ClusterNode node;
    node.set_log_index(index);
    node.set_key_id(8);
    etcdserverpb::TxnRequest request;
    Put(request.add_success(), Layout(prefix_).Node(name), node.SerializeAsString());
    ASSERT_TRUE(store_->Txn(request, absl::Seconds(30)).ok());
  };
  ASSERT_TRUE(member->ShareKeys(0, 1, std::vector<std::string>(8, "wrapped")).ok());
  report("hub-2", 10);
  report("hub-3", 0);
  absl::SleepFor(kTendEvery + absl::Seconds(1));
  EXPECT_EQ(kept("log"), 10) << "hub-3 has nothing yet";
  EXPECT_EQ(kept("key"), 1) << "the others have them, the active node has not written them yet";
  member->KeysKept(8);
  for (int i = 0; i < 3000 && kept("key") > 0; ++i) absl::SleepFor(absl::Milliseconds(20));
  EXPECT_EQ(kept("key"), 0) << "an erased key must not stay in etcd until there are newer ones";
  report("hub-3", 4);
  for (int i = 0; i < 3000 && kept("log") > 6; ++i) absl::SleepFor(absl::Milliseconds(20));
  EXPECT_EQ(kept("log"), 6);
  EXPECT_EQ(kept("part"), 0);
  EXPECT_TRUE(absl::IsFailedPrecondition(CatchUp(late))) << CatchUp(late);
}

TEST_F(ClusterTest, KeysAreOnEveryNodeBeforeTheyAreHandedOut) {
  Node one(this, "hub-1"), two(this, "hub-2");
  const auto first = Lead(one);
  security::VaultOptions options;
  options.batch_keys = 8;
  options.share = [&](uint64_t after, uint64_t id, const std::vector<std::string>& keys) {
    return first->ShareKeys(after, id, keys);
  };
  auto vault = security::Vault::Open(one.KeysPath(), one.provider, 0, options);
  ASSERT_TRUE(vault.ok()) << vault.status();
  uint64_t last = 0;
  std::string clear;
  for (int i = 0; i < 100; ++i) {
    last = *(*vault)->TakeFreshKey();
    clear = *(*vault)->Key(last);
  }
  one.network.Next(std::vector<Fate>(1000, Fate::kLost));  // it is gone
  const auto second = Lead(two);
  security::VaultOptions more = options;
  more.share = [&](uint64_t after, uint64_t id, const std::vector<std::string>& keys) {
    return second->ShareKeys(after, id, keys);
  };
  auto next = security::Vault::Open(two.KeysPath(), two.provider, last + 1, more);
  ASSERT_TRUE(next.ok()) << next.status();
  EXPECT_GT(*(*next)->TakeFreshKey(), last) << "no id is handed out twice";
  EXPECT_EQ(*(*next)->Key(last), clear) << "and what the first one sealed opens here";
}

TEST_F(ClusterTest, AnotherMasterKeyIsNoticedByWhoStandsBy) {
  Node one(this, "hub-1"), two(this, "hub-2");
  const auto member = Lead(one);
  security::VaultOptions options;
  options.batch_keys = 8;
  options.share = [&](uint64_t after, uint64_t id, const std::vector<std::string>& keys) {
    return member->ShareKeys(after, id, keys);
  };
  auto vault = security::Vault::Open(one.KeysPath(), one.provider, 0, options);
  ASSERT_TRUE(vault.ok()) << vault.status();
  two.provider = *security::FileKeyProvider::Open(folder_.path() + "/other.key", security::Suite::kInternational);
  EXPECT_TRUE(absl::IsDataLoss(CatchUp(two))) << CatchUp(two);
}

TEST(CheckClusterTest, SettingsAreChecked) {
  v1::ClusterConfig good;
  for (const char* member : {"hub-1", "hub-2", "hub-3"}) good.add_member(member);
  good.set_node("hub-2");
  good.add_etcd("127.0.0.1:2379");
  good.mutable_etcd_tls()->set_ca("a");
  good.mutable_etcd_tls()->set_cert("b");
  good.mutable_etcd_tls()->set_key("c");
  EXPECT_TRUE(CheckCluster(good).ok());
  const auto refused = [&](const std::function<void(v1::ClusterConfig&)>& change, const std::string& word) {
    v1::ClusterConfig config = good;
    change(config);
    EXPECT_THAT(std::string(CheckCluster(config).message()), testing::HasSubstr(word));
  };
  refused([](auto& c) { c.set_node("hub-9"); }, "cluster.node");
  refused([](auto& c) { c.set_member(0, "hub-2"); }, "cluster.member");
  refused([](auto& c) { c.set_member(0, "Hub 1"); }, "cluster.member");
  refused([](auto& c) { c.clear_member(); }, "cluster.member");
  refused([](auto& c) { c.clear_etcd(); }, "cluster.etcd");
  refused([](auto& c) { c.clear_etcd_tls(); }, "cluster.etcd_tls");
  refused([](auto& c) { c.set_prefix("liandong"); }, "cluster.prefix");
  refused([](auto& c) { c.set_takeover_ms(100); }, "cluster.takeover_ms");
}

}  // namespace
}  // namespace liandong::cluster
