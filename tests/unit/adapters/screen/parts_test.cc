// The pure parts: compression in pieces, audiences, counters, what the page offers, errors, cookies and queries.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "adapters/screen/api.h"
#include "adapters/screen/gzip.h"
#include "adapters/screen/json.h"
#include "adapters/screen/may.h"
#include "adapters/screen/metrics.h"
#include "adapters/screen/stats.h"
#include "tests/unit/adapters/screen/feed_model.h"

namespace liandong::screen {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;

constexpr char kTown[] = "339921101000";

// What a browser makes of a compressed stream that has not ended.
std::string Inflate(const std::string& bytes) {
  z_stream stream = {};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  std::string out(1 << 20, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = inflate(&stream, Z_SYNC_FLUSH);
  EXPECT_TRUE(result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR) << result;
  EXPECT_EQ(stream.avail_in, 0u);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

TEST(GzipTest, PiecesOfAnyStreamCanBePutTogether) {
  const std::string event = "event: a\ndata: 事件\n\n";
  const std::string first = GzipPiece(event), second = GzipPiece(std::string(100'000, 'x'));
  EXPECT_EQ(Inflate(GzipStreamHead() + first), event) << "whole before the next piece comes";
  EXPECT_EQ(Inflate(GzipStreamHead() + second + first + first), std::string(100'000, 'x') + event + event);
  EXPECT_LT(second.size(), 1'000u);
  EXPECT_EQ(Inflate(Gzip("whole", 9)), "whole");
}

TEST(GzipTest, OnlyWhoAcceptsIt) {
  EXPECT_TRUE(AcceptsGzip("gzip, deflate, br"));
  EXPECT_TRUE(AcceptsGzip("br;q=1.0, GZIP;q=0.5"));
  EXPECT_FALSE(AcceptsGzip("gzip;q=0, identity"));
  EXPECT_FALSE(AcceptsGzip(""));
}

TEST(AudienceTest, APartySeesItsOwnLinesOnly) {
  v1::IncidentSummary summary = MakeSummary(1, kTown);
  AddDuty(&summary, "power-supply", 7)->set_next_deadline_ms(500);
  AddDuty(&summary, "telecom", 8)->set_next_deadline_ms(300);
  summary.set_next_deadline_ms(300);
  const Audience whole = Audience::Of(v1::COMMAND, "command"), power = Audience::Of(v1::AGENCY, "power-supply");
  EXPECT_TRUE(whole.Sees(summary));
  EXPECT_TRUE(power.Sees(summary));
  EXPECT_FALSE(Audience::Of(v1::TOWNSHIP, "town-x").Sees(summary));
  const v1::IncidentSummary cut = power.Cut(summary);
  ASSERT_EQ(cut.duty_size(), 1);
  EXPECT_EQ(cut.duty(0).party(), "power-supply");
  EXPECT_EQ(cut.next_deadline_ms(), 500) << "another party's deadline is not its business";
}

TEST(StatsTest, CountsWhatIsOpenAndLateAndNoExercise) {
  View view;
  std::vector<Change> changes;
  v1::IncidentSummary late = MakeSummary(1, kTown), exercise = MakeSummary(2, kTown), missed = MakeSummary(3, kTown);
  late.mutable_incident()->set_severity(v1::MAJOR);
  AddDuty(&late, "power-supply", 7)->set_next_deadline_ms(999);
  exercise.mutable_incident()->set_purpose(v1::EXERCISE);
  v1::DutyLine* duty = AddDuty(&missed, "telecom", 8);
  duty->add_missed(v1::RUNG_ACCEPT);
  duty->set_next_deadline_ms(5'000);  // of the next escalation
  view.Replace({late, exercise, missed, MakeSummary(4, kTown)}, 10, 0, &changes);
  view.Put(MakeSummary(4, kTown, 2, v1::CLOSED), 11, 0, &changes);
  const Audience command = Audience::Of(v1::COMMAND, "command");
  const Stats stats = Count(view, command, 1'000);
  EXPECT_EQ(stats.open, 2u);
  EXPECT_EQ(stats.overdue, 2u);
  EXPECT_THAT(stats.per_hotline, ElementsAre(Pair("police-110", 2)));
  EXPECT_THAT(stats.per_severity, Contains(Pair("MAJOR", 1)));
  EXPECT_EQ(Count(view, Audience::Of(v1::AGENCY, "power-supply"), 1'000).open, 1u);
  duty->set_person(v1::ACCEPTED);
  view.Put(missed, 12, 0, &changes);
  EXPECT_EQ(Count(view, command, 1'000).overdue, 1u) << "late, but taken up since";
}

TEST(StatsTest, FirstResponsesAreThoseThatWereSeenToHappen) {
  View view;
  FirstResponses responses;
  EXPECT_EQ(responses.NowS(0), -1);
  std::vector<Change> changes;
  v1::IncidentSummary before = MakeSummary(1, kTown), fresh = MakeSummary(2, kTown);
  AddDuty(&before, "telecom", 7)->set_person(v1::ACCEPTED);
  AddDuty(&fresh, "telecom", 8);
  view.Replace({before, fresh}, 10, 0, &changes);
  responses.OnSnapshot(view, changes);
  changes.clear();
  fresh.mutable_duty(0)->set_person(v1::ACCEPTED);
  before.mutable_incident()->set_revision(2);
  view.Put(fresh, 11, 90'000, &changes);
  view.Put(before, 11, 90'000, &changes);
  responses.OnFrame(view, changes, 90'000);
  EXPECT_EQ(responses.NowS(100'000), 90);
  EXPECT_EQ(responses.LongS(100'000), 90);
  EXPECT_EQ(responses.LongS(int64_t{40} * 24 * 3'600'000), -1);
}

TEST(MayTest, RolesSayWhatIsOffered) {
  v1::SessionView view;
  view.add_role("viewer");
  EXPECT_THAT(MayOf(view), ElementsAre("look"));
  view.add_role("duty_officer");
  EXPECT_THAT(MayOf(view), Contains("order"));
  view.set_must_change_password(true);
  EXPECT_THAT(MayOf(view), IsEmpty());
  v1::SessionView clerk, wall;
  clerk.add_role("clerk");
  EXPECT_THAT(MayOf(clerk), ElementsAre("look", "deliveries", "ack", "report", "hand_over", "upward"));
  wall.add_role("wall");
  EXPECT_THAT(MayOf(wall), ElementsAre("look"));
}

TEST(JsonTest, ErrorsKeepTheHubsWordsAndNothingOfTheNetwork) {
  const absl::Status refused =
      Refusal(absl::StatusCode::kFailedPrecondition, "NOT_HOLDER", "不是牵头单位", "not yours");
  EXPECT_THAT(ErrorJson(refused), HasSubstr("\"reason\":\"NOT_HOLDER\""));
  EXPECT_THAT(ErrorJson(refused), HasSubstr("不是牵头单位"));
  EXPECT_EQ(HttpStatusOf(refused), 409);
  const absl::Status away = absl::UnavailableError("cannot reach the hub at 10.1.2.3:7443");
  EXPECT_THAT(ErrorJson(away), HasSubstr("HUB_UNREACHABLE"));
  EXPECT_THAT(ErrorJson(away), Not(HasSubstr("10.1.2.3")));
  v1::Acknowledgment ack;
  const absl::Status bad = FromJson("{\"note\":\"张三\",\"nonsense\":1}", &ack);
  EXPECT_TRUE(absl::IsInvalidArgument(bad));
  EXPECT_THAT(std::string(bad.message()), Not(HasSubstr("张三")));
}

TEST(HttpPartsTest, CookiesQueriesAndLabels) {
  EXPECT_EQ(CookieOf("a=1; liandong_session=t-0k.en=; b=2", "liandong_session"), "t-0k.en=");
  EXPECT_EQ(CookieOf("xliandong_session=1", "liandong_session"), "");
  EXPECT_EQ(ParameterOf("closed=1&before=77", "before"), "77");
  EXPECT_EQ(ParameterOf("", "before"), "");
  EXPECT_EQ(SortOf("/api/incidents/5/explain"), "/api/incidents");
  EXPECT_EQ(SortOf("/api/anything"), "other");
  EXPECT_EQ(SortOf("/assets/x.js"), "page");
  adapters::HttpAnswer answer;
  v1::MapTiles tiles;
  tiles.set_url("https://tiles.example/{z}/{x}/{y}.png");
  AddSecurityHeaders(tiles, &answer);
  EXPECT_THAT(std::string(adapters::HeaderValue(answer.headers, "Content-Security-Policy")),
              HasSubstr("img-src 'self' data: https://tiles.example;"));
}

}  // namespace
}  // namespace liandong::screen
