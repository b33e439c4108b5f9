// One hub as a whole: settings, start, stop, start again.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/match.h"
#include "security/file.h"
#include "tests/unit/hub/service/test_hub.h"

namespace liandong::service {
namespace {

hub::HubSettings SettingsOf(const v1::HubConfig& config) {
  hub::HubSettings settings;
  settings.config = config;
  settings.version = "test";
  settings.say = [](const std::string&) {};
  settings.on_fatal = [](const absl::Status& status) { ADD_FAILURE() << status; };
  return settings;
}

TEST(HubStart, ARepeatAfterARestartGetsTheFirstReceipt) {
  TestHub hub;
  const v1::Receipt first = hub.Report("police-110", Flood("J1"));
  hub.Stop();
  hub.Start();
  const v1::Receipt again = hub.Report("police-110", Flood("J1"));
  EXPECT_EQ(again.outcome(), v1::REPEATED);
  EXPECT_EQ(again.incident_id(), first.incident_id());
  EXPECT_EQ(again.log_index(), first.log_index());
  // Numbers go on, keys are not used twice.
  EXPECT_EQ(hub.Report("police-110", Flood("J2")).incident_id(), first.incident_id() + 1);
}

TEST(HubStart, WritesThePortItTook) {
  TestHub hub;
  const auto text = security::ReadFileBounded(hub.config().port_file(), 100);
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_EQ(*text, std::to_string(hub.port()) + "\n");
}

TEST(HubStart, OneHubAFolderAndOneAPort) {
  TestHub hub;
  auto second = hub::Hub::Start(SettingsOf(hub.config()));
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition) << second.status();
  v1::HubConfig other = hub.config();
  other.set_data_dir(hub.folder() + "/other");
  other.set_listen(hub.address());
  second = hub::Hub::Start(SettingsOf(other));
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition) << second.status();
  EXPECT_TRUE(absl::StrContains(second.status().message(), hub.address()));
}

TEST(HubStart, ABadSiteSetIsRefusedWholeWithItsPlaces) {
  TestHub hub;
  hub.Stop();
  std::ofstream(hub.folder() + "/site/agreements/bad.textproto") << "id: 'bad'\nadress: 'x'\n";
  v1::HubConfig config = hub.config();
  config.set_data_dir(hub.folder() + "/fresh");
  const auto refused = hub::Hub::Start(SettingsOf(config));
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(absl::StrContains(refused.status().message(), "bad.textproto:2:")) << refused.status();
  EXPECT_EQ(hub::CheckHubFiles(config, [](const std::string&) {}).code(), absl::StatusCode::kInvalidArgument);
  // A hub that has a site set does not read the directory again.
  hub.Start();
  EXPECT_EQ(hub.Report("police-110", Flood("J1")).outcome(), v1::NEW_INCIDENT);
}

TEST(HubStart, AnotherTrustDomainIsRefused) {
  TestHub hub;
  hub.Stop();
  const std::string pki = hub.folder() + "/other-pki";
  ASSERT_TRUE(security::InitCa(pki, "other.example").ok());
  ASSERT_TRUE(security::Issue(pki, "hub").ok());
  v1::HubConfig config = hub.config();
  config.mutable_tls()->set_ca(pki + "/ca.crt");
  config.mutable_tls()->set_cert(pki + "/hub.crt");
  config.mutable_tls()->set_key(pki + "/hub.key");
  const auto refused = hub::Hub::Start(SettingsOf(config));
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(absl::StrContains(refused.status().message(), "other.example"));
  EXPECT_FALSE(hub::CheckHubFiles(config, [](const std::string&) {}).ok());
}

TEST(HubConfig, ErrorsNameThePlace) {
  TestHub hub;
  const std::string path = hub.folder() + "/hub.textproto";
  const auto load = [&](const std::string& text) {
    std::ofstream(path) << text;
    return hub::LoadHubConfig(path);
  };
  const std::string good =
      "listen: '127.0.0.1:0'\n"
      "tls { ca: 'pki/ca.crt' cert: 'pki/hub.crt' key: 'pki/hub.key' }\n"
      "data_dir: '/var/data'\n"
      "master_key: 'master.key'\n";
  const auto config = load(good);
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->tls().cert(), hub.folder() + "/pki/hub.crt");
  EXPECT_EQ(config->data_dir(), "/var/data");
  EXPECT_EQ(config->site_dir(), "");
  const auto unknown = load(good + "sitedir: 'x'\n");
  EXPECT_TRUE(absl::StrContains(unknown.status().message(), path + ":5:")) << unknown.status();
  const auto missing = load("listen: '127.0.0.1:0'\n");
  EXPECT_TRUE(absl::StrContains(missing.status().message(), "tls.ca")) << missing.status();
  EXPECT_FALSE(hub::LoadHubConfig(hub.folder() + "/none").ok());
}

TEST(HubStop, AnswersWhatItTookAndWritesASnapshot) {
  TestHub hub;
  hub.Report("police-110", Flood("J1"));
  hub.Stop();
  int snapshots = 0;
  for (const auto& entry : std::filesystem::directory_iterator(hub.folder() + "/data/snapshots")) {
    snapshots += entry.path().extension() == ".snap";
  }
  EXPECT_EQ(snapshots, 1);
}

TEST(HubStop, LeavesNoClearTextBehind) {
  TestHub hub;
  const v1::Receipt receipt = hub.Report("police-110", Flood("J1"));
  const Client command = hub.As("command");
  v1::OrderPartiesRequest order;
  order.set_incident_id(receipt.incident_id());
  order.add_party("town-two");
  order.set_text("请转移三组赵六一家");
  order.set_given_by("值班长");
  v1::OrderPartiesReply ordered;
  Call call;
  ASSERT_TRUE(command.desk->OrderParties(&call, order, &ordered).ok());
  hub.Stop();
  for (const auto& entry : std::filesystem::recursive_directory_iterator(hub.folder() + "/data")) {
    if (!entry.is_regular_file()) continue;
    const auto bytes = security::ReadFileBounded(entry.path(), 64 << 20);
    ASSERT_TRUE(bytes.ok()) << bytes.status();
    for (const char* word : {"张三丰", "13800001111", "河边路7号", "水已进屋", "赵六"}) {
      EXPECT_EQ(bytes->find(word), std::string::npos) << entry.path() << " holds " << word;
    }
  }
}

}  // namespace
}  // namespace liandong::service
