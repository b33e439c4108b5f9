#include "security/server_context.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "absl/time/clock.h"
#include "security/pki.h"
#include "tests/unit/security/temporary_folder.h"

namespace liandong::security {
namespace {

class ServerContextTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(InitCa(folder_.path(), "small.example").ok());
    ASSERT_TRUE(Issue(folder_.path(), "screen").ok());
    auto opened = ServerContext::Open({folder_ / "ca.crt", folder_ / "screen.crt", folder_ / "screen.key"}, false, {},
                                      [this](const std::string& line) { said_.push_back(line); });
    ASSERT_TRUE(opened.ok()) << opened.status();
    context_ = *opened;
    first_ = context_->Get();
  }
  // Until another context is given out, or something is said of files that will not do.
  bool Changes() {
    for (const absl::Time end = absl::Now() + absl::Seconds(60); absl::Now() < end;
         absl::SleepFor(absl::Milliseconds(20))) {
      if (context_->Get() != first_) return true;
      if (!said_.empty()) return false;
    }
    return false;
  }
  void Renew() {
    IssueOptions again;
    again.replace = true;
    ASSERT_TRUE(Issue(folder_.path(), "screen", again).ok());
  }

  TemporaryFolder folder_;
  std::vector<std::string> said_;
  std::shared_ptr<ServerContext> context_;
  std::shared_ptr<SSL_CTX> first_;
};

TEST_F(ServerContextTest, RenewedFilesCountFromTheNextConnectionOn) {
  Renew();
  EXPECT_TRUE(Changes());
  EXPECT_EQ(said_.size(), 1u);
}

TEST_F(ServerContextTest, FilesThatWillNotDoChangeNothing) {
  const std::string key = Slurp(folder_ / "screen.key");
  Renew();
  const std::string renewed = Slurp(folder_ / "screen.key");
  Spill(folder_ / "screen.key", key);  // half copied: the new certificate beside the old key
  EXPECT_FALSE(Changes());
  ASSERT_EQ(said_.size(), 1u);
  said_.clear();
  Spill(folder_ / "screen.key", renewed);
  ASSERT_EQ(chmod((folder_ / "screen.key").c_str(), 0644), 0);
  EXPECT_FALSE(Changes()) << "a key that others can read";
  ASSERT_GE(said_.size(), 1u);
  EXPECT_EQ(context_->Get(), first_);
  ASSERT_EQ(chmod((folder_ / "screen.key").c_str(), 0600), 0);
  said_.clear();
  EXPECT_TRUE(Changes());
}

}  // namespace
}  // namespace liandong::security
