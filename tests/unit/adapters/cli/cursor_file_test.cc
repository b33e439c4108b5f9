#include "adapters/cli/cursor_file.h"

#include <gtest/gtest.h>

#include <fstream>

#include "absl/strings/match.h"
#include "tests/unit/adapters/client/fake_hub.h"

namespace liandong::cli {
namespace {

TEST(CursorFileTest, KeepsWhatWasWritten) {
  adapters::TestPki folder;
  const std::string path = folder.folder() + "/cursors";
  EXPECT_FALSE(ReadCursors(path)->urgent_named);
  ASSERT_TRUE(WriteCursors(path, {.urgent_named = true, .urgent = 12}).ok());
  const auto cursors = ReadCursors(path);
  ASSERT_TRUE(cursors.ok()) << cursors.status();
  EXPECT_TRUE(cursors->urgent_named);
  EXPECT_EQ(cursors->urgent, 12u);
  EXPECT_FALSE(cursors->ordinary_named);
}

TEST(CursorFileTest, NamesTheLineThatIsWrong) {
  adapters::TestPki folder;
  const std::string path = folder.folder() + "/cursors";
  std::ofstream(path) << "urgent 3\nordinary x\n";
  const auto cursors = ReadCursors(path);
  EXPECT_TRUE(absl::IsInvalidArgument(cursors.status()));
  EXPECT_TRUE(absl::StrContains(cursors.status().message(), path + ":2")) << cursors.status();
}

}  // namespace
}  // namespace liandong::cli
