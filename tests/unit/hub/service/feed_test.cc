// The live feed of a real hub: areas, snapshots, and both together.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "liandong/v1/feed.grpc.pb.h"
#include "security/curve_key.h"
#include "tests/unit/hub/feed/subscriber.h"
#include "tests/unit/hub/service/test_hub.h"

namespace liandong::service {
namespace {

constexpr int kLimitMs = 60'000;

class FeedTest : public testing::Test {
 protected:
  FeedTest() : county_(security::MakeCurveKey()), town_(security::MakeCurveKey()), hub_(Site()) {}

  v1::SiteSet Site() const {
    v1::SiteSet site = SmallCounty();
    for (auto& party : *site.mutable_party()) {
      if (party.id() != "town-one") continue;
      party.set_feed_key(town_.public_z85);
      party.add_feed_area("339921100");
    }
    v1::Party* screen = site.add_party();
    screen->set_id("screen");
    screen->set_kind(v1::SCREEN);
    screen->set_name_zh("大屏服务");
    screen->set_feed_key(county_.public_z85);
    screen->add_feed_area("339921");
    screen->add_feed_area("000000000000");
    return site;
  }

  v1::FeedSnapshotReply Snapshot(const std::string& party, const std::string& division = "") {
    Call call;
    v1::FeedSnapshotRequest request;
    request.set_division(division);
    v1::FeedSnapshotReply reply;
    status_ = v1::Feed::NewStub(hub_.Channel(party))->Snapshot(&call, request, &reply);
    return reply;
  }
  std::unique_ptr<feed::Subscriber> Subscribe(const std::string& party, const security::CurveKey& key) {
    Call call;
    v1::FeedWhereReply where;
    EXPECT_TRUE(v1::Feed::NewStub(hub_.Channel(party))->Where(&call, v1::FeedWhereRequest(), &where).ok());
    EXPECT_EQ(where.feed_key(), key.public_z85);
    auto subscriber =
        std::make_unique<feed::Subscriber>(where.endpoint(), where.server_key(), key, std::vector<std::string>{""});
    while (!subscriber->Next(kLimitMs).value_or(feed::Received()).is_heartbeat()) continue;
    return subscriber;
  }
  v1::Report FloodIn(const std::string& id, const std::string& division) {
    v1::Report report = Flood(id);
    report.mutable_open()->set_division(division);
    return report;
  }
  // The ids in frames up to the one that holds `last`.
  static std::set<uint64_t> Until(feed::Subscriber& subscriber, uint64_t last) {
    std::set<uint64_t> out;
    while (!out.contains(last)) {
      const auto got = subscriber.Next(kLimitMs);
      if (!got.has_value()) {
        ADD_FAILURE() << "incident " << last << " did not come";
        return out;
      }
      if (got->is_heartbeat()) continue;
      for (const auto& one : got->frame().incident()) out.insert(one.incident().incident_id());
    }
    return out;
  }

  const security::CurveKey county_, town_;
  TestHub hub_;
  grpc::Status status_;
};

TEST_F(FeedTest, EachReaderGetsItsAreaWhateverItAsks) {
  const auto town = Subscribe("town-one", town_);
  const auto county = Subscribe("screen", county_);
  const uint64_t elsewhere = hub_.Report("police-110", FloodIn("J1", "339921101000")).incident_id();
  const uint64_t nowhere = hub_.Report("police-110", FloodIn("J2", "")).incident_id();
  const uint64_t here = hub_.Report("police-110", FloodIn("J3", "339921100000")).incident_id();
  EXPECT_EQ(Until(*town, here), (std::set<uint64_t>{here}));
  EXPECT_EQ(Until(*county, here), (std::set<uint64_t>{elsewhere, nowhere, here}));
  EXPECT_EQ(Snapshot("town-one").incident_size(), 1);
  EXPECT_EQ(Snapshot("screen").incident_size(), 3);
  EXPECT_EQ(Snapshot("screen", "339921101").incident_size(), 1);
  EXPECT_EQ(Snapshot("command").incident_size(), 3);
  (void)Snapshot("town-one", "339921101");
  EXPECT_EQ(DetailOf(status_).reason(), "NOT_YOUR_AREA");
  (void)Snapshot("power");
  EXPECT_EQ(DetailOf(status_).reason(), "NOT_YOUR_AREA") << "no area, no feed";
}

TEST_F(FeedTest, NothingPersonalOrRestrictedIsInIt) {
  const auto county = Subscribe("screen", county_);
  v1::Report report = FloodIn("J1", "339921100000");
  report.mutable_open()->mutable_counts()->set_injured(7);
  const uint64_t incident = hub_.Report("police-110", report).incident_id();
  v1::Report secret = FloodIn("J2", "339921100000");
  secret.mutable_open()->set_secret(true);
  const uint64_t hidden = hub_.Report("police-110", secret).incident_id();
  const uint64_t last = hub_.Report("police-110", FloodIn("J3", "339921100000")).incident_id();
  std::string everything = Snapshot("screen").SerializeAsString();
  std::set<uint64_t> seen;
  while (!seen.contains(last)) {
    const auto got = county->Next(kLimitMs);
    ASSERT_TRUE(got.has_value());
    everything += got->topic + got->header.SerializeAsString() + got->body;
    if (got->is_heartbeat()) continue;
    for (const auto& one : got->frame().incident()) {
      seen.insert(one.incident().incident_id());
      EXPECT_FALSE(one.incident().has_counts());
    }
  }
  EXPECT_EQ(seen, (std::set<uint64_t>{incident, last})) << hidden << " is secret";
  for (const char* word : {"张三丰", "13800001111", "河边路7号", "水已进屋", "J1", "J2"})
    EXPECT_EQ(everything.find(word), std::string::npos) << word;
}

TEST_F(FeedTest, ATownSeesAnIncidentLeave) {
  const auto town = Subscribe("town-one", town_);
  const uint64_t incident = hub_.Report("police-110", FloodIn("J1", "339921100000")).incident_id();
  Until(*town, incident);
  Call call;
  v1::CorrectIncidentRequest correct;
  correct.set_incident_id(incident);
  correct.set_division("339921101000");
  correct.set_reason("地址核实");
  v1::ActionReply reply;
  const grpc::Status status = hub_.As("command").desk->CorrectIncident(&call, correct, &reply);
  ASSERT_TRUE(status.ok()) << status.error_message();
  while (true) {
    const auto got = town->Next(kLimitMs);
    ASSERT_TRUE(got.has_value());
    if (got->is_heartbeat()) continue;
    const v1::FeedFrame frame = got->frame();
    for (const auto& one : frame.incident()) EXPECT_EQ(one.incident().division(), "339921100000");
    if (frame.gone_size() == 0) continue;
    EXPECT_EQ(frame.gone(0), incident);
    break;
  }
  EXPECT_EQ(Snapshot("town-one").incident_size(), 0);
}

// A client that misses frames: gap, snapshot, and on. In the end it holds exactly what the hub holds.
TEST_F(FeedTest, GapsAreMendedBySnapshots) {
  const auto county = Subscribe("screen", county_);
  std::map<uint64_t, std::string> held;  // id -> serialized summary
  uint64_t have = 0, mended = 0;
  auto mend = [&] {
    const v1::FeedSnapshotReply snapshot = Snapshot("screen", "339921");
    held.clear();
    for (const auto& one : snapshot.incident()) held[one.incident().incident_id()] = one.SerializeAsString();
    have = snapshot.log_index();
    ++mended;
  };
  mend();
  for (int i = 0; i < 60; ++i)
    hub_.Report("police-110", FloodIn("G" + std::to_string(i), i % 2 ? "339921100000" : "339921101000"));
  const uint64_t last = Snapshot("screen", "339921").log_index();
  int number = 0;
  while (have < last) {
    const auto got = county->Next(kLimitMs);
    ASSERT_TRUE(got.has_value());
    if (got->is_heartbeat()) {
      for (const auto& one : got->heartbeat().latest()) {
        if (one.prefix() == "339921" && one.index() > have) mend();
      }
      continue;
    }
    if (++number % 7 == 0) continue;  // this one is lost
    if (got->header.index() <= have) continue;
    if (got->header.previous(2) > have) {
      mend();
      continue;
    }
    have = got->header.index();
    for (const auto& one : got->frame().incident()) held[one.incident().incident_id()] = one.SerializeAsString();
  }
  EXPECT_GT(mended, 1u);
  std::map<uint64_t, std::string> expected;
  const v1::FeedSnapshotReply end = Snapshot("screen", "339921");
  for (const auto& one : end.incident()) expected[one.incident().incident_id()] = one.SerializeAsString();
  EXPECT_EQ(held.size(), 60u);
  EXPECT_EQ(held, expected);
}

TEST_F(FeedTest, ARestartedHubIsNoticedAndItsMovesAreSeen) {
  const uint64_t incident = hub_.Report("police-110", FloodIn("J1", "339921100000")).incident_id();
  const int64_t before = Snapshot("town-one").started_ms();
  hub_.Stop();
  hub_.Start();
  const auto town = Subscribe("town-one", town_);
  EXPECT_GT(Snapshot("town-one").started_ms(), before);
  Call call;
  v1::CorrectIncidentRequest correct;
  correct.set_incident_id(incident);
  correct.set_division("339921101000");
  correct.set_reason("地址核实");
  v1::ActionReply reply;
  ASSERT_TRUE(hub_.As("command").desk->CorrectIncident(&call, correct, &reply).ok());
  std::set<uint64_t> gone;
  while (gone.empty()) {
    const auto got = town->Next(kLimitMs);
    ASSERT_TRUE(got.has_value());
    if (!got->is_heartbeat()) gone.insert(got->frame().gone().begin(), got->frame().gone().end());
  }
  EXPECT_EQ(gone, (std::set<uint64_t>{incident}));
}

}  // namespace
}  // namespace liandong::service
