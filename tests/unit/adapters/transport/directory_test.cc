#include "adapters/transport/directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <mutex>
#include <sstream>

#include "tests/unit/adapters/transport/support.h"

namespace liandong::adapters {
namespace {

using testing::ElementsAre;

class DirectoryTest : public testing::Test {
 protected:
  void Start(bool discard = false, int64_t keep_s = kDirectoryKeepS) {
    DirectoryOptions options;
    options.in = folder_.path() + "/in";
    options.out = folder_.path() + "/out";
    options.poll_ms = 10;
    options.discard_taken = discard;
    options.keep_taken_s = keep_s;
    auto exchange = DirectoryExchange::Start(options, [this](const std::string& name, const std::string& bytes, bool) {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (verdict_ != FileVerdict::kBusy) taken_.push_back(name + "=" + bytes);
      ++asked_;
      return FileAnswer{verdict_, "receipt of " + name};
    });
    ASSERT_TRUE(exchange.ok()) << exchange.status();
    exchange_ = *std::move(exchange);
  }
  std::string Path(const std::string& name) const { return folder_.path() + "/" + name; }
  bool Exists(const std::string& name) const { return std::filesystem::exists(Path(name)); }
  void Put(const std::string& name, const std::string& bytes) { std::ofstream(Path(name), std::ios::binary) << bytes; }
  std::string Get(const std::string& name) const {
    std::stringstream text;
    text << std::ifstream(Path(name), std::ios::binary).rdbuf();
    return text.str();
  }
  std::vector<std::string> Taken() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return taken_;
  }
  void Become(FileVerdict verdict) {
    const std::lock_guard<std::mutex> lock(mutex_);
    verdict_ = verdict;
  }

  Folder folder_;
  std::mutex mutex_;
  FileVerdict verdict_ = FileVerdict::kTaken;
  std::vector<std::string> taken_;
  std::atomic<int> asked_{0};
  std::unique_ptr<DirectoryExchange> exchange_;
};

TEST_F(DirectoryTest, AFileIsTakenOnceAndAnsweredByAReceipt) {
  Start();
  Put("in/0002.json.tmp", "{\"part");
  Put("in/notes.txt", "not ours");
  Put("in/0001.xml", "<JJDB/>");
  ASSERT_TRUE(Eventually([&] { return Exists("in/done/0001.xml"); }));
  EXPECT_EQ(Get("out/0001.receipt.xml"), "receipt of 0001.xml");
  EXPECT_FALSE(Exists("in/0001.xml"));
  std::filesystem::rename(Path("in/0002.json.tmp"), Path("in/0002.json"));
  ASSERT_TRUE(Eventually([&] { return Exists("in/done/0002.json"); }));
  EXPECT_THAT(Taken(), ElementsAre("0001.xml=<JJDB/>", "0002.json={\"part"));
  EXPECT_TRUE(Exists("in/notes.txt"));
}

TEST_F(DirectoryTest, BadFilesAreSetAsideAndTheSameNameMayComeAgain) {
  Start();
  Become(FileVerdict::kBad);
  Put("in/a.json", "{");
  ASSERT_TRUE(Eventually([&] { return Exists("in/bad/a.json"); }));
  Put("in/a.json", "{{");
  ASSERT_TRUE(Eventually([&] { return Exists("in/bad/1-a.json"); }));
  EXPECT_EQ(Get("in/bad/1-a.json"), "{{");
  EXPECT_EQ(Get("out/a.receipt.json"), "receipt of a.json");
}

TEST_F(DirectoryTest, WhileWeAreFullFilesStayAndAreTakenLater) {
  Start();
  Become(FileVerdict::kBusy);
  Put("in/a.json", "{}");
  ASSERT_TRUE(Eventually([&] { return asked_ >= 3; }));
  EXPECT_TRUE(Exists("in/a.json"));
  EXPECT_FALSE(Exists("out/a.receipt.json"));
  Become(FileVerdict::kTaken);
  ASSERT_TRUE(Eventually([&] { return Exists("in/done/a.json"); }));
  EXPECT_THAT(Taken(), ElementsAre("a.json={}"));
}

TEST_F(DirectoryTest, TakenFilesGoAwayAtOnceOrAfterATime) {
  Start(true);
  Put("in/a.json", "{}");
  ASSERT_TRUE(Eventually([&] { return Exists("out/a.receipt.json") && !Exists("in/a.json"); }));
  EXPECT_FALSE(Exists("in/done"));
  exchange_.reset();
  Start(false, 0);
  Put("in/b.json", "{}");
  ASSERT_TRUE(Eventually([&] { return Exists("out/b.receipt.json") && !Exists("in/b.json"); }));
  EXPECT_TRUE(Eventually([&] { return !Exists("in/done/b.json"); }));
}

TEST_F(DirectoryTest, LinksAreNotFollowed) {
  Start();
  Put("secret.txt", "secret");
  std::filesystem::create_symlink(Path("secret.txt"), Path("in/a.json"));
  Put("in/b.json", "{}");
  ASSERT_TRUE(Eventually([&] { return Exists("in/done/b.json"); }));
  EXPECT_THAT(Taken(), ElementsAre("b.json={}"));
}

TEST_F(DirectoryTest, WhatWeWriteIsWholeOrAbsent) {
  Start();
  ASSERT_TRUE(exchange_->Write("task-1.json", "{\"kind\":\"task\"}").ok());
  EXPECT_EQ(Get("out/task-1.json"), "{\"kind\":\"task\"}");
  for (const auto& entry : std::filesystem::directory_iterator(Path("out"))) {
    EXPECT_EQ(entry.path().filename(), "task-1.json");
  }
}

TEST_F(DirectoryTest, TooLargeAFileIsNotRead) {
  std::atomic<bool> too_large{false};
  DirectoryOptions options;
  options.in = Path("in");
  options.poll_ms = 10;
  auto exchange = DirectoryExchange::Start(options, [&](const std::string&, const std::string& bytes, bool large) {
    too_large = large && bytes.empty();
    return FileAnswer{FileVerdict::kBad, ""};
  });
  ASSERT_TRUE(exchange.ok());
  Put("in/a.json", std::string(kNativeMessageBytesMax + 1, ' '));
  EXPECT_TRUE(Eventually([&] { return Exists("in/bad/a.json"); }));
  EXPECT_TRUE(too_large);
}

}  // namespace
}  // namespace liandong::adapters
