// An adapter with the county's own profiles, between a fake hub and a hotline's system made by the test: real sockets
// on both sides.
#ifndef LIANDONG_TESTS_UNIT_ADAPTERS_RUNTIME_FIXTURE_H_
#define LIANDONG_TESTS_UNIT_ADAPTERS_RUNTIME_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "adapters/runtime/adapter.h"
#include "adapters/runtime/commands.h"
#include "adapters/transport/http_peer.h"
#include "tests/unit/adapters/client/fake_hub.h"

namespace liandong::adapters {

constexpr char kToken[] = "0123456789abcdef0123456789abcdef";

class AdapterTest : public testing::Test {
 protected:
  explicit AdapterTest(const std::string& party = "police-110") : party_(party), pki_({party}) {
    std::string name = testing::TempDir() + "/adapter.XXXXXX";
    folder_ = std::filesystem::canonical(mkdtemp(name.data())).string();
    std::filesystem::copy("deploy/county/profiles", folder_ + "/profiles", std::filesystem::copy_options::recursive);
    std::filesystem::create_directory(folder_ + "/secrets");
    for (const char* side : {".in", ".out"}) {
      const std::string path = folder_ + "/secrets/" + party + side;
      std::ofstream(path) << kToken;
      std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    }
    state_ = std::make_shared<FakeState>();
    hub_ = std::make_unique<FakeHub>(pki_, state_);
    hub_address_ = hub_->address();
    hub_port_ = hub_->port();
  }
  ~AdapterTest() override {
    adapter_.reset();
    peer_server_.reset();
    hub_.reset();
    std::filesystem::remove_all(folder_);
  }

  void HubGoes() { hub_.reset(); }
  void HubComes() { hub_ = std::make_unique<FakeHub>(pki_, state_, hub_port_); }

  // The party's own system. `answer` gets what we sent; its body is taken for the answer.
  void StartPeer() {
    HttpServerOptions options;
    options.listen = peer_address_.empty() ? "127.0.0.1:0" : peer_address_;
    auto server = HttpServer::Start(
        options,
        [this](const HttpCall& call) {
          const std::lock_guard<std::mutex> lock(mutex_);
          pushed_.push_back(call);
          return peer_answer_;
        },
        [](int status) {
          return HttpAnswer{status, "", "", 0};
        });
    ASSERT_TRUE(server.ok()) << server.status();
    peer_server_ = *std::move(server);
    peer_address_ = peer_server_->address();
  }
  std::vector<HttpCall> Pushed() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return pushed_;
  }
  void PeerAnswers(HttpAnswer answer) {
    const std::lock_guard<std::mutex> lock(mutex_);
    peer_answer_ = std::move(answer);
  }

  // `links`: the link messages of the configuration.
  AdapterSettings Settings(const std::string& links) {
    const TlsFiles tls = pki_.Files(party_);
    std::ofstream(folder_ + "/adapter.textproto")
        << absl::StrCat("party: \"", party_, "\" hub: \"", hub_address_, "\" tls { ca: \"", tls.ca, "\" cert: \"",
                        tls.cert, "\" key: \"", tls.key, "\" } data_dir: \"data\" port_file: \"ports\"\n", links);
    auto settings = LoadSettings(folder_ + "/adapter.textproto");
    EXPECT_TRUE(settings.ok()) << settings.status();
    return settings.ok() ? *settings : AdapterSettings();
  }
  void Start(const std::string& links) {
    adapter_.reset();
    auto adapter = Adapter::Start(Settings(links));
    ASSERT_TRUE(adapter.ok()) << adapter.status();
    adapter_ = *std::move(adapter);
  }
  // The address of a link, as the port file says.
  std::string AddressOf(const std::string& link) const {
    std::ifstream file(folder_ + "/data/ports");
    std::string name, kind, address;
    while (file >> name >> kind >> address) {
      if (name == link) return address;
    }
    ADD_FAILURE() << "no address of " << link;
    return "";
  }
  HttpPeerAnswer Post(const std::string& path, const std::string& body, const std::string& token = kToken,
                      const std::string& method = "POST") {
    HttpPeerOptions options;
    options.base_url = "http://" + AddressOf("calls");
    auto peer = HttpPeer::Create(options);
    EXPECT_TRUE(peer.ok()) << peer.status();
    if (!peer.ok()) return {};
    auto answer = (*peer)->Send(method, path, {{"X-Liandong-Token", token}}, "application/json", body);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? *answer : HttpPeerAnswer();
  }
  std::string Calls() const {
    return absl::StrCat("link { name: \"calls\" profile: \"profiles/police-110.textproto\" purpose: ACTUAL ",
                        "http { listen: \"127.0.0.1:0\" } ",
                        peer_address_.empty() ? "" : absl::StrCat("peer { base_url: \"http://", peer_address_, "\" } "),
                        "retry { every_ms: 20 times: 3 } }");
  }

  static std::string Jjdb(const std::string& id, const std::string& text,
                          const std::string& changed = "20260713021600") {
    return nlohmann::json{{"header", {{"type", "JJDB"}}},
                          {"body",
                           {{"JJDBH", id},
                            {"XZQHDM", "339921001"},
                            {"JQLBDM", "060000"},
                            {"BJNR", text},
                            {"BJSJ", "20260713021530"},
                            {"BJDH", "13900001111"},
                            {"GXSJ", changed}}}}
        .dump();
  }
  v1::Delivery Task(uint64_t id, uint64_t incident, v1::DeliveryKind kind = v1::TASK) const {
    v1::Delivery delivery = MakeDelivery(id, v1::URGENT, id);
    v1::Envelope* envelope = delivery.mutable_envelope();
    envelope->set_party(party_);
    envelope->set_incident_id(incident);
    envelope->set_incident_revision(id);
    envelope->set_kind(kind);
    envelope->set_purpose(v1::ACTUAL);
    envelope->set_duty_id(incident * 10);
    envelope->set_queued_at_ms(1'783'880'130'000);
    v1::IncidentView* view = delivery.mutable_body()->mutable_incident();
    view->set_incident_id(incident);
    view->set_category("natural.flood");
    view->set_category_zh("洪涝");
    view->set_division("339921001000");
    view->set_division_zh("云城街道");
    view->set_opened_at_ms(1'783'880'130'000);
    return delivery;
  }
  std::string Status(int* exit = nullptr) {
    std::stringstream out;
    std::stringstream err;
    const int code = RunStatus(settings_, true, out, err);
    if (exit != nullptr) *exit = code;
    return out.str() + err.str();
  }
  std::string AllBytes(const std::string& folder) const {
    std::stringstream all;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (entry.is_regular_file()) all << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    }
    return all.str();
  }

  const std::string party_;
  TestPki pki_;
  std::string folder_;
  std::shared_ptr<FakeState> state_;
  std::unique_ptr<FakeHub> hub_;
  std::string hub_address_;
  int hub_port_ = 0;
  AdapterSettings settings_;
  std::unique_ptr<Adapter> adapter_;

  std::mutex mutex_;
  std::vector<HttpCall> pushed_;
  HttpAnswer peer_answer_{200, "application/json", "{\"code\":\"200\"}", 0};
  std::unique_ptr<HttpServer> peer_server_;
  std::string peer_address_;
};

}  // namespace liandong::adapters

#endif  // LIANDONG_TESTS_UNIT_ADAPTERS_RUNTIME_FIXTURE_H_
