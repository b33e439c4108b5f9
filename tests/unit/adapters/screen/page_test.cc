#include "adapters/screen/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "adapters/screen/config.h"

namespace liandong::screen {
namespace {

using adapters::HeaderValue;
using testing::HasSubstr;

class FilesTest : public testing::Test {
 protected:
  FilesTest() {
    std::string name = testing::TempDir() + "/screen.XXXXXX";
    folder_ = std::filesystem::canonical(mkdtemp(name.data())).string();
  }
  ~FilesTest() override { std::filesystem::remove_all(folder_); }
  void Write(const std::string& path, const std::string& content) {
    std::filesystem::create_directories(std::filesystem::path(folder_ + path).parent_path());
    std::ofstream(folder_ + path) << content;
  }
  std::string folder_;
};

adapters::HttpAnswer Get(const Page& page, const std::string& path, adapters::HeaderList headers = {}) {
  adapters::HttpCall call;
  call.method = "GET";
  call.path = path;
  call.headers = std::move(headers);
  return page.Answer(call);
}

TEST_F(FilesTest, FilesAndTheirFormsAreServed) {
  Write("/index.html", "<title>联动</title>");
  Write("/assets/app-1a2b.js", std::string(5'000, 'x'));
  const auto page = Page::Load(folder_);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(*Get(*page, "/").shared_body, "<title>联动</title>");
  EXPECT_EQ(*Get(*page, "/incident/5").shared_body, "<title>联动</title>") << "a view of the page";
  EXPECT_EQ(Get(*page, "/nothing.js").status, 404);
  EXPECT_EQ(Get(*page, "/../../etc/passwd.txt").status, 404);
  const auto script = Get(*page, "/assets/app-1a2b.js", {{"accept-encoding", "gzip"}});
  EXPECT_EQ(HeaderValue(script.headers, "Content-Encoding"), "gzip");
  EXPECT_LT(script.shared_body->size(), 500u);
  EXPECT_THAT(std::string(HeaderValue(script.headers, "Cache-Control")), HasSubstr("immutable"));
  EXPECT_EQ(Get(*page, "/assets/app-1a2b.js").shared_body->size(), 5'000u);
  const std::string etag(HeaderValue(script.headers, "ETag"));
  EXPECT_EQ(Get(*page, "/assets/app-1a2b.js", {{"if-none-match", etag}}).status, 304);
}

TEST_F(FilesTest, AFolderThatIsNoPageSaysWhatToDo) {
  EXPECT_THAT(std::string(Page::Load(folder_).status().message()), HasSubstr("npm run build"));
  EXPECT_THAT(std::string(Page::Load(folder_ + "/none").status().message()), HasSubstr("npm run build"));
}

TEST_F(FilesTest, AGoodConfigurationIsReadWithItsPathsMadeAbsolute) {
  Write("/screen.textproto", R"(
party: "screen-1" hub: "127.0.0.1:7443"
tls { ca: "pki/ca.crt" cert: "pki/screen-1.crt" key: "pki/screen-1.key" }
feed_key: "screen-1.feed" listen: "127.0.0.1:8443" https { cert: "web.crt" key: "web.key" } web_dir: "dist"
metrics_listen: "127.0.0.1:9466" tiles { url: "/tiles/{z}/{x}/{y}.png" datum: CGCS2000 }
)");
  const auto config = LoadConfig(folder_ + "/screen.textproto");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->tls().ca(), folder_ + "/pki/ca.crt");
  EXPECT_EQ(config->web_dir(), folder_ + "/dist");
}

TEST_F(FilesTest, EverythingThatIsWrongIsSaidAtOnce) {
  Write("/screen.textproto", R"(
party: "Screen" listen: "somewhere" metrics_listen: "0.0.0.0:9466" tiles { url: "http://tiles.example" }
wall { account: "wall-1" certificate: "w.crt" }
)");
  const auto config = LoadConfig(folder_ + "/screen.textproto");
  ASSERT_TRUE(absl::IsInvalidArgument(config.status()));
  for (const char* place : {"party:", "hub:", "tls:", "feed_key:", "https:", "web_dir:", "listen:", "metrics_listen:",
                            "https.ca", "tiles.url:", "tiles.datum:"}) {
    EXPECT_THAT(std::string(config.status().message()), HasSubstr(place));
  }
  Write("/typo.textproto", "partty: \"x\"");
  EXPECT_THAT(std::string(LoadConfig(folder_ + "/typo.textproto").status().message()), HasSubstr("typo.textproto:1:"));
}

}  // namespace
}  // namespace liandong::screen
