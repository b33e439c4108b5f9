// The program `liandong` as a function, so that tests run it without a process.
#ifndef LIANDONG_ADAPTERS_CLI_CLI_H_
#define LIANDONG_ADAPTERS_CLI_CLI_H_

#include <atomic>
#include <string>
#include <vector>

#include "adapters/cli/context.h"

namespace liandong::cli {

// `arguments` without the program's name. Returns the exit code. When *interrupted becomes true, what runs long ends.
int Run(const std::vector<std::string>& arguments, Streams streams, const std::atomic<bool>* interrupted = nullptr);

}  // namespace liandong::cli

#endif  // LIANDONG_ADAPTERS_CLI_CLI_H_
