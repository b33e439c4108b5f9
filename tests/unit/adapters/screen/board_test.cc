#include "adapters/screen/board.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/screen/limits.h"
#include "adapters/screen/sessions.h"
#include "tests/unit/adapters/screen/feed_model.h"

namespace liandong::screen {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kTown[] = "339921101000";

class BoardTest : public testing::Test {
 protected:
  BoardTest() : board_([this] { return wall_ms_; }, [this] { return steady_ms_; }) {
    board_.SetAreas({"339921"});
    v1::IncidentSummary first = MakeSummary(1, kTown);
    AddDuty(&first, "power-supply", 7);
    model_.Change(first);
    board_.OnSnapshot(model_.Open({"339921"}), model_.index(), 0, model_.started_ms());
  }
  void Send(const v1::IncidentSummary& summary) {
    for (const ModelFrame& one : model_.Change(summary)) board_.OnFrame(one.topic, one.header, one.frame);
  }
  std::shared_ptr<EventStream> Join(const Audience& audience, std::optional<uint64_t> after) {
    auto stream = board_.Join(audience, /*gzip=*/false, after, "session");
    EXPECT_TRUE(stream.ok()) << stream.status();
    return *stream;
  }
  static std::string Read(EventStream& stream) {
    std::vector<std::shared_ptr<const std::string>> pieces;
    stream.Take(&pieces);
    std::string text;
    for (const auto& piece : pieces) text += *piece;
    return text;
  }

  int64_t wall_ms_ = 1'000'000, steady_ms_ = 0;
  FeedModel model_;
  Board board_;
  const Audience command_ = Audience::Of(v1::COMMAND, "command");
  const Audience power_ = Audience::Of(v1::AGENCY, "power-supply");
  const Audience town_ = Audience::Of(v1::TOWNSHIP, "town-x");
};

TEST_F(BoardTest, WhoeverListensIsToldOfWhatItMaySee) {
  const auto command = Join(command_, model_.index()), power = Join(power_, model_.index());
  const auto town = Join(town_, model_.index());
  Read(*command), Read(*power), Read(*town);
  v1::IncidentSummary summary = MakeSummary(2, kTown);
  AddDuty(&summary, "power-supply", 8);
  AddDuty(&summary, "telecom", 9);
  Send(summary);
  const std::string all = Read(*command), own = Read(*power);
  EXPECT_THAT(all, HasSubstr("event: incident\ndata: {\"log_index\":\"" + std::to_string(model_.index()) + "\","));
  EXPECT_THAT(all, HasSubstr("telecom"));
  EXPECT_THAT(own, HasSubstr("power-supply"));
  EXPECT_THAT(own, Not(HasSubstr("telecom")));
  EXPECT_THAT(own, HasSubstr("event: delivery\ndata: {\"delivery_id\":\"8\""));
  EXPECT_EQ(Read(*town), "");
}

TEST_F(BoardTest, AResumeTellsWhatWasMissedAndNoMore) {
  Send(MakeSummary(2, kTown));
  Send(MakeSummary(3, kTown));
  const std::string text = Read(*Join(command_, model_.index()));
  EXPECT_THAT(text, HasSubstr("\"incident_id\":\"3\""));
  EXPECT_THAT(text, Not(HasSubstr("\"incident_id\":\"1\"")));
  EXPECT_THAT(text, Not(HasSubstr("event: reset")));
  EXPECT_THAT(text, HasSubstr("event: status"));
}

TEST_F(BoardTest, WhatCannotBeResumedIsReset) {
  EXPECT_THAT(Read(*Join(command_, 5)), HasSubstr("event: reset")) << "before the screen was started";
  EXPECT_THAT(Read(*Join(command_, model_.index() + 100)), HasSubstr("event: reset")) << "of another log";
  EXPECT_THAT(Read(*Join(command_, std::nullopt)), HasSubstr("event: reset")) << "seen nothing yet";
}

TEST_F(BoardTest, TheViewIsThatOfTheAudience) {
  EXPECT_THAT(*board_.ViewJson(command_, false), HasSubstr("\"incident_id\":\"1\""));
  EXPECT_THAT(*board_.ViewJson(command_, false), HasSubstr("\"links\":[]"));
  EXPECT_THAT(*board_.ViewJson(power_, false), HasSubstr("\"delivery_id\":\"7\""));
  EXPECT_THAT(*board_.ViewJson(power_, false), Not(HasSubstr("\"links\"")));
  EXPECT_THAT(*board_.ViewJson(town_, false), HasSubstr("\"incidents\":[]"));
  Send(MakeSummary(2, kTown));
  EXPECT_THAT(*board_.ViewJson(command_, false), HasSubstr("\"incident_id\":\"2\""));
}

TEST_F(BoardTest, TheMonthsFirstResponseIsTheHubsOnceItIsKnown) {
  v1::IncidentSummary seen = MakeSummary(2, kTown);
  v1::DutyLine* duty = AddDuty(&seen, "power-supply", 8);
  Send(seen);
  EXPECT_THAT(*board_.ViewJson(command_, false), HasSubstr("\"first_response_s_30d\":null")) << "nobody has responded";
  duty->set_person(v1::ACCEPTED);
  Send(seen);
  EXPECT_THAT(*board_.ViewJson(command_, false), Not(HasSubstr("\"first_response_s_30d\":null")))
      << "what this screen saw";
  board_.SetMonth(187);
  EXPECT_THAT(*board_.ViewJson(command_, false), HasSubstr("\"first_response_s_30d\":187")) << "no view from before";
  EXPECT_THAT(Read(*Join(command_, model_.index())), HasSubstr("\"first_response_s_30d\":187"));
  board_.SetMonth(0);
  EXPECT_THAT(*board_.ViewJson(command_, false), HasSubstr("\"first_response_s_30d\":0")) << "at once is an answer";
}

TEST_F(BoardTest, ASilentFeedIsSaidPlainly) {
  const auto stream = Join(command_, model_.index());
  EXPECT_THAT(Read(*stream), HasSubstr("\"feed\":{\"ok\":true"));
  steady_ms_ += kFeedSilenceMsMax + 1;
  board_.Tick();
  EXPECT_THAT(Read(*stream), HasSubstr("\"feed\":{\"ok\":false,\"age_ms\":" + std::to_string(kFeedSilenceMsMax + 1)));
  board_.OnHeartbeat(model_.HeartbeatHeader(), model_.Heartbeat("339921"));
  steady_ms_ += kStatusEveryMs;
  board_.Tick();
  EXPECT_THAT(Read(*stream), HasSubstr("\"feed\":{\"ok\":true"));
}

TEST_F(BoardTest, ABrowserThatDoesNotReadIsDropped) {
  const auto stream = Join(command_, model_.index());
  for (size_t i = 0; i <= kStreamPiecesMax && !stream->over(); ++i) Send(MakeSummary(2, kTown, i + 1));
  EXPECT_TRUE(stream->over());
  EXPECT_EQ(board_.numbers().dropped, 1u);
  std::vector<std::shared_ptr<const std::string>> pieces;
  EXPECT_FALSE(stream->Take(&pieces));
}

TEST_F(BoardTest, StreamsEndWithTheirSession) {
  const auto stream = Join(command_, model_.index());
  board_.EndSession("another");
  EXPECT_FALSE(stream->over());
  EXPECT_THAT(board_.StreamingSessions(), testing::ElementsAre("session"));
  board_.EndSession("session");
  EXPECT_TRUE(stream->over());
  for (size_t i = 0; i < kSessionStreamsMax; ++i) Join(command_, std::nullopt);
  EXPECT_TRUE(absl::IsResourceExhausted(board_.Join(command_, false, std::nullopt, "session").status()));
}

class SessionsTest : public testing::Test {
 protected:
  absl::StatusOr<v1::SessionView> Ask(const std::string& token) {
    ++asked_;
    if (!answer_.ok()) return answer_;
    v1::SessionView view;
    view.set_account("a-" + token);
    view.set_expires_ms(10'000'000);
    return view;
  }

  int64_t wall_ms_ = 0, steady_ms_ = 0;
  int asked_ = 0, ended_ = 0;
  absl::Status answer_;
  Sessions sessions_{[this](const std::string& token) { return Ask(token); }, [this](const std::string&) { ++ended_; },
                     [this] { return wall_ms_; }, [this] { return steady_ms_; }};
};

TEST_F(SessionsTest, TheHubIsAskedNowAndThen) {
  const auto first = sessions_.Find("t");
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ((*first)->view.account(), "a-t");
  EXPECT_NE((*first)->csrf, (*sessions_.Find("u"))->csrf);
  asked_ = 0;
  ASSERT_TRUE(sessions_.Find("t").ok());
  EXPECT_EQ(asked_, 0);
  steady_ms_ += kSessionCheckMs;
  ASSERT_TRUE(sessions_.Find("t").ok());
  EXPECT_EQ(asked_, 1);
  sessions_.Doubt("t");
  ASSERT_TRUE(sessions_.Find("t").ok());
  EXPECT_EQ(asked_, 2);
}

TEST_F(SessionsTest, WhileTheHubIsAwayAKnownSessionMayLook) {
  ASSERT_TRUE(sessions_.Find("t").ok());
  answer_ = absl::UnavailableError("away");
  steady_ms_ += kSessionCheckMs;
  EXPECT_TRUE(sessions_.Find("t").ok());
  EXPECT_TRUE(absl::IsUnavailable(sessions_.Find("unknown").status()));
  wall_ms_ = 10'000'000;
  EXPECT_FALSE(sessions_.Find("t").ok()) << "its time is over, hub or no hub";
}

TEST_F(SessionsTest, WhatTheHubEndedIsEnded) {
  const auto session = sessions_.Find("t");
  ASSERT_TRUE(session.ok());
  answer_ = absl::UnauthenticatedError("over");
  steady_ms_ += kSessionCheckMs;
  sessions_.Recheck({(*session)->key});
  EXPECT_EQ(ended_, 1);
  EXPECT_EQ(sessions_.size(), 0u);
  EXPECT_TRUE(absl::IsUnauthenticated(sessions_.Find("t").status()));
  EXPECT_TRUE(absl::IsUnauthenticated(sessions_.Find("").status()));
}

}  // namespace
}  // namespace liandong::screen
