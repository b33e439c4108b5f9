#include "adapters/cli/cursor_file.h"

#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "security/file.h"

namespace liandong::cli {
namespace {
constexpr size_t kCursorBytesMax = 1024;  // two short lines
}

absl::StatusOr<adapters::LaneCursors> ReadCursors(const std::string& path) {
  adapters::LaneCursors cursors;
  const auto text = security::ReadFileBounded(path, kCursorBytesMax);
  if (absl::IsNotFound(text.status())) return cursors;
  if (!text.ok()) return text.status();
  int number = 0;
  for (absl::string_view line : absl::StrSplit(*text, '\n')) {
    ++number;
    if (line.empty()) continue;
    const std::vector<std::string> words = absl::StrSplit(line, ' ');
    uint64_t sequence = 0;
    if (words.size() == 2 && words[0] == "urgent" && absl::SimpleAtoi(words[1], &sequence)) {
      cursors.urgent_named = true;
      cursors.urgent = sequence;
    } else if (words.size() == 2 && words[0] == "ordinary" && absl::SimpleAtoi(words[1], &sequence)) {
      cursors.ordinary_named = true;
      cursors.ordinary = sequence;
    } else {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ":", number,
                       ": 应为 expected \"urgent N\" 或 or \"ordinary N\"；删掉此文件则从未签收处开始 remove the "
                       "file to start with what is not yet received"));
    }
  }
  return cursors;
}

absl::Status WriteCursors(const std::string& path, const adapters::LaneCursors& cursors) {
  std::string text;
  if (cursors.urgent_named) absl::StrAppend(&text, "urgent ", cursors.urgent, "\n");
  if (cursors.ordinary_named) absl::StrAppend(&text, "ordinary ", cursors.ordinary, "\n");
  return security::WriteFileAtomic(path, text, 0644);
}

}  // namespace liandong::cli
