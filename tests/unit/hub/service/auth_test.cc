#include "hub/service/auth.h"

#include <gtest/gtest.h>

#include "hub/core/errors.h"
#include "hub/service/errors.h"
#include "tests/unit/hub/service/test_hub.h"

namespace liandong::service {
namespace {

constexpr char kReport[] = "/liandong.v1.Intake/Report";
constexpr char kShow[] = "/liandong.v1.Desk/ShowIncident";

std::shared_ptr<const routing::Site> Site() { return routing::Site::CompileAdopted(SmallCounty()); }

std::string ReasonOf(const absl::Status& status) { return core::DetailOf(status).reason(); }

TEST(Gate, LetsInWhoTheSiteSetNames) {
  const SiteDirectory directory(Site());
  const Gate gate(&directory);
  const auto caller = gate.Admit({"spiffe://small.example/party/police-110"}, kReport);
  ASSERT_TRUE(caller.ok()) << caller.status();
  EXPECT_EQ(caller->party(), "police-110");
  EXPECT_EQ(caller->kind(), v1::HOTLINE);
}

TEST(Gate, RefusesEverybodyElse) {
  const SiteDirectory directory(Site());
  const Gate gate(&directory);
  EXPECT_EQ(ReasonOf(gate.Admit({}, kReport).status()), "NO_PARTY");
  EXPECT_EQ(
      ReasonOf(
          gate.Admit({"spiffe://small.example/party/power", "spiffe://small.example/party/command"}, kReport).status()),
      "NO_PARTY");
  EXPECT_EQ(ReasonOf(gate.Admit({"spiffe://other.example/party/power"}, kReport).status()), "NO_PARTY");
  EXPECT_EQ(ReasonOf(gate.Admit({"https://small.example/party/power"}, kReport).status()), "NO_PARTY");
  EXPECT_EQ(ReasonOf(gate.Admit({"spiffe://small.example/party/nobody"}, kReport).status()), "UNKNOWN_PARTY");
  EXPECT_EQ(ReasonOf(gate.Admit({"spiffe://small.example/party/power"}, kShow).status()), "NOT_ALLOWED");
  EXPECT_EQ(ReasonOf(gate.Admit({"spiffe://small.example/party/command"}, "/liandong.v1.Desk/New").status()),
            "NOT_ALLOWED");
  EXPECT_EQ(ReasonOf(gate.Admit({"spiffe://small.example/party/command"}, "").status()), "NOT_ALLOWED");
  const SiteDirectory empty(nullptr);
  EXPECT_EQ(ReasonOf(Gate(&empty).Admit({"spiffe://small.example/party/power"}, kReport).status()), "NO_SITE_SET");
}

TEST(Gate, FollowsTheSiteSetInForce) {
  SiteDirectory directory(Site());
  const Gate gate(&directory);
  v1::SiteSet changed = SmallCounty();
  for (int i = 0; i < changed.party_size(); ++i) {
    if (changed.party(i).id() == "power") changed.mutable_party()->DeleteSubrange(i--, 1);
  }
  directory.Set(routing::Site::CompileAdopted(changed));
  EXPECT_EQ(ReasonOf(gate.Admit({"spiffe://small.example/party/power"}, kReport).status()), "UNKNOWN_PARTY");
}

TEST(Caller, TheCertificateNamesThePartyWhateverTheActorSays) {
  const SiteDirectory directory(Site());
  const auto caller = Gate(&directory).Admit({"spiffe://small.example/party/power"}, kReport);
  ASSERT_TRUE(caller.ok());
  v1::Actor given;
  given.set_party("command");
  given.set_person("王五");
  given.set_way(v1::BY_HUB);
  auto actor = caller->ActorFrom(given);
  ASSERT_TRUE(actor.ok());
  EXPECT_EQ(actor->party(), "power");
  EXPECT_EQ(actor->person(), "王五");
  EXPECT_EQ(actor->way(), v1::BY_CLIENT);
  given.set_way(v1::BY_TELEPHONE);
  EXPECT_EQ(caller->ActorFrom(given)->way(), v1::BY_TELEPHONE);
  given.set_told_by(std::string(1000, 'x'));
  EXPECT_EQ(ReasonOf(caller->ActorFrom(given).status()), "TOO_LARGE");
}

TEST(Errors, TextsAreCutAtACharacter) {
  EXPECT_EQ(Cut("短", 10), "短");
  EXPECT_EQ(Cut("一二三", 7), "一二 ...");
  EXPECT_EQ(Cut("abc", 0), " ...");
  // A site set's whole list of findings still fits a client's trailers.
  std::string lines;
  while (lines.size() < 100'000) lines += "文件:1:1: 错误\n";
  const grpc::Status status =
      ToGrpc(core::Refuse(absl::StatusCode::kInvalidArgument, "BAD_SITE_SET", lines, lines, "site"));
  EXPECT_LT(status.error_message().size() * 3 + status.error_details().size() * 4 / 3, 8000u);
  EXPECT_EQ(DetailOf(status).reason(), "BAD_SITE_SET");
}

TEST(Errors, StatusesOfOtherPartsCarryAReasonToo) {
  const grpc::Status busy = ToGrpc(absl::UnavailableError("catching up"));
  EXPECT_EQ(busy.error_code(), grpc::UNAVAILABLE);
  EXPECT_EQ(DetailOf(busy).reason(), "UNAVAILABLE");
  EXPECT_TRUE(DetailOf(busy).retry());
  EXPECT_EQ(DetailOf(ToGrpc(absl::InternalError("x"))).reason(), "INTERNAL");
  EXPECT_TRUE(ToGrpc(absl::OkStatus()).ok());
}

}  // namespace
}  // namespace liandong::service
