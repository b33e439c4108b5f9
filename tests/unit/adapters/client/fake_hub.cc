#include "tests/unit/adapters/client/fake_hub.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "absl/time/clock.h"
#include "liandong/v1/rpc_status.pb.h"
#include "security/pki.h"
#include "tests/unit/adapters/client/fake_services.h"

namespace liandong::adapters {
namespace {

std::string ReadAll(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

grpc::Status ToGrpc(const FakeError& error) {
  const auto code = static_cast<grpc::StatusCode>(error.code);
  if (error.detail.reason().empty()) return grpc::Status(code, error.message);
  v1::RpcStatus rich;
  rich.set_code(error.code);
  rich.set_message(error.message);
  rich.add_details()->PackFrom(error.detail);
  return grpc::Status(code, error.message, rich.SerializeAsString());
}

struct FakeHub::Parts {
  std::vector<std::unique_ptr<grpc::Service>> services;
  std::unique_ptr<grpc::Server> server;
};

FakeHub::FakeHub(const TestPki& pki, std::shared_ptr<FakeState> state, int port)
    : parts_(std::make_unique<Parts>()), state_(state) {
  parts_->services.push_back(MakeFakeIntake(state));
  parts_->services.push_back(MakeFakeLink(state));
  parts_->services.push_back(MakeFakeDesk(state));
  {
    absl::MutexLock lock(&state_->mutex_);
    state_->stopping_ = false;
  }
  const TlsFiles files = pki.Files("hub");
  grpc::SslServerCredentialsOptions options(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_root_certs = ReadAll(files.ca);
  options.pem_key_cert_pairs.push_back({ReadAll(files.key), ReadAll(files.cert)});
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:" + std::to_string(port), grpc::SslServerCredentials(options), &port_);
  for (const auto& service : parts_->services) builder.RegisterService(service.get());
  // A restarted hub takes the port of the one that went away.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  parts_->server = builder.BuildAndStart();
  EXPECT_NE(parts_->server, nullptr);
}

FakeHub::~FakeHub() {
  {
    absl::MutexLock lock(&state_->mutex_);
    state_->stopping_ = true;
  }
  parts_->server->Shutdown(std::chrono::system_clock::now());
  parts_->server->Wait();
}

TestPki::TestPki(const std::vector<std::string>& parties) {
  std::string name = (std::filesystem::temp_directory_path() / "liandong-client-XXXXXX").string();
  EXPECT_NE(mkdtemp(name.data()), nullptr);
  folder_ = name;
  EXPECT_TRUE(security::InitCa(folder_, "test.example").ok());
  security::IssueOptions options;
  options.ip_addresses = {"127.0.0.1"};
  EXPECT_TRUE(security::Issue(folder_, "hub", options).ok());
  for (const std::string& party : parties) EXPECT_TRUE(security::Issue(folder_, party).ok());
}

TestPki::~TestPki() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

TlsFiles TestPki::Files(const std::string& party) const {
  return {folder_ + "/ca.crt", folder_ + "/" + party + ".crt", folder_ + "/" + party + ".key"};
}

void FakeState::FailReports(int count, FakeError error) {
  absl::MutexLock lock(&mutex_);
  failing_reports_ = count;
  report_error_ = std::move(error);
}
void FakeState::FailActions(int count, FakeError error) {
  absl::MutexLock lock(&mutex_);
  failing_actions_ = count;
  action_error_ = std::move(error);
}
void FakeState::BreakPipeAfter(int reports) {
  absl::MutexLock lock(&mutex_);
  break_pipe_after_ = reports;
}
void FakeState::BreakLinkAfter(int deliveries) {
  absl::MutexLock lock(&mutex_);
  break_link_after_ = deliveries;
}
void FakeState::PromiseHeartbeats(uint32_t every_ms) {
  absl::MutexLock lock(&mutex_);
  heartbeat_ms_ = every_ms;
}
void FakeState::HoldPipe(bool held) {
  absl::MutexLock lock(&mutex_);
  hold_pipe_ = held;
}
void FakeState::EndDutyOf(uint64_t delivery_id) {
  absl::MutexLock lock(&mutex_);
  ended_.insert(delivery_id);
}
void FakeState::AddDelivery(v1::Delivery delivery) {
  absl::MutexLock lock(&mutex_);
  deliveries_.push_back(std::move(delivery));
}
std::vector<std::string> FakeState::Reports() const {
  absl::MutexLock lock(&mutex_);
  return reports_;
}
int FakeState::ReportsSeen() const {
  absl::MutexLock lock(&mutex_);
  return reports_seen_;
}
int FakeState::ActionsSeen() const {
  absl::MutexLock lock(&mutex_);
  return actions_seen_;
}
std::vector<v1::Acknowledgment> FakeState::Acknowledgments() const {
  absl::MutexLock lock(&mutex_);
  return acknowledgments_;
}
std::vector<v1::Hello> FakeState::Hellos() const {
  absl::MutexLock lock(&mutex_);
  return hellos_;
}
int FakeState::Received(uint64_t delivery_id) const {
  absl::MutexLock lock(&mutex_);
  const auto found = received_.find(delivery_id);
  return found == received_.end() ? 0 : found->second;
}
std::vector<std::string> FakeState::Requests() const {
  absl::MutexLock lock(&mutex_);
  return requests_;
}

std::string DeadAddress() {
  // Bound and not listening: refused at once, and nobody else gets the port while the test runs.
  static const int port = [] {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), 0);
    return ntohs(address.sin_port);
  }();
  return "127.0.0.1:" + std::to_string(port);
}

bool Eventually(const std::function<bool()>& condition, absl::Duration limit) {
  const absl::Time until = absl::Now() + limit;
  while (!condition()) {
    if (absl::Now() > until) return false;
    absl::SleepFor(absl::Milliseconds(2));
  }
  return true;
}

v1::Delivery MakeDelivery(uint64_t id, v1::Lane lane, uint64_t sequence) {
  v1::Delivery delivery;
  v1::Envelope* envelope = delivery.mutable_envelope();
  envelope->set_delivery_id(id);
  envelope->set_party("power-supply");
  envelope->set_lane(lane);
  envelope->set_sequence(sequence);
  envelope->set_incident_id(id);
  envelope->set_incident_revision(1);
  envelope->set_kind(v1::TASK);
  envelope->set_purpose(v1::EXERCISE);
  return delivery;
}

}  // namespace liandong::adapters
