// The examples of deploy/clients, run as a partner would run them, against a fake hub over mutual TLS.
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/unit/adapters/client/fake_hub.h"

namespace liandong::adapters {
namespace {

// A child process that is ended with the object.
class Child {
 public:
  explicit Child(const std::vector<std::string>& command) {
    std::vector<char*> words;
    for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    setenv("AGENCY_STEP_MS", "1", 1);
    EXPECT_EQ(posix_spawnp(&pid_, words[0], nullptr, nullptr, words.data(), environ), 0) << words[0];
  }
  ~Child() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }

 private:
  pid_t pid_ = 0;
};

struct Example {
  const char* name;
  std::vector<std::string> command;
  const char* needs;  // file whose absence skips the test
  const char* mend;
  const char* keeps;  // file of its folder that holds delivery 1
};

class ExampleClientsTest : public testing::TestWithParam<Example> {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(GetParam().needs))
      GTEST_SKIP() << GetParam().needs << " is missing: " << GetParam().mend;
    hub_ = std::make_unique<FakeHub>(pki_, state_);
  }

  std::unique_ptr<Child> Start() {
    const TlsFiles files = pki_.Files("power-supply");
    std::vector<std::string> command = GetParam().command;
    for (const std::string& word : {hub_->address(), files.ca, files.cert, files.key, pki_.folder() + "/agency"}) {
      command.push_back(word);
    }
    return std::make_unique<Child>(command);
  }

  // The states acknowledged for one delivery, repeats left out: RECEIVED, where it came at all (after a break an open
  // step may go out before it does so again), then the others in their order.
  std::vector<v1::AckState> Climb(uint64_t id) {
    std::vector<v1::AckState> states;
    if (state_->Received(id) > 0) states.push_back(v1::RECEIVED);
    for (const auto& one : state_->Acknowledgments()) {
      if (one.delivery_id() != id || one.state() == v1::RECEIVED) continue;
      if (states.empty() || states.back() < one.state()) states.push_back(one.state());
    }
    return states;
  }
  bool Climbs(uint64_t id, const std::vector<v1::AckState>& expected) {
    return Eventually([&] { return Climb(id) == expected; });
  }

  TestPki pki_;
  std::shared_ptr<FakeState> state_ = std::make_shared<FakeState>();
  std::unique_ptr<FakeHub> hub_;
};

const std::vector<v1::AckState> kWholeLadder = {v1::RECEIVED, v1::ACCEPTED, v1::EN_ROUTE, v1::ON_SCENE, v1::COMPLETED};

TEST_P(ExampleClientsTest, ClimbsTheLaddersStoresAndResumes) {
  v1::Delivery inform = MakeDelivery(2, v1::ORDINARY, 1);
  inform.mutable_body()->mutable_duty()->set_role(v1::INFORM);
  state_->AddDelivery(MakeDelivery(1, v1::URGENT, 1));
  state_->AddDelivery(inform);
  {
    const auto child = Start();
    EXPECT_TRUE(Climbs(1, kWholeLadder));
    EXPECT_TRUE(Climbs(2, {v1::RECEIVED}));
  }
  EXPECT_TRUE(std::filesystem::exists(pki_.folder() + "/agency/" + GetParam().keeps));
  state_->AddDelivery(MakeDelivery(3, v1::URGENT, 2));
  const auto child = Start();
  EXPECT_TRUE(Climbs(3, kWholeLadder));
  // It named both lanes, and where it had stopped.
  const v1::Hello hello = state_->Hellos().back();
  ASSERT_EQ(hello.resume_size(), 2);
  EXPECT_EQ(hello.resume(0).after_sequence(), 1u);
  EXPECT_EQ(hello.resume(1).after_sequence(), 1u);
}

TEST_P(ExampleClientsTest, ABreakLosesNothingAndRepeatsNothing) {
  for (uint64_t i = 1; i <= 4; ++i) state_->AddDelivery(MakeDelivery(i, v1::URGENT, i));
  state_->BreakLinkAfter(2);
  const auto child = Start();
  for (uint64_t i = 1; i <= 4; ++i) EXPECT_TRUE(Climbs(i, kWholeLadder)) << i;
  EXPECT_GE(state_->Hellos().size(), 2u);
}

TEST_P(ExampleClientsTest, AnOvertakenRevisionIsKeptAndNotActedOn) {
  v1::Delivery newer = MakeDelivery(1, v1::URGENT, 1);
  newer.mutable_envelope()->set_incident_id(7);
  newer.mutable_envelope()->set_incident_revision(5);
  v1::Delivery older = MakeDelivery(2, v1::ORDINARY, 1);
  older.mutable_envelope()->set_incident_id(7);
  older.mutable_envelope()->set_incident_revision(4);
  state_->AddDelivery(newer);
  state_->AddDelivery(older);
  const auto child = Start();
  EXPECT_TRUE(Climbs(1, kWholeLadder));
  EXPECT_TRUE(Climbs(2, {v1::RECEIVED}));
}

INSTANTIATE_TEST_SUITE_P(Languages, ExampleClientsTest,
                         testing::Values(Example{"python",
                                                 {"/usr/bin/python3", "deploy/clients/python/agency.py"},
                                                 "/usr/lib/python3/dist-packages/grpc",
                                                 "apt-get install python3-grpcio python3-protobuf protobuf-compiler",
                                                 "agency.db"},
                                         Example{"node",
                                                 {"node", "deploy/clients/node/agency.mjs"},
                                                 "deploy/clients/node/node_modules/@grpc/grpc-js",
                                                 "npm ci --prefix deploy/clients/node",
                                                 "1.json"}),
                         [](const testing::TestParamInfo<Example>& example) {
                           return std::string(example.param.name);
                         });

}  // namespace
}  // namespace liandong::adapters
