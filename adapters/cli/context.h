// What all subcommands share: global options, the connection, and how results and errors are shown.
//
// One thread; programs make one object and call Run once.
#ifndef LIANDONG_ADAPTERS_CLI_CONTEXT_H_
#define LIANDONG_ADAPTERS_CLI_CONTEXT_H_

#include <google/protobuf/message.h>

#include <atomic>
#include <functional>
#include <istream>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "adapters/client/desk_client.h"
#include "adapters/client/hub_client.h"
#include "liandong/v1/common.pb.h"

namespace liandong::cli {

// Part of the interface: scripts rely on these numbers; they stand in --help.
enum ExitCode : int {
  kDone = 0,
  kRefused = 1,      // the hub refused, or a check found errors
  kUsage = 2,        // options, configuration or files of this machine
  kUnreachable = 3,  // no hub answered
  kNotFound = 4,     // the hub does not know such a thing
  kTryLater = 5,     // refused for now: the same may succeed later
};

struct Streams {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
};

class Context {
 public:
  explicit Context(Streams streams) : in(streams.in), out(streams.out), err(streams.err) {}

  // Global options.
  std::string config_file;
  std::vector<std::string> hubs;
  std::string ca, cert, key;
  bool json = false;
  double timeout_s = 15;
  std::string person, role, told_by;

  std::istream& in;
  std::ostream& out;
  std::ostream& err;

  // Set by the subcommand that ran.
  int result = kDone;
  // Set by a signal handler; long-running subcommands end when it is.
  const std::atomic<bool>* interrupted = nullptr;
  bool Interrupted() const { return interrupted != nullptr && interrupted->load(); }

  // From --hub and so on, else --config, else ~/.config/liandong.textproto. Errors are of the settings (kUsage).
  absl::StatusOr<adapters::HubClientOptions> Options() const;
  absl::StatusOr<std::shared_ptr<adapters::HubClient>> Client();
  absl::Duration Timeout() const { return absl::Seconds(timeout_s); }
  // Who acts, as the global options say; the hub fills in the party.
  v1::Actor Actor() const;

  // One line of JSON.
  void Json(const google::protobuf::Message& message);

  // Shows an error of the hub or of the way to it, and gives the exit code for it.
  int Fail(const absl::Status& status);
  // Shows an error of this machine: a file, an option, the configuration.
  int FailLocal(const absl::Status& status);

  // Runs `act` with a connection; what it returns is the exit code.
  int WithClient(const std::function<int(std::shared_ptr<adapters::HubClient>)>& act);
  int WithDesk(const std::function<int(adapters::DeskClient&)>& act);

 private:
  absl::StatusOr<std::string> ConfigPath() const;
  void ShowError(const absl::Status& status);
};

// The whole of a file, or of standard input for "-". InvalidArgument or NotFound names the path.
absl::StatusOr<std::string> ReadInput(Context& context, const std::string& path, size_t bytes_max);

// A message from JSON (when it begins with '{') or protobuf text; errors say where.
absl::Status ParseMessage(const std::string& name, const std::string& text, google::protobuf::Message* message);

}  // namespace liandong::cli

#endif  // LIANDONG_ADAPTERS_CLI_CONTEXT_H_
