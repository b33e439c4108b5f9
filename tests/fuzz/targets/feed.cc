// The live feed: what a subscriber asks for, and what the screen makes of whatever comes under whatever topic.
#include <nlohmann/json.hpp>

#include "adapters/screen/board.h"
#include "hub/feed/framer.h"
#include "hub/feed/limits.h"
#include "tests/fuzz/pieces.h"
#include "tests/fuzz/target.h"
#include "tests/unit/adapters/screen/feed_model.h"

namespace liandong::fuzz {
namespace {

bool Begins(std::string_view text, std::string_view with) { return text.substr(0, with.size()) == with; }

bool IsArea(std::string_view text) {
  if (text.find_first_not_of("0123456789") != std::string_view::npos) return false;
  for (const size_t digits : feed::kLevelDigits) {
    if (text.size() == digits) return true;
  }
  return false;
}

}  // namespace

FUZZ_SEEDS(feed_subscription) {
  std::vector<std::string> seeds;
  for (const char* asked : {"", "33", "339921", "339921100000/ACTUAL", "heartbeat", "heartbeat/339921/", "4", "h"}) {
    seeds.push_back(PieceOf(asked) + PieceOf("339921") + PieceOf("339921100"));
    seeds.push_back(PieceOf(asked) + PieceOf("000000000000"));
  }
  return seeds;
}
// What is asked, then the areas of the key.
FUZZ_TARGET(feed_subscription) {
  Pieces pieces(bytes);
  const std::string_view asked = pieces.Piece();
  std::vector<std::string> areas;
  while (!pieces.empty() && areas.size() < 32) {
    const std::string area(pieces.Piece());
    if (IsArea(area)) areas.push_back(area);  // others are refused with the site set
  }
  const std::vector<std::string> granted = feed::Granted(asked, areas);
  Expect(granted.size() <= 2 * areas.size(), "what is granted is bounded");
  for (const std::string& topic : granted) {
    Expect(Begins(topic, asked), "no more than was asked");
    bool within = false;
    for (const std::string& area : areas) {
      within = within || Begins(topic, area) || Begins(topic, feed::HeartbeatTopicOf(area));
    }
    Expect(within, "no more than the key may read: " + topic);
  }
  // A subscription that lies within an area is granted as it is.
  for (const std::string& area : areas) {
    const bool inside = Begins(asked, area) && asked.size() <= feed::limits::kAskedBytes;
    Expect(!inside || std::find(granted.begin(), granted.end(), asked) != granted.end(),
           "what the key may read is granted");
  }
}

namespace {

enum FeedStep : uint8_t { kFrame, kHeartbeat, kSnapshot, kTick, kSteps };

std::string FrameStep(const screen::ModelFrame& one) {
  return std::string(1, kFrame) + PieceOf(one.topic) + PieceOf(one.header.SerializeAsString()) +
         PieceOf(one.frame.SerializeAsString());
}

}  // namespace

FUZZ_SEEDS(feed_frames) {
  screen::FeedModel model;
  std::string all;
  v1::FeedSnapshotReply snapshot;
  snapshot.set_started_ms(1);
  *snapshot.add_incident() = screen::MakeSummary(9, "339921100000");
  screen::AddDuty(snapshot.mutable_incident(0), "power", 4);
  const std::string begin =
      std::string(1, kSnapshot) + PieceOf("") + PieceOf("") + PieceOf(snapshot.SerializeAsString());
  std::vector<std::string> seeds = {begin + std::string(1, kTick)};
  for (uint64_t revision = 1; revision < 5; ++revision) {
    v1::IncidentSummary summary =
        screen::MakeSummary(revision % 2, revision % 3 == 0 ? "339921100000" : "339921101000", revision);
    screen::AddDuty(&summary, revision % 2 == 0 ? "power" : "telecom", revision);
    for (const screen::ModelFrame& one : model.Change(summary)) all += FrameStep(one);
    seeds.push_back(begin + all);
  }
  v1::FeedHeartbeat beat;
  beat.add_latest()->set_prefix("339921");
  beat.mutable_latest(0)->set_index(7);
  seeds.push_back(begin + all + std::string(1, kHeartbeat) + PieceOf("heartbeat/339921/") + PieceOf("") +
                  PieceOf(beat.SerializeAsString()));
  return seeds;
}
// Steps: a kind, then the topic, the header and the body.
FUZZ_TARGET(feed_frames) {
  int64_t now = 1'783'900'800'000;
  screen::Board board([&] { return now; }, [&] { return now; });
  board.SetAreas({"339921", "000000000000"});
  const screen::Audience whole = screen::Audience::Of(v1::COMMAND, "command");
  const screen::Audience power = screen::Audience::Of(v1::AGENCY, "power");
  const auto stream = board.Join(power, /*gzip=*/false, std::nullopt, "session");
  Pieces pieces(bytes);
  for (int steps = 0; steps < 64 && !pieces.empty(); ++steps) {
    const uint8_t kind = pieces.Byte() % kSteps;
    const std::string topic(pieces.Piece()), head(pieces.Piece()), body(pieces.Piece());
    v1::FeedHeader header;
    v1::FeedFrame frame;
    v1::FeedHeartbeat beat;
    v1::FeedSnapshotReply snapshot;
    now += 1000;
    if (!header.ParseFromString(head)) continue;
    if (kind == kFrame && frame.ParseFromString(body)) board.OnFrame(topic, header, frame);
    if (kind == kHeartbeat && beat.ParseFromString(body)) board.OnHeartbeat(header, beat);
    if (kind == kSnapshot && snapshot.ParseFromString(body)) {
      board.OnSnapshot({snapshot.incident().begin(), snapshot.incident().end()}, snapshot.log_index(),
                       snapshot.time_ms(), snapshot.started_ms());
    }
    if (kind == kTick) board.Tick();
  }
  for (const screen::Audience& audience : {whole, power}) {
    const std::string view = *board.ViewJson(audience, /*gzip=*/false);
    const nlohmann::json tree = nlohmann::json::parse(view, nullptr, /*allow_exceptions=*/false);
    Expect(tree.is_object(), "a view is JSON: " + view);
    if (audience.whole()) continue;
    for (const nlohmann::json& incident : tree.value("incidents", nlohmann::json::array())) {
      for (const nlohmann::json& duty : incident.value("duty", nlohmann::json::array())) {
        Expect(duty.value("party", "") == "power", "a party sees its own lines only");
      }
    }
  }
  std::vector<std::shared_ptr<const std::string>> sent;
  if (stream.ok()) {
    (*stream)->Open([] {});
    (void)(*stream)->Take(&sent);
  }
}

}  // namespace liandong::fuzz
