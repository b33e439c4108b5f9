// The subcommands of liandong-adapter that only look or mark: check, dead, status. Output: Chinese with English.
#ifndef LIANDONG_ADAPTERS_RUNTIME_COMMANDS_H_
#define LIANDONG_ADAPTERS_RUNTIME_COMMANDS_H_

#include <cstdint>
#include <ostream>
#include <string>

#include "adapters/runtime/config.h"

namespace liandong::adapters {

// Part of the interface: scripts rely on these numbers; they stand in --help.
enum AdapterExit : int {
  kExitDone = 0,
  kExitRefused = 1,    // a sample cannot be mapped; the program stopped on an error
  kExitUsage = 2,      // options, configuration or files of this machine
  kExitNotFound = 4,   // no such dead letter, no spool
  kExitAttention = 6,  // status: dead letters, or deliveries that fail
};

struct CheckOptions {
  std::string profile;
  std::string file;
  std::string path;       // HTTP path or file name that it would come by; empty: the file's name
  bool delivery = false;  // the file is a liandong.v1.Delivery in text form
  bool show_personal = false;
};
// What a sample becomes. Frames (gb26875): binary, or hexadecimal text with # comments.
int RunCheck(const CheckOptions& options, std::ostream& out, std::ostream& err);

int RunDeadList(const AdapterSettings& settings, std::ostream& out, std::ostream& err);
// The whole letter with its content: to standard output only, for the operator's eyes.
int RunDeadShow(const AdapterSettings& settings, uint64_t row, std::ostream& out, std::ostream& err);
int RunDeadResend(const AdapterSettings& settings, uint64_t row, std::ostream& out, std::ostream& err);
int RunDeadDrop(const AdapterSettings& settings, uint64_t row, std::ostream& out, std::ostream& err);

// `metrics`: Prometheus text instead of a page for people.
int RunStatus(const AdapterSettings& settings, bool metrics, std::ostream& out, std::ostream& err);

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_RUNTIME_COMMANDS_H_
