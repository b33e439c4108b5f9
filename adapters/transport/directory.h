// Exchange of files with a party's system, both directions: police and government networks often join by nothing else.
//
//   in/   they write (under another name, then rename); we take *.json and *.xml, oldest name first
//   in/done/, in/bad/   what we took; removed after a time
//   out/  we write: <name> for each delivery, <name of theirs>.receipt.<json|xml> for each file taken
//
// A crash between taking and moving means that a file is taken again: the handler must know repeats.
// Thread-safety: Write may be called from any thread; the handler runs on the exchange's own thread.
#ifndef LIANDONG_ADAPTERS_TRANSPORT_DIRECTORY_H_
#define LIANDONG_ADAPTERS_TRANSPORT_DIRECTORY_H_

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "adapters/limits.h"

namespace liandong::adapters {

enum class FileVerdict {
  kTaken,
  kBad,   // stays for the operator in in/bad
  kBusy,  // not stored: stays where it is and is looked at again
};

struct FileAnswer {
  FileVerdict verdict = FileVerdict::kTaken;
  std::string receipt;  // bytes of the receipt file; "": none is written
};

struct DirectoryOptions {
  std::string in, out;  // made when absent; either may be ""
  int64_t poll_ms = kDirectoryPollMs;
  int64_t keep_taken_s = kDirectoryKeepS;
  bool discard_taken = false;
};

class DirectoryExchange {
 public:
  // `bytes` of the file `name`; too_large: longer than kNativeMessageBytesMax, and `bytes` is empty.
  using Handler = std::function<FileAnswer(const std::string& name, const std::string& bytes, bool too_large)>;

  static absl::StatusOr<std::unique_ptr<DirectoryExchange>> Start(DirectoryOptions options, Handler handler);
  ~DirectoryExchange();  // Stop()
  DirectoryExchange(const DirectoryExchange&) = delete;
  DirectoryExchange& operator=(const DirectoryExchange&) = delete;

  // Temporary name, sync, rename, sync: the other side sees the whole file or none. The same name again replaces it.
  // ResourceExhausted: kDirectoryOutMax files wait for the other side. Other errors name the folder.
  absl::Status Write(const std::string& name, const std::string& bytes);

  void Stop();

 private:
  DirectoryExchange(DirectoryOptions options, Handler handler)
      : options_(std::move(options)), handler_(std::move(handler)) {}
  void Loop();
  void Scan();
  bool Take(const std::string& name);
  void PutAway(const std::string& name, const char* folder);
  void Clean(const char* folder);

  struct Seen {
    int64_t size = 0;
    int64_t changed_ns = 0;
    bool operator==(const Seen&) const = default;
  };

  const DirectoryOptions options_;
  const Handler handler_;
  std::map<std::string, Seen> seen_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_TRANSPORT_DIRECTORY_H_
