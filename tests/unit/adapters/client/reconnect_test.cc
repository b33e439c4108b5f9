// A client whose calls are short and rare, as the screen's are, reaches its hub again after the hub was away.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <memory>

#include "absl/time/clock.h"
#include "tests/unit/adapters/client/fake_hub.h"

namespace liandong::adapters {
namespace {

// With epoll, threads of the fake hub in this process would move the client's connections on, which a hub in another
// process does not; with poll each waits for its own. Set before gRPC starts.
const int kOwnWaiting = setenv("GRPC_POLL_STRATEGY", "poll", /*overwrite=*/1);

constexpr absl::Duration kShort = absl::Milliseconds(300);
constexpr absl::Duration kQuiet = absl::Seconds(1);

v1::Report MakeReport(const std::string& id) {
  v1::Report report;
  report.set_external_id(id);
  return report;
}

TEST(ReconnectTest, ShortCallsReachAHubThatWasAway) {
  ASSERT_EQ(kOwnWaiting, 0);
  TestPki pki;
  const auto state = std::make_shared<FakeState>();
  auto hub = std::make_unique<FakeHub>(pki, state);
  const int port = hub->port();
  const auto client = HubClient::Create({{hub->address()}, pki.Files("power-supply")});
  ASSERT_TRUE(client.ok()) << client.status();
  ASSERT_TRUE((*client)->Report(MakeReport("before"), absl::Seconds(60)).ok());
  hub.reset();
  ASSERT_FALSE((*client)->Report(MakeReport("away"), kShort).ok());
  hub = std::make_unique<FakeHub>(pki, state, port);
  EXPECT_TRUE(Eventually([&] {
    if ((*client)->Report(MakeReport("after"), kShort).ok()) return true;
    absl::SleepFor(kQuiet);
    return false;
  }));
}

}  // namespace
}  // namespace liandong::adapters
