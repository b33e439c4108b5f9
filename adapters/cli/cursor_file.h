// Where a watcher stopped, kept in a small text file: "urgent 12\nordinary 7\n". Written whole (rename), so a crash
// leaves the old one: then what followed comes again, as the contract has it.
#ifndef LIANDONG_ADAPTERS_CLI_CURSOR_FILE_H_
#define LIANDONG_ADAPTERS_CLI_CURSOR_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "adapters/client/link_session.h"

namespace liandong::cli {

// No file yet: unnamed lanes. InvalidArgument names the file and the line.
absl::StatusOr<adapters::LaneCursors> ReadCursors(const std::string& path);
absl::Status WriteCursors(const std::string& path, const adapters::LaneCursors& cursors);

}  // namespace liandong::cli

#endif  // LIANDONG_ADAPTERS_CLI_CURSOR_FILE_H_
