#include "security/file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>

#include "tests/unit/security/temporary_folder.h"

namespace liandong::security {
namespace {

size_t FilesIn(const std::string& folder) {
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files += entry.is_regular_file();
  return files;
}

TEST(File, WritesAndReadsWithTheModeAskedFor) {
  const TemporaryFolder folder;
  const std::string bytes("a\0b\n", 4);
  ASSERT_TRUE(WriteFileAtomic(folder / "f", bytes, 0640).ok());
  EXPECT_EQ(*ReadFileBounded(folder / "f", 4), bytes);
  EXPECT_EQ(ModeOf(folder / "f"), 0640u);
  ASSERT_TRUE(WriteFileAtomic(folder / "f", "new", 0600).ok());
  EXPECT_EQ(*ReadFileBounded(folder / "f", 100), "new");
  EXPECT_EQ(ModeOf(folder / "f"), 0600u);
  EXPECT_EQ(FilesIn(folder.path()), 1u) << "a temporary file was left behind";
}

TEST(File, ReadingIsBounded) {
  const TemporaryFolder folder;
  Spill(folder / "f", std::string(200'000, 'x'));
  EXPECT_EQ(ReadFileBounded(folder / "f", 200'000)->size(), 200'000u);
  EXPECT_EQ(ReadFileBounded(folder / "f", 199'999).status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(ReadFileBounded("/dev/zero", 1000).status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(ReadFileBounded(folder / "none", 10).status().code(), absl::StatusCode::kNotFound);
  EXPECT_FALSE(ReadFileBounded(folder.path(), 10).ok());
}

TEST(File, ErrorsNameThePathAndNotTheContent) {
  const auto status = WriteFileAtomic("/nowhere/at/all/f", "secret text", 0600);
  EXPECT_NE(status.message().find("/nowhere/at/all/f"), std::string::npos) << status;
  EXPECT_EQ(status.message().find("secret"), std::string::npos) << status;
}

TEST(File, CreatingNeverReplaces) {
  const TemporaryFolder folder;
  ASSERT_TRUE(CreateFileAtomic(folder / "f", "first", 0600).ok());
  EXPECT_EQ(CreateFileAtomic(folder / "f", "second", 0600).code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(Slurp(folder / "f"), "first");
  EXPECT_EQ(FilesIn(folder.path()), 1u);
}

TEST(File, AFileOpenToOthersIsNotPrivateAndTheErrorSaysWhatToRun) {
  const TemporaryFolder folder;
  Spill(folder / "key", "k");
  for (const mode_t mode : {0640, 0604, 0620, 0602, 0644}) {
    ASSERT_EQ(chmod((folder / "key").c_str(), mode), 0);
    const auto status = CheckPrivateFile(folder / "key");
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << mode;
    EXPECT_NE(status.message().find("chmod 600 " + (folder / "key")), std::string::npos) << status;
  }
  ASSERT_EQ(chmod((folder / "key").c_str(), 0600), 0);
  EXPECT_TRUE(CheckPrivateFile(folder / "key").ok());
  EXPECT_EQ(CheckPrivateFile(folder / "none").code(), absl::StatusCode::kNotFound);
}

TEST(File, FoldersAreMadeWithThoseAbove) {
  const TemporaryFolder folder;
  ASSERT_TRUE(MakeFolder(folder / "a/b/c", 0700).ok());
  EXPECT_EQ(ModeOf(folder / "a/b/c"), 0700u);
  EXPECT_TRUE(MakeFolder(folder / "a/b/c", 0755).ok());
  EXPECT_EQ(ModeOf(folder / "a/b/c"), 0700u) << "what exists is left as it is";
  Spill(folder / "f", "x");
  EXPECT_FALSE(MakeFolder(folder / "f", 0700).ok());
  EXPECT_TRUE(SyncFolder(folder.path()).ok());
  EXPECT_FALSE(SyncFolder(folder / "none").ok());
}

}  // namespace
}  // namespace liandong::security
