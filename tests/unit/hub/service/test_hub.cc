#include "tests/unit/hub/service/test_hub.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "absl/time/clock.h"
#include "liandong/v1/rpc_status.pb.h"
#include "security/curve_key.h"
#include "security/tls.h"

namespace liandong::service {
namespace {

namespace fs = std::filesystem;

std::string ReadAll(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

void Write(const std::string& path, const google::protobuf::Message& message) {
  std::string text;
  ASSERT_TRUE(google::protobuf::TextFormat::PrintToString(message, &text));
  std::ofstream(path) << text;
}

void WriteSite(const std::string& folder, const v1::SiteSet& site) {
  fs::create_directories(folder + "/agreements");
  Write(folder + "/settings.textproto", site.settings());
  v1::PartyFile parties;
  *parties.mutable_party() = site.party();
  Write(folder + "/parties.textproto", parties);
  v1::RosterFile rosters;
  *rosters.mutable_post() = site.post();
  Write(folder + "/rosters.textproto", rosters);
  v1::DivisionFile divisions;
  *divisions.mutable_division() = site.division();
  Write(folder + "/divisions.textproto", divisions);
  v1::CategoryFile categories;
  *categories.mutable_category() = site.category();
  Write(folder + "/categories.textproto", categories);
  for (const auto& agreement : site.agreement()) {
    Write(folder + "/agreements/" + agreement.id() + ".textproto", agreement);
  }
}

}  // namespace

v1::SiteSet SmallCounty() {
  v1::SiteSet site;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"pb(
        settings {
          name: "小县"
          trust_domain: "small.example"
          command_party: "command"
          utc_offset_minutes: 480
          lead_receive_s: 3600
          lead_accept_s: 7200
          lead_arrive_s: 9000
          lead_complete_s: 86400
          support_receive_s: 3600
          support_accept_s: 7200
          inform_receive_s: 3600
          feedback_receive_s: 3600
          transfer_answer_s: 3600
          evict_after_s: 1
          escalation_wait_s: 300
        }
        party { id: "command" kind: COMMAND name_zh: "指挥中心" }
        party { id: "command-two" kind: COMMAND name_zh: "备用指挥中心" }
        party { id: "police-110" kind: HOTLINE name_zh: "110" secret_handler: "command" feedback_disclose: PLACE }
        party { id: "hotline-12345" kind: HOTLINE name_zh: "12345" }
        party { id: "power" kind: AGENCY name_zh: "供电公司" }
        party { id: "telecom" kind: AGENCY name_zh: "电信公司" }
        party { id: "town-one" kind: TOWNSHIP name_zh: "一镇" division: "339921100000" }
        party { id: "town-two" kind: TOWNSHIP name_zh: "二镇" division: "339921101000" }
        division { code: "339921000000" name_zh: "小县" }
        division { code: "339921100000" name_zh: "一镇" }
        division { code: "339921101000" name_zh: "二镇" }
        category { code: "natural" name_zh: "自然灾害" }
        category { code: "natural.flood" name_zh: "洪涝" danger_to_life: YES }
        category { code: "service" name_zh: "公共服务" danger_to_life: NO }
        agreement {
          id: "flood-2022"
          title: "防汛合作协议"
          party: "power"
          party: "telecom"
          effective_from: "2022-01-01"
          clause {
            id: "1"
            text: "供电公司主责。"
            when { category: "natural.flood" }
            duty {
              party: "power"
              role: LEAD
              disclose: PLACE
              disclose: DESCRIPTION
              escalate { to: "command" }
            }
          }
          clause {
            id: "2"
            text: "电信公司协办。"
            when { category: "natural.flood" }
            duty {
              party: "telecom"
              role: SUPPORT
              disclose: PLACE
              escalate { to: "command" }
            }
          }
        }
      )pb",
      &site));
  return site;
}

TestHub::TestHub(const v1::SiteSet& site) {
  std::string name = (fs::temp_directory_path() / "liandong-hub-XXXXXX").string();
  EXPECT_NE(mkdtemp(name.data()), nullptr);
  folder_ = name;
  EXPECT_TRUE(security::InitCa(folder_ + "/pki", site.settings().trust_domain()).ok());
  security::IssueOptions options;
  options.ip_addresses = {"127.0.0.1"};
  EXPECT_TRUE(security::Issue(folder_ + "/pki", "hub", options).ok());
  WriteSite(folder_ + "/site", site);
  for (const v1::Party& party : site.party()) {
    if (!party.feed_key().empty()) feed_ = true;
  }
  if (feed_) {
    EXPECT_TRUE(security::CreateCurveKeyFile(folder_ + "/feed.curve").ok());
  }
  Start();
}

TestHub::~TestHub() {
  Stop();
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

v1::HubConfig TestHub::config() const {
  v1::HubConfig config;
  config.set_listen("127.0.0.1:0");
  config.mutable_tls()->set_ca(folder_ + "/pki/ca.crt");
  config.mutable_tls()->set_cert(folder_ + "/pki/hub.crt");
  config.mutable_tls()->set_key(folder_ + "/pki/hub.key");
  config.set_data_dir(folder_ + "/data");
  config.set_site_dir(folder_ + "/site");
  config.set_master_key(folder_ + "/master.key");
  config.set_port_file(folder_ + "/port");
  config.set_tick_ms(20);
  if (with_crl) config.set_crl(folder_ + "/pki/ca.crl");
  if (feed_) {
    config.mutable_feed()->set_listen("127.0.0.1:0");
    config.mutable_feed()->set_key(folder_ + "/feed.curve");
  }
  return config;
}

void TestHub::Start() {
  hub::HubSettings settings;
  settings.config = config();
  settings.version = "test";
  settings.heartbeat_ms = 400;
  settings.on_fatal = [](const absl::Status& status) { ADD_FAILURE() << status; };
  auto started = hub::Hub::Start(std::move(settings));
  ASSERT_TRUE(started.ok()) << started.status();
  hub_ = *std::move(started);
}

void TestHub::Stop() {
  if (hub_ == nullptr) return;
  EXPECT_TRUE(hub_->Stop().ok());
  hub_.reset();
}

std::shared_ptr<grpc::Channel> ChannelTo(const std::string& address, const std::string& ca_file,
                                         const std::string& pki_folder, const std::string& party) {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = ReadAll(ca_file);
  if (!party.empty()) {
    options.pem_private_key = ReadAll(pki_folder + "/" + party + ".key");
    options.pem_cert_chain = ReadAll(pki_folder + "/" + party + ".crt");
  }
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);  // a client that does not read takes 64 KiB and no more
  return grpc::CreateCustomChannel(address, grpc::SslCredentials(options), arguments);
}

std::string CertificateOf(const std::string& address, const std::string& ca_file) {
  const auto context = security::MakeClientContext({.ca = ca_file});
  if (!context.ok()) return "";
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(BIO_new_ssl_connect(context->get()), BIO_free_all);
  BIO_set_conn_hostname(bio.get(), address.c_str());
  // The handshake is whole on this side before the server asks for a certificate in vain.
  if (BIO_do_connect(bio.get()) != 1 || BIO_do_handshake(bio.get()) != 1) return "";
  SSL* ssl = nullptr;
  BIO_get_ssl(bio.get(), &ssl);
  return security::PeerCertificatePem(ssl);
}

std::shared_ptr<grpc::Channel> TestHub::Channel(const std::string& party) {
  const std::string pki = folder_ + "/pki";
  if (!fs::exists(pki + "/" + party + ".crt")) {
    EXPECT_TRUE(security::Issue(pki, party).ok());
  }
  return ChannelTo(address(), pki + "/ca.crt", pki, party);
}

Client TestHub::As(const std::string& party) {
  const auto channel = Channel(party);
  return {v1::Intake::NewStub(channel), v1::Link::NewStub(channel), v1::Desk::NewStub(channel)};
}

v1::Receipt TestHub::Report(const std::string& party, const v1::Report& report) {
  const Client client = As(party);
  Call call;
  v1::ReportRequest request;
  *request.mutable_report() = report;
  v1::ReportReply reply;
  const grpc::Status status = client.intake->Report(&call, request, &reply);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return reply.receipt();
}

v1::Report Flood(const std::string& external_id) {
  v1::Report report;
  report.set_external_id(external_id);
  report.mutable_open()->set_purpose(v1::EXERCISE);
  report.mutable_open()->set_category("natural.flood");
  report.mutable_open()->set_severity(v1::LARGE);
  report.mutable_open()->set_division("339921100000");
  report.mutable_open()->set_danger_to_life(v1::YES);
  report.mutable_sealed()->set_caller_name("张三丰");
  report.mutable_sealed()->set_caller_phone("13800001111");
  report.mutable_sealed()->set_address("河边路7号");
  report.mutable_sealed()->set_description("水已进屋");
  return report;
}

v1::ErrorDetail DetailOf(const grpc::Status& status) {
  v1::RpcStatus rich;
  v1::ErrorDetail detail;
  if (!rich.ParseFromString(status.error_details()) || rich.details_size() != 1 || rich.code() != status.error_code() ||
      !rich.details(0).UnpackTo(&detail)) {
    detail.set_reason("(none)");
  }
  return detail;
}

bool Eventually(const std::function<bool()>& condition, absl::Duration limit) {
  const absl::Time until = absl::Now() + limit;
  while (!condition()) {
    if (absl::Now() > until) return false;
    absl::SleepFor(absl::Milliseconds(2));
  }
  return true;
}

Line::Line(v1::Link::Stub* stub, const v1::Hello& hello) : stream_(stub->Connect(&call_)) {
  v1::LinkUp up;
  up.set_tag(++last_tag_);
  *up.mutable_hello() = hello;
  stream_->Write(up);
  v1::LinkDown down;
  if (stream_->Read(&down) && down.has_welcome()) welcome_ = down.welcome();
}

Line::~Line() {
  if (finished_) return;
  call_.TryCancel();
  (void)stream_->Finish();
}

std::optional<v1::LinkDown> Line::Read() {
  v1::LinkDown down;
  if (!stream_->Read(&down)) return std::nullopt;
  return down;
}

std::optional<v1::Delivery> Line::Next() {
  while (waiting_.empty()) {
    const auto down = Read();
    if (!down.has_value()) return std::nullopt;
    for (const auto& delivery : down->deliveries().delivery()) waiting_.push_back(delivery);
  }
  v1::Delivery delivery = std::move(waiting_.front());
  waiting_.pop_front();
  return delivery;
}

v1::LinkDown Line::Ask(v1::LinkUp up) {
  up.set_tag(++last_tag_);
  EXPECT_TRUE(stream_->Write(up));
  while (true) {
    const auto down = Read();
    if (!down.has_value()) {
      ADD_FAILURE() << "the line ended before the answer";
      return {};
    }
    if (down->tag() == up.tag()) return *down;
    for (const auto& delivery : down->deliveries().delivery()) waiting_.push_back(delivery);
  }
}

v1::AckReply Line::Acknowledge(uint64_t delivery_id, v1::AckState state, const std::string& reason) {
  v1::LinkUp up;
  v1::Acknowledgment* ack = up.mutable_acknowledge()->add_acknowledgment();
  ack->set_delivery_id(delivery_id);
  ack->set_state(state);
  ack->set_reason(reason);
  const v1::LinkDown down = Ask(std::move(up));
  EXPECT_EQ(down.acknowledge().reply_size(), 1) << down.DebugString();
  return down.acknowledge().reply_size() == 1 ? down.acknowledge().reply(0) : v1::AckReply();
}

grpc::Status Line::Finish() {
  stream_->WritesDone();
  while (Read().has_value()) continue;
  finished_ = true;
  return stream_->Finish();
}

}  // namespace liandong::service
