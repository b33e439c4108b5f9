// The audit trail of a real hub: what is in it, who reads it, and what happens when it cannot be written.
#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "absl/time/clock.h"
#include "hub/first_account.h"
#include "liandong/v1/account.grpc.pb.h"
#include "liandong/v1/audit.grpc.pb.h"
#include "tests/unit/hub/log/failing_sync.h"
#include "tests/unit/hub/service/test_hub.h"

namespace liandong::service {
namespace {

v1::SiteSet CountyWithAScreen() {
  v1::SiteSet site = SmallCounty();
  v1::Party* screen = site.add_party();
  screen->set_id("screen");
  screen->set_kind(v1::SCREEN);
  screen->set_name_zh("大屏服务");
  return site;
}

struct As : public Call {
  explicit As(const std::string& session, const std::string& from = "") {
    AddMetadata("liandong-session", session);
    if (!from.empty()) AddMetadata("liandong-from", from);
  }
};

class AuditTest : public testing::Test {
 protected:
  AuditTest() : hub_(CountyWithAScreen()) {
    hub_.Stop();
    MakeAccount("auditor", "command");
    MakeAccount("duty_officer", "command");
    MakeAccount("clerk", "power");
    hub_.Start();
    screen_ = hub_.Channel("screen");
    account_ = v1::Account::NewStub(screen_);
    audit_ = v1::Audit::NewStub(screen_);
    desk_ = v1::Desk::NewStub(screen_);
    link_ = v1::Link::NewStub(screen_);
  }

  // Named as its role, with "correct horse" as the password.
  void MakeAccount(const std::string& role, const std::string& party) {
    const auto password =
        hub::CreateFirstAccount(hub_.config(), {.account = role, .person = "甲", .party = party, .roles = {role}});
    ASSERT_TRUE(password.ok()) << password.status();
    first_[role] = *password;
  }
  std::string Session(const std::string& account) {
    const v1::SignInReply in = SignIn(account, first_[account]);
    EXPECT_TRUE(status_.ok()) << status_.error_message();
    As call(in.session());
    v1::ChangePasswordRequest request;
    request.set_old_password(first_[account]);
    request.set_new_password("correct horse");
    v1::ChangePasswordReply reply;
    const grpc::Status status = account_->ChangePassword(&call, request, &reply);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return in.session();
  }
  v1::SignInReply SignIn(const std::string& account, const std::string& password, const std::string& from = "") {
    As call("", from);
    v1::SignInRequest request;
    request.set_account(account);
    request.set_password(password);
    v1::SignInReply reply;
    status_ = account_->SignIn(&call, request, &reply);
    return reply;
  }
  grpc::Status Show(v1::Desk::Stub* desk, Call* call, uint64_t incident) {
    v1::ShowIncidentRequest request;
    request.set_incident_id(incident);
    v1::ShowIncidentReply reply;
    const grpc::Status status = desk->ShowIncident(call, request, &reply);
    shown_ = reply.incident().reports_size() > 0;
    return status;
  }

  std::vector<v1::TrailEntry> Trail(const std::string& session, v1::TrailKind kind = v1::TRAIL_KIND_UNSPECIFIED) {
    As call(session);
    v1::TrailRequest request;
    request.set_kind(kind);
    request.set_limit(1000);
    v1::TrailReply reply;
    status_ = audit_->Trail(&call, request, &reply);
    std::vector<v1::TrailEntry> out;
    for (const auto& line : reply.line()) {
      EXPECT_GT(line.record().time_ms(), absl::ToUnixMillis(absl::Now()) - 3'600'000);
      out.push_back(line.record().entry());
    }
    return out;
  }
  // The newest of this kind with this object.
  std::optional<v1::TrailEntry> Find(const std::string& auditor, v1::TrailKind kind, const std::string& object) {
    const auto entries = Trail(auditor, kind);
    for (auto it = entries.rbegin(); it != entries.rend(); ++it) {
      if (it->object() == object) return *it;
    }
    return std::nullopt;
  }

  log::FailingSync sync_;
  TestHub hub_;
  std::shared_ptr<grpc::Channel> screen_;
  std::unique_ptr<v1::Account::Stub> account_;
  std::unique_ptr<v1::Audit::Stub> audit_;
  std::unique_ptr<v1::Desk::Stub> desk_;
  std::unique_ptr<v1::Link::Stub> link_;
  std::map<std::string, std::string> first_;
  grpc::Status status_;
  bool shown_ = false;
};

TEST_F(AuditTest, SignInsAndFailuresAreNoted) {
  SignIn("duty_officer", "wrong", "192.0.2.7");
  EXPECT_FALSE(status_.ok());
  SignIn("my secret password!", "x");
  const std::string auditor = Session("auditor");
  const auto failed = Find(auditor, v1::TRAIL_ACCOUNT, "account duty_officer");
  ASSERT_TRUE(failed.has_value());
  EXPECT_EQ(failed->result(), "BAD_CREDENTIALS");
  EXPECT_EQ(failed->method(), "/liandong.v1.Account/SignIn");
  EXPECT_EQ(failed->via(), "screen");
  EXPECT_THAT(failed->from(), testing::HasSubstr("127.0.0.1"));
  EXPECT_THAT(failed->from(), testing::EndsWith("192.0.2.7"));
  for (const auto& entry : Trail(auditor)) EXPECT_THAT(entry.DebugString(), testing::Not(testing::HasSubstr("secret")));
  const auto in = Find(auditor, v1::TRAIL_ACCOUNT, "account auditor");
  ASSERT_TRUE(in.has_value());
  EXPECT_EQ(in->result(), "OK");
}

TEST_F(AuditTest, DenialsAreNoted) {
  Call call;
  const Client power = hub_.As("power");
  EXPECT_EQ(DetailOf(Show(power.desk.get(), &call, 1)).reason(), "NOT_ALLOWED");
  const std::string officer = Session("duty_officer");
  Trail(officer);
  EXPECT_EQ(DetailOf(status_).reason(), "NOT_YOUR_ROLE") << "only the auditor reads the trail";
  const std::string auditor = Session("auditor");
  const auto entries = Trail(auditor, v1::TRAIL_DENIED);
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].via(), "power");
  EXPECT_EQ(entries[0].method(), "/liandong.v1.Desk/ShowIncident");
  EXPECT_EQ(entries[0].result(), "NOT_ALLOWED");
  EXPECT_EQ(entries[1].result(), "NOT_YOUR_ROLE");
}

TEST_F(AuditTest, OnlyAnAuditorWhoHasSignedInReadsTheTrail) {
  for (const char* party : {"command", "power", "hub", "screen"}) {
    Call call;
    v1::TrailReply reply;
    const auto status = v1::Audit::NewStub(hub_.Channel(party))->Trail(&call, v1::TrailRequest(), &reply);
    EXPECT_FALSE(status.ok()) << party;
    EXPECT_EQ(reply.line_size(), 0);
  }
  const std::string auditor = Session("auditor");
  EXPECT_FALSE(Trail(auditor).empty());
  EXPECT_TRUE(Find(auditor, v1::TRAIL_READ, "").has_value()) << "that it was read is in it too";
}

TEST_F(AuditTest, ConfigurationIsNoted) {
  const Client command = hub_.As("command");
  Call call;
  v1::AdoptSiteSetRequest request;
  *request.mutable_site() = CountyWithAScreen();
  request.mutable_site()->mutable_settings()->set_name("小县 2");
  v1::AdoptSiteSetReply reply;
  ASSERT_TRUE(command.desk->AdoptSiteSet(&call, request, &reply).ok());
  Call bad;
  request.mutable_site()->mutable_settings()->set_command_party("nobody");
  EXPECT_FALSE(command.desk->AdoptSiteSet(&bad, request, &reply).ok());
  const std::string auditor = Session("auditor");
  std::vector<std::string> results;
  bool settings = false;
  for (const auto& entry : Trail(auditor, v1::TRAIL_CONFIGURATION)) {
    settings = settings || entry.object() == "settings";
    if (entry.object() == "site set") results.push_back(entry.party() + " " + entry.result());
  }
  EXPECT_EQ(results, (std::vector<std::string>{"hub OK", "command OK", "command BAD_SITE_SET"}));
  EXPECT_TRUE(settings);
}

TEST_F(AuditTest, EveryViewOfPersonalFieldsIsNoted) {
  const uint64_t incident = hub_.Report("police-110", Flood("f1")).incident_id();
  const std::string object = "incident " + std::to_string(incident);
  const std::string officer = Session("duty_officer"), clerk = Session("clerk"), auditor = Session("auditor");
  As person(officer, "192.0.2.9");
  ASSERT_TRUE(Show(desk_.get(), &person, incident).ok());
  EXPECT_TRUE(shown_);
  auto entry = Find(auditor, v1::TRAIL_VIEW, object);
  ASSERT_TRUE(entry.has_value());
  EXPECT_EQ(entry->account(), "duty_officer");
  EXPECT_EQ(entry->party(), "command");
  EXPECT_EQ(entry->via(), "screen");
  EXPECT_THAT(entry->from(), testing::EndsWith("192.0.2.9"));
  EXPECT_EQ(entry->result(), "OK");
  // By certificate alone the party is all that is known.
  Call program;
  ASSERT_TRUE(Show(hub_.As("command").desk.get(), &program, incident).ok());
  entry = Find(auditor, v1::TRAIL_VIEW, object);
  EXPECT_EQ(entry->account(), "");
  EXPECT_EQ(entry->party(), "command");
  // A clerk at a screen, call by call and over a line.
  As fetch(clerk);
  v1::FetchReply fetched;
  ASSERT_TRUE(link_->Fetch(&fetch, v1::FetchRequest(), &fetched).ok());
  entry = Find(auditor, v1::TRAIL_VIEW, "deliveries of power");
  ASSERT_TRUE(entry.has_value());
  EXPECT_EQ(entry->account(), "clerk");
  As connect(clerk);
  auto stream = link_->Connect(&connect);
  v1::LinkUp hello;
  hello.mutable_hello();
  ASSERT_TRUE(stream->Write(hello));
  v1::LinkDown down;
  ASSERT_TRUE(stream->Read(&down));
  EXPECT_TRUE(down.has_welcome());
  entry = Find(auditor, v1::TRAIL_VIEW, "deliveries of power");
  EXPECT_EQ(entry->method(), "/liandong.v1.Link/Connect");
  connect.TryCancel();
  (void)stream->Finish();
}

TEST_F(AuditTest, ExportsAndPrintsAreNoted) {
  const std::string officer = Session("duty_officer"), auditor = Session("auditor");
  v1::NoteRequest request;
  v1::NoteReply reply;
  request.set_kind(v1::TRAIL_PRINT);
  request.set_object("incident 5");
  As print(officer);
  ASSERT_TRUE(audit_->Note(&print, request, &reply).ok());
  EXPECT_EQ(Find(auditor, v1::TRAIL_PRINT, "incident 5")->account(), "duty_officer");
  request.set_kind(v1::TRAIL_EXPORT);
  request.set_object("statistics");
  Call program;
  ASSERT_TRUE(v1::Audit::NewStub(hub_.Channel("command"))->Note(&program, request, &reply).ok());
  EXPECT_EQ(Find(auditor, v1::TRAIL_EXPORT, "statistics")->party(), "command");
  for (const v1::TrailKind kind : {v1::TRAIL_VIEW, v1::TRAIL_ACCOUNT, v1::TRAIL_KIND_UNSPECIFIED}) {
    request.set_kind(kind);
    As bad(officer);
    EXPECT_EQ(DetailOf(audit_->Note(&bad, request, &reply)).field(), "kind");
  }
  request.set_kind(v1::TRAIL_PRINT);
  request.set_object(std::string(129, 'x'));
  As bad(officer);
  EXPECT_EQ(DetailOf(audit_->Note(&bad, request, &reply)).field(), "object");
}

// The disk of the trail fails: nothing personal is shown, and reports and acknowledgments go on.
TEST_F(AuditTest, WhatCannotBeNotedIsNotShown) {
  const std::string officer = Session("duty_officer"), clerk = Session("clerk"), auditor = Session("auditor");
  const uint64_t incident = hub_.Report("police-110", Flood("f1")).incident_id();
  hub_.Stop();
  const std::string segment = absl::FormatTime("%Y-%m", absl::Now(), absl::UTCTimeZone());
  sync_.FailOnly("trail/" + segment + "/log.db-wal");
  hub_.Start();
  screen_ = hub_.Channel("screen");
  account_ = v1::Account::NewStub(screen_);
  audit_ = v1::Audit::NewStub(screen_);
  const std::string officer_again = SignIn("duty_officer", "correct horse").session();
  const std::string clerk_again = SignIn("clerk", "correct horse").session();
  const std::string auditor_again = SignIn("auditor", "correct horse").session();
  desk_ = v1::Desk::NewStub(screen_);
  link_ = v1::Link::NewStub(screen_);
  sync_.Fail(true);
  As look(officer_again);
  EXPECT_EQ(DetailOf(Show(desk_.get(), &look, incident)).reason(), "NOT_NOTED");
  EXPECT_FALSE(shown_);
  SignIn("duty_officer", "correct horse");
  EXPECT_EQ(DetailOf(status_).reason(), "NOT_NOTED");
  As connect(clerk_again);
  auto stream = link_->Connect(&connect);
  v1::LinkDown down;
  EXPECT_FALSE(stream->Read(&down));
  EXPECT_EQ(DetailOf(stream->Finish()).reason(), "NOT_NOTED");
  Trail(auditor_again);
  EXPECT_EQ(DetailOf(status_).reason(), "NOT_NOTED");
  // The county goes on.
  const v1::Receipt receipt = hub_.Report("police-110", Flood("f2"));
  EXPECT_NE(receipt.incident_id(), 0u);
  const Client power = hub_.As("power");
  Line line(power.link.get(), v1::Hello());
  const auto delivery = line.Next();
  ASSERT_TRUE(delivery.has_value());
  EXPECT_EQ(line.Acknowledge(delivery->envelope().delivery_id(), v1::RECEIVED).outcome(), v1::APPLIED);
  // And so does the trail, when its disk does.
  sync_.Fail(false);
  EXPECT_TRUE(Eventually([&] {
    As again(officer_again);
    return Show(desk_.get(), &again, incident).ok();
  }));
  EXPECT_TRUE(shown_);
}

TEST_F(AuditTest, TheTrailOutlivesTheHubAndIsProven) {
  const uint64_t incident = hub_.Report("police-110", Flood("f1")).incident_id();
  Call call;
  ASSERT_TRUE(Show(hub_.As("command").desk.get(), &call, incident).ok());
  hub_.Stop();
  hub_.Start();
  screen_ = hub_.Channel("screen");
  account_ = v1::Account::NewStub(screen_);
  audit_ = v1::Audit::NewStub(screen_);
  const std::string auditor = Session("auditor");
  EXPECT_TRUE(Find(auditor, v1::TRAIL_VIEW, "incident " + std::to_string(incident)).has_value());
}

TEST(AuditSettings, TheTrailIsNotKeptForLessThanTheLawAsks) {
  TestHub hub;
  v1::HubConfig config = hub.config();
  const auto load = [&](uint32_t days) {
    config.mutable_audit()->set_trail_days(days);
    std::string text;
    EXPECT_TRUE(google::protobuf::TextFormat::PrintToString(config, &text));
    const std::string path = hub.folder() + "/hub.textproto";
    std::ofstream(path) << text;
    return hub::LoadHubConfig(path).status();
  };
  EXPECT_TRUE(load(0).ok());
  EXPECT_TRUE(load(180).ok());
  EXPECT_TRUE(absl::IsInvalidArgument(load(179)));
  EXPECT_THAT(std::string(load(179).message()), testing::HasSubstr("audit.trail_days"));
}

}  // namespace
}  // namespace liandong::service
