// People at screens: signing in, roles, sessions and their end, against a real hub.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "hub/first_account.h"
#include "liandong/v1/account.grpc.pb.h"
#include "security/totp.h"
#include "tests/unit/hub/service/test_hub.h"

namespace liandong::service {
namespace {

v1::SiteSet CountyWithScreens() {
  v1::SiteSet site = SmallCounty();
  for (const char* id : {"screen", "screen-two"}) {
    v1::Party* screen = site.add_party();
    screen->set_id(id);
    screen->set_kind(v1::SCREEN);
    screen->set_name_zh("大屏服务");
  }
  return site;
}

// A call with a person's session.
struct As : public Call {
  explicit As(const std::string& session) { AddMetadata("liandong-session", session); }
};

class ScreenTest : public testing::Test {
 protected:
  ScreenTest() : hub_(CountyWithScreens()) {
    hub_.Stop();
    const auto password = hub::CreateFirstAccount(
        hub_.config(), {.account = "keeper", .person = "管账", .party = "command", .roles = {"account_keeper"}});
    EXPECT_TRUE(password.ok()) << password.status();
    hub_.Start();
    screen_ = hub_.Channel("screen");
    account_ = v1::Account::NewStub(screen_);
    desk_ = v1::Desk::NewStub(screen_);
    link_ = v1::Link::NewStub(screen_);
    keeper_ = FirstSignIn("keeper", *password);
  }

  // Changes the first password to "correct horse" on the way.
  std::string FirstSignIn(const std::string& account, const std::string& password) {
    const v1::SignInReply in = SignIn(account, password);
    EXPECT_TRUE(in.view().must_change_password());
    As call(in.session());
    v1::ChangePasswordRequest request;
    request.set_old_password(password);
    request.set_new_password("correct horse");
    v1::ChangePasswordReply reply;
    const grpc::Status status = account_->ChangePassword(&call, request, &reply);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return in.session();
  }

  v1::SignInReply SignIn(const std::string& account, const std::string& password, const std::string& totp = "",
                         const std::string& certificate = "") {
    Call call;
    v1::SignInRequest request;
    request.set_account(account);
    request.set_password(password);
    request.set_totp(totp);
    request.set_device_certificate(certificate);
    v1::SignInReply reply;
    status_ = account_->SignIn(&call, request, &reply);
    return reply;
  }

  v1::CreateAccountReply Create(const std::string& name, const std::string& party,
                                const std::vector<std::string>& roles, const std::string& certificate = "") {
    As call(keeper_);
    v1::CreateAccountRequest request;
    request.set_account(name);
    request.set_person("张三");
    request.set_party(party);
    for (const auto& role : roles) request.add_role(role);
    request.set_device_certificate(certificate);
    v1::CreateAccountReply reply;
    status_ = account_->Create(&call, request, &reply);
    return reply;
  }
  // The session of a new person.
  std::string Person(const std::string& name, const std::string& party, const std::vector<std::string>& roles) {
    const auto made = Create(name, party, roles);
    EXPECT_TRUE(status_.ok()) << status_.error_message();
    return FirstSignIn(name, made.password());
  }

  grpc::Status Note(const std::string& session, uint64_t incident, const std::string& text = "家属已联系") {
    As call(session);
    v1::AddNoteRequest request;
    request.set_incident_id(incident);
    request.set_text(text);
    request.mutable_actor()->set_person("冒名");
    v1::ActionReply reply;
    return desk_->AddNote(&call, request, &reply);
  }
  v1::ShowIncidentReply Show(const std::string& session, uint64_t incident) {
    As call(session);
    v1::ShowIncidentRequest request;
    request.set_incident_id(incident);
    v1::ShowIncidentReply reply;
    status_ = desk_->ShowIncident(&call, request, &reply);
    return reply;
  }
  grpc::Status Check(const std::string& session) {
    As call(session);
    v1::SessionView view;
    return account_->Check(&call, v1::CheckSessionRequest(), &view);
  }

  TestHub hub_;
  std::shared_ptr<grpc::Channel> screen_;
  std::unique_ptr<v1::Account::Stub> account_;
  std::unique_ptr<v1::Desk::Stub> desk_;
  std::unique_ptr<v1::Link::Stub> link_;
  std::string keeper_;
  grpc::Status status_;
};

TEST_F(ScreenTest, AScreenDoesNothingOfItsOwn) {
  Call note, list, fetch;
  v1::ActionReply acted;
  EXPECT_EQ(DetailOf(desk_->AddNote(&note, v1::AddNoteRequest(), &acted)).reason(), "NOT_ALLOWED");
  v1::ListIncidentsReply listed;
  EXPECT_EQ(DetailOf(desk_->ListIncidents(&list, v1::ListIncidentsRequest(), &listed)).reason(), "NOT_ALLOWED");
  v1::FetchReply fetched;
  EXPECT_EQ(DetailOf(link_->Fetch(&fetch, v1::FetchRequest(), &fetched)).reason(), "NOT_ALLOWED");
  Call who;
  v1::SessionView view;
  EXPECT_EQ(DetailOf(account_->Check(&who, v1::CheckSessionRequest(), &view)).reason(), "SESSION_REQUIRED");
  // Accounts are kept by persons: the command centre's certificate alone does not do.
  const auto command = v1::Account::NewStub(hub_.Channel("command"));
  Call create;
  v1::CreateAccountReply created;
  EXPECT_EQ(DetailOf(command->Create(&create, v1::CreateAccountRequest(), &created)).reason(), "SESSION_REQUIRED");
}

TEST_F(ScreenTest, TheRecordNamesThePerson) {
  const std::string officer = Person("zhang.san", "command", {"duty_officer"});
  const uint64_t incident = hub_.Report("police-110", Flood("J1")).incident_id();
  ASSERT_TRUE(Note(officer, incident).ok());
  const auto shown = Show(officer, incident);
  const auto& entry = *shown.timeline().rbegin();
  EXPECT_EQ(entry.what(), "NOTE");
  EXPECT_EQ(entry.note(), "家属已联系");
  EXPECT_EQ(entry.actor().party(), "command");
  EXPECT_EQ(entry.actor().person(), "张三") << "whatever the page says";
  EXPECT_EQ(entry.actor().role(), "duty_officer");
  EXPECT_EQ(entry.actor().way(), v1::BY_SCREEN);
}

TEST_F(ScreenTest, RolesDecideWhatAPersonMay) {
  const std::string viewer = Person("li.si", "command", {"viewer"});
  const uint64_t incident = hub_.Report("police-110", Flood("J1")).incident_id();
  EXPECT_EQ(DetailOf(Note(viewer, incident)).reason(), "NOT_YOUR_ROLE");
  EXPECT_EQ(Show(viewer, incident).incident().reports_size(), 1);
  EXPECT_EQ(DetailOf(Note(keeper_, incident)).reason(), "NOT_YOUR_ROLE");
  (void)Show(keeper_, incident);
  EXPECT_EQ(DetailOf(status_).reason(), "NOT_YOUR_ROLE");
  (void)Create("wang.wu", "command", {"account_keeper", "duty_officer"});
  EXPECT_EQ(DetailOf(status_).reason(), "BAD_FIELD");
  (void)Create("wang.wu", "town-one", {"viewer"});
  EXPECT_EQ(DetailOf(status_).reason(), "BAD_FIELD");
  (void)Create("wang.wu", "nowhere", {"viewer"});
  EXPECT_EQ(DetailOf(status_).reason(), "BAD_FIELD");
  // Nobody raises himself.
  As call(keeper_);
  v1::SetRolesRequest request;
  request.set_account("keeper");
  request.add_role("duty_officer");
  v1::AccountView view;
  EXPECT_EQ(DetailOf(account_->SetRoles(&call, request, &view)).reason(), "NOT_ALLOWED");
}

TEST_F(ScreenTest, ASessionIsGoodForItsOwnScreenAndItsOwnPerson) {
  const std::string clerk = Person("clerk.one", "town-one", {"clerk"});
  const std::string officer = Person("zhang.san", "command", {"duty_officer"});
  const uint64_t incident = hub_.Report("police-110", Flood("J1")).incident_id();
  // Over another certificate the token is worth nothing.
  for (const char* party : {"screen-two", "command", "town-one"}) {
    As call(officer);
    v1::ActionReply reply;
    EXPECT_EQ(DetailOf(v1::Desk::NewStub(hub_.Channel(party))->AddNote(&call, v1::AddNoteRequest(), &reply)).reason(),
              "SESSION_ENDED")
        << party;
  }
  // The clerk's is a township's: it reads its own deliveries and answers them, and has no desk.
  EXPECT_EQ(DetailOf(Note(clerk, incident)).reason(), "NOT_ALLOWED");
  As fetch(clerk);
  v1::FetchReply fetched;
  ASSERT_TRUE(link_->Fetch(&fetch, v1::FetchRequest(), &fetched).ok());
  for (const auto& one : fetched.delivery()) EXPECT_EQ(one.envelope().party(), "town-one");
  v1::OrderPartiesRequest order;
  order.set_incident_id(incident);
  order.add_party("town-one");
  order.set_text("转移群众");
  order.set_given_by("赵主任");
  As ordering(officer);
  v1::OrderPartiesReply ordered;
  ASSERT_TRUE(desk_->OrderParties(&ordering, order, &ordered).ok());
  As acknowledging(clerk);
  v1::AcknowledgeRequest acks;
  acks.add_acknowledgment()->set_delivery_id(ordered.delivery_id(0));
  acks.mutable_acknowledgment(0)->set_state(v1::ACCEPTED);
  acks.mutable_acknowledgment(0)->mutable_actor()->set_person("冒名");
  v1::AcknowledgeReply acked;
  ASSERT_TRUE(link_->Acknowledge(&acknowledging, acks, &acked).ok());
  EXPECT_EQ(acked.reply(0).outcome(), v1::APPLIED);
  const auto shown = Show(officer, incident);
  const auto& entry = *shown.timeline().rbegin();
  EXPECT_EQ(entry.actor().party(), "town-one");
  EXPECT_EQ(entry.actor().person(), "张三");
  EXPECT_EQ(entry.actor().way(), v1::BY_SCREEN);
}

TEST_F(ScreenTest, OpenStreamsEndWithTheirSession) {
  const std::string officer = Person("zhang.san", "command", {"duty_officer"});
  const std::string clerk = Person("clerk.one", "town-one", {"clerk"});
  As watching(officer);
  const auto watch = desk_->Watch(&watching, v1::WatchRequest());
  watch->WaitForInitialMetadata();
  As connecting(clerk);
  const auto line = link_->Connect(&connecting);
  v1::LinkUp up;
  up.mutable_hello()->set_client("page");
  ASSERT_TRUE(line->Write(up));
  v1::LinkDown down;
  ASSERT_TRUE(line->Read(&down));
  EXPECT_EQ(down.welcome().party(), "town-one");

  As disabling(keeper_);
  v1::DisableAccountRequest disable;
  disable.set_account("zhang.san");
  v1::AccountView view;
  ASSERT_TRUE(account_->Disable(&disabling, disable, &view).ok());
  EXPECT_TRUE(view.disabled());
  EXPECT_EQ(DetailOf(Check(officer)).reason(), "SESSION_ENDED") << "at once";
  v1::WatchEvent event;
  while (watch->Read(&event)) continue;
  EXPECT_EQ(DetailOf(watch->Finish()).reason(), "SESSION_ENDED");
  EXPECT_TRUE(Check(clerk).ok());

  As leaving(clerk);
  v1::SignOutReply gone;
  ASSERT_TRUE(account_->SignOut(&leaving, v1::SignOutRequest(), &gone).ok());
  while (line->Read(&down)) continue;
  EXPECT_EQ(DetailOf(line->Finish()).reason(), "SESSION_ENDED");
}

TEST_F(ScreenTest, APartyThatLeavesTakesItsPeopleAlong) {
  const std::string clerk = Person("clerk.one", "town-one", {"clerk"});
  v1::AdoptSiteSetRequest request;
  *request.mutable_site() = CountyWithScreens();
  auto* parties = request.mutable_site()->mutable_party();
  for (int i = 0; i < parties->size(); ++i) {
    if (parties->Get(i).id() == "town-one") parties->DeleteSubrange(i--, 1);
  }
  Call call;
  v1::AdoptSiteSetReply reply;
  const grpc::Status status = hub_.As("command").desk->AdoptSiteSet(&call, request, &reply);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_FALSE(Check(clerk).ok());
  EXPECT_TRUE(Check(keeper_).ok());
}

TEST_F(ScreenTest, SessionsAndLocksOutliveTheHub) {
  const std::string officer = Person("zhang.san", "command", {"duty_officer"});
  for (int i = 0; i < 5; ++i) (void)SignIn("zhang.san", "wrong horse");
  hub_.Stop();
  hub_.Start();
  screen_ = hub_.Channel("screen");
  account_ = v1::Account::NewStub(screen_);
  EXPECT_TRUE(Check(officer).ok());
  (void)SignIn("zhang.san", "correct horse");
  EXPECT_EQ(DetailOf(status_).reason(), "LOCKED");
  EXPECT_TRUE(DetailOf(status_).retry());
}

TEST_F(ScreenTest, TheSiteMayAskForASecondFactor) {
  v1::AdoptSiteSetRequest adopt;
  *adopt.mutable_site() = CountyWithScreens();
  adopt.mutable_site()->mutable_settings()->set_second_factor_required(true);
  Call adopting;
  v1::AdoptSiteSetReply adopted;
  ASSERT_TRUE(hub_.As("command").desk->AdoptSiteSet(&adopting, adopt, &adopted).ok());
  As listing(keeper_);
  v1::ListAccountsReply list;
  EXPECT_EQ(DetailOf(account_->List(&listing, v1::ListAccountsRequest(), &list)).reason(), "MUST_ENROL");
  As first(keeper_), second(keeper_), again(keeper_);
  v1::EnrolTotpRequest enrol;
  v1::EnrolTotpReply reply;
  ASSERT_TRUE(account_->EnrolTotp(&first, enrol, &reply).ok());
  EXPECT_EQ(reply.secret().size(), 32u);
  EXPECT_NE(reply.otpauth_uri().find(reply.secret()), std::string::npos);
  enrol.set_code("000000");
  EXPECT_EQ(DetailOf(account_->EnrolTotp(&second, enrol, &reply)).reason(), "BAD_CODE");
  EXPECT_EQ(DetailOf(account_->List(&again, v1::ListAccountsRequest(), &list)).reason(), "MUST_ENROL");
}

TEST_F(ScreenTest, AWallSignsInByCertificateAndOnlyLooks) {
  ASSERT_TRUE(security::Issue(hub_.folder() + "/pki", "wall-device").ok());
  std::ifstream file(hub_.folder() + "/pki/wall-device.crt");
  const std::string pem{std::istreambuf_iterator<char>(file), {}};
  (void)Create("wall-1", "command", {"wall"}, pem);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  (void)SignIn("wall-1", "");
  EXPECT_EQ(DetailOf(status_).reason(), "BAD_CREDENTIALS");
  const std::string wall = SignIn("wall-1", "", "", pem).session();
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  const uint64_t incident = hub_.Report("police-110", Flood("J1")).incident_id();
  As listing(wall);
  v1::ListIncidentsReply listed;
  ASSERT_TRUE(desk_->ListIncidents(&listing, v1::ListIncidentsRequest(), &listed).ok());
  EXPECT_EQ(listed.incident_size(), 1);
  EXPECT_EQ(DetailOf(Note(wall, incident)).reason(), "NOT_YOUR_ROLE");
  (void)Show(wall, incident);
  EXPECT_EQ(DetailOf(status_).reason(), "NOT_YOUR_ROLE") << "names are not for a wall";
}

TEST_F(ScreenTest, TheFirstAccountIsMadeWhileNoHubRuns) {
  const auto refused = hub::CreateFirstAccount(
      hub_.config(), {.account = "other", .person = "某人", .party = "command", .roles = {"viewer"}});
  EXPECT_TRUE(absl::IsFailedPrecondition(refused.status())) << refused.status();
  hub_.Stop();
  for (const hub::FirstAccount& wrong :
       {hub::FirstAccount{.account = "other", .person = "某人", .party = "nowhere", .roles = {"viewer"}},
        hub::FirstAccount{.account = "other", .person = "某人", .party = "command", .roles = {"clerk"}},
        hub::FirstAccount{.account = "keeper", .person = "某人", .party = "command", .roles = {"viewer"}}}) {
    EXPECT_FALSE(hub::CreateFirstAccount(hub_.config(), wrong).ok());
  }
  hub_.Start();
}

}  // namespace
}  // namespace liandong::service
