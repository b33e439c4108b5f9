// The log seam on a simulated disk, without threads: the real writer and reader of log.db, which write when the
// simulation says so.
#ifndef LIANDONG_TESTS_SIMULATION_SIM_LOG_H_
#define LIANDONG_TESTS_SIMULATION_SIM_LOG_H_

#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "hub/log/event_log.h"
#include "hub/log/log_writer.h"

namespace liandong::sim {

class SimLog : public log::EventLog {
 public:
  struct Options {
    std::string path;
    bool lies_about_sync = false;                          // planted: answers before it has written
    bool trusts_blindly = false;                           // planted: reads without looking at the chain
    std::function<std::string(std::string bytes)> change;  // planted: what is written instead
    // After the commit, before it is answered.
    std::function<void(const std::string& bytes, const std::string& link)> on_durable;
  };
  static absl::StatusOr<std::unique_ptr<SimLog>> Open(Options options);

  void Append(uint64_t first_index, uint64_t last_index, std::string bytes, Done done) override;
  absl::Status Read(uint64_t after_index, std::string_view link, const Visit& visit) override;
  uint64_t last_index() const override { return writer_.last_index(); }
  std::string last_link() const override { return security::EncodeLink(writer_.last_link()); }
  bool WaitFor(uint64_t after_index, absl::Duration) override { return last_index() > after_index; }

  // Writes what waits with one sync and answers it. False: nothing waited.
  bool Work();
  bool waiting() const { return !queue_.empty(); }

 private:
  explicit SimLog(Options options) : options_(std::move(options)) {}
  const Options options_;
  log::LogWriter writer_;
  std::unique_ptr<log::BatchReader> reader_;
  std::deque<log::LogWriter::Batch> queue_;
  absl::Status failure_;
};

}  // namespace liandong::sim

#endif  // LIANDONG_TESTS_SIMULATION_SIM_LOG_H_
