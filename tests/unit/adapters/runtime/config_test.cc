#include "adapters/runtime/config.h"

#include "tests/unit/adapters/runtime/fixture.h"

namespace liandong::adapters {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class ConfigTest : public AdapterTest {
 protected:
  absl::StatusOr<AdapterSettings> Load(const std::string& text, const ConfigOverrides& overrides = {}) {
    std::ofstream(folder_ + "/x.textproto") << text;
    return LoadSettings(folder_ + "/x.textproto", overrides);
  }
  static std::string Whole(const std::string& links) {
    return "party: \"police-110\" hub: \"127.0.0.1:1\" tls { ca: \"a\" cert: \"b\" key: \"c\" } data_dir: \"d\"\n" +
           links;
  }
  std::string ErrorsOf(const std::string& text) { return std::string(Load(text).status().message()); }
};

TEST_F(ConfigTest, TheCountysOwnFilesAreGood) {
  for (const char* party : {"police-110", "hotline-12345", "fire-119", "medical-120"}) {
    auto settings = LoadSettings(absl::StrCat("deploy/county/adapters/", party, ".textproto"));
    ASSERT_TRUE(settings.ok()) << settings.status();
    EXPECT_EQ(settings->config.party(), party);
    EXPECT_EQ(settings->profiles.size(), static_cast<size_t>(settings->config.link_size()));
  }
}

TEST_F(ConfigTest, PathsAreOfTheFileOrOfTheDataFolderAndTheCommandLineGoesFirst) {
  const std::string text = Whole(
      "link { name: \"calls\" profile: \"profiles/police-110.textproto\" purpose: ACTUAL"
      " http { listen: \"127.0.0.1:8110\" } directories { in: \"in\" } }");
  auto settings = Load(text);
  ASSERT_TRUE(settings.ok()) << settings.status();
  EXPECT_EQ(settings->config.spool(), folder_ + "/d/spool.db");
  EXPECT_EQ(settings->config.tls().key(), folder_ + "/c");
  EXPECT_EQ(settings->config.link(0).directories().in(), folder_ + "/d/in");
  EXPECT_EQ(settings->profiles[0].auth_in().secret_file(), folder_ + "/secrets/police-110.in");

  ConfigOverrides overrides;
  overrides.hubs = {"h1:1", "h2:2"};
  overrides.data_dir = "/data";
  overrides.tls_dir = "/pki";
  overrides.secrets_dir = "/keys";
  overrides.port_file = "/ports";
  overrides.listen["calls"] = "127.0.0.1:0";
  overrides.peer["calls"] = "http://127.0.0.1:9";
  settings = Load(text, overrides);
  ASSERT_TRUE(settings.ok()) << settings.status();
  EXPECT_THAT(settings->config.hub(), testing::ElementsAre("h1:1", "h2:2"));
  EXPECT_EQ(settings->config.spool(), "/data/spool.db");
  EXPECT_EQ(settings->config.tls().ca(), "/pki/a");
  EXPECT_EQ(settings->config.port_file(), "/ports");
  EXPECT_EQ(settings->profiles[0].auth_in().secret_file(), "/keys/police-110.in");
  EXPECT_EQ(settings->config.link(0).http().listen(), "127.0.0.1:0");
  EXPECT_EQ(settings->config.link(0).peer().base_url(), "http://127.0.0.1:9");
  overrides.listen["nobody"] = "127.0.0.1:0";
  EXPECT_THAT(std::string(Load(text, overrides).status().message()), HasSubstr("nobody"));
}

TEST_F(ConfigTest, EverythingThatIsWrongIsSaidAtOnceWithItsPlace) {
  const std::string errors = ErrorsOf(
      "party: \"Police\" link { name: \"a b\" profile: \"profiles/police-110.textproto\" purpose: EXERCISE }"
      " link { name: \"x1\" profile: \"none.textproto\" purpose: ACTUAL http { listen: \"localhost:1\" } }");
  EXPECT_THAT(errors, AllOf(HasSubstr("party:"), HasSubstr("hub:"), HasSubstr("tls:"), HasSubstr("data_dir:")));
  EXPECT_THAT(errors, AllOf(HasSubstr("link \"a b\": name"), HasSubstr("link \"a b\": purpose"),
                            HasSubstr("at least one of http, peer, directories"), HasSubstr("none.textproto")));
}

TEST_F(ConfigTest, AWordThatIsNoneIsAnErrorWithItsLine) {
  EXPECT_THAT(ErrorsOf(Whole("link { nam: \"a\" }")), AllOf(HasSubstr("x.textproto:2:"), HasSubstr("name")));
}

TEST_F(ConfigTest, PlainAndAnonymousNeedToBeSaidInSoManyWords) {
  const auto link = [](const std::string& http) {
    return Whole("link { name: \"calls\" profile: \"profiles/p.textproto\" purpose: ACTUAL http { " + http + " } }");
  };
  // A profile without a secret.
  std::ifstream in(folder_ + "/profiles/police-110.textproto");
  std::ofstream out(folder_ + "/profiles/p.textproto");
  for (std::string line; std::getline(in, line);) {
    if (line.rfind("auth_in", 0) != 0) out << line << "\n";
  }
  out.close();
  EXPECT_EQ(ErrorsOf(link("listen: \"127.0.0.1:1\"")), "");
  EXPECT_THAT(ErrorsOf(link("listen: \"10.1.2.3:1\"")), HasSubstr("no_auth"));
  EXPECT_EQ(ErrorsOf(link("listen: \"10.1.2.3:1\" no_auth: true allow_plain_from: \"10.1.2.0/24\"")), "");
  EXPECT_THAT(ErrorsOf(link("listen: \"10.1.2.3:1\" no_auth: true allow_plain_from: \"0.0.0.0/0\"")),
              HasSubstr("allow_plain_from"));
  EXPECT_THAT(ErrorsOf(link("listen: \"10.1.2.3:1\" require_client_cert: true")), HasSubstr("require_client_cert"));
}

}  // namespace
}  // namespace liandong::adapters
