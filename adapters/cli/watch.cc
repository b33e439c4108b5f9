#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "adapters/cli/commands.h"
#include "adapters/cli/cursor_file.h"
#include "adapters/cli/flags.h"
#include "adapters/cli/text.h"
#include "adapters/cli/view.h"
#include "adapters/client/error.h"
#include "adapters/client/link_session.h"
#include "adapters/limits.h"
#include "liandong/v1/desk.pb.h"

namespace liandong::cli {
namespace {

constexpr absl::Duration kLookAround = absl::Milliseconds(100);
constexpr double kForever = 1e9;  // seconds

struct WatchFlags {
  bool as_json = false, no_received = false, all = false;
  std::string cursor_file;
  uint64_t count = 0;
  double for_s = kForever;
  uint32_t window = 0;
};

// What the session's thread and the waiting one share.
class Watcher {
 public:
  Watcher(Context& context, const WatchFlags& flags, const adapters::LaneCursors& cursors)
      : context_(context), flags_(flags), cursors_(cursors) {}

  absl::Status Show(const std::vector<v1::Delivery>& deliveries) {
    absl::MutexLock lock(&mutex_);
    for (const v1::Delivery& delivery : deliveries) {
      // Not shown, so not received: it comes again to the next watcher.
      if (EnoughLocked()) break;
      if (context_.json || flags_.as_json) {
        context_.Json(delivery);
      } else {
        context_.out << DeliveryText(delivery) << std::flush;
      }
      ++shown_;
      Advance(delivery.envelope());
      if (flags_.no_received) continue;
      v1::Acknowledgment& one = received_.emplace_back();
      one.set_delivery_id(delivery.envelope().delivery_id());
      one.set_state(v1::RECEIVED);
    }
    if (flags_.cursor_file.empty()) return absl::OkStatus();
    return WriteCursors(flags_.cursor_file, cursors_);
  }

  // Waits a moment for something to acknowledge.
  std::vector<v1::Acknowledgment> TakeReceived() {
    absl::MutexLock lock(&mutex_);
    const auto any = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return !received_.empty() || EnoughLocked(); };
    mutex_.AwaitWithTimeout(absl::Condition(&any), kLookAround);
    return std::exchange(received_, {});
  }

  void Say(const std::string& line) {
    absl::MutexLock lock(&mutex_);
    context_.err << line << std::endl;
  }

  void Connected() {
    absl::MutexLock lock(&mutex_);
    ever_connected_ = true;
  }
  void Broke(const absl::Status& status) {
    absl::MutexLock lock(&mutex_);
    last_break_ = status;
    // The hub has another past: the session starts again without cursors, and so does the file.
    if (adapters::ErrorReasonOf(status) == "CURSOR_AHEAD") cursors_ = {};
  }
  bool Enough() {
    absl::MutexLock lock(&mutex_);
    return EnoughLocked();
  }
  // Why no line was ever up; OK when one was.
  absl::Status WhyNever() {
    absl::MutexLock lock(&mutex_);
    return ever_connected_ ? absl::OkStatus() : last_break_;
  }

 private:
  bool EnoughLocked() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return flags_.count != 0 && shown_ >= flags_.count; }
  void Advance(const v1::Envelope& envelope) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const bool urgent = envelope.lane() == v1::URGENT;
    (urgent ? cursors_.urgent_named : cursors_.ordinary_named) = true;
    uint64_t& last = urgent ? cursors_.urgent : cursors_.ordinary;
    last = std::max(last, envelope.sequence());
  }

  absl::Mutex mutex_;
  Context& context_;
  const WatchFlags& flags_;
  adapters::LaneCursors cursors_ ABSL_GUARDED_BY(mutex_);
  std::vector<v1::Acknowledgment> received_ ABSL_GUARDED_BY(mutex_);
  uint64_t shown_ ABSL_GUARDED_BY(mutex_) = 0;
  bool ever_connected_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status last_break_ ABSL_GUARDED_BY(mutex_);
};

void Acknowledge(adapters::LinkSession& session, std::vector<v1::Acknowledgment> received) {
  for (size_t from = 0; from < received.size(); from += adapters::kAcknowledgmentsMax) {
    const auto begin = received.begin() + static_cast<ptrdiff_t>(from);
    const auto end = begin + static_cast<ptrdiff_t>(std::min(received.size() - from, adapters::kAcknowledgmentsMax));
    // What does not go out now comes again: the hub still has it as not received.
    if (!session.Acknowledge({begin, end}, nullptr).ok()) return;
  }
}

int WatchDeliveries(Context& context, const WatchFlags& flags) {
  auto client = context.Client();
  if (!client.ok()) return context.FailLocal(client.status());
  adapters::LinkOptions options;
  options.client = "liandong/0.1.0";
  options.window = flags.window;
  options.auto_received = false;  // only what was shown, which with --count may be a part
  if (!flags.cursor_file.empty()) {
    const auto cursors = ReadCursors(flags.cursor_file);
    if (!cursors.ok()) return context.FailLocal(cursors.status());
    options.resume = *cursors;
  }
  Watcher watcher(context, flags, options.resume);
  adapters::LinkHandlers handlers;
  handlers.on_deliveries = [&](const std::vector<v1::Delivery>& deliveries) { return watcher.Show(deliveries); };
  handlers.on_connected = [&](const v1::Welcome& welcome) {
    watcher.Connected();
    watcher.Say(absl::StrCat("已连接 connected: ", Clean(welcome.party())));
  };
  handlers.on_disconnected = [&](const absl::Status& status, absl::Duration retry_in) {
    watcher.Broke(status);
    if (watcher.Enough()) return;
    watcher.Say(absl::StrCat("连接断开，", absl::ToInt64Milliseconds(retry_in),
                             " ms 后重连 line lost, trying again: ", Clean(std::string(status.message()))));
  };
  adapters::LinkSession session(*client, std::move(handlers), std::move(options));
  const absl::Time until = absl::Now() + absl::Seconds(flags.for_s);
  const absl::Time first_line_until = absl::Now() + context.Timeout();
  while (!context.Interrupted() && !watcher.Enough() && absl::Now() < until) {
    if (const absl::Status never = watcher.WhyNever(); !never.ok() && absl::Now() >= first_line_until) {
      session.Stop();
      return context.Fail(never);
    }
    Acknowledge(session, watcher.TakeReceived());
  }
  Acknowledge(session, watcher.TakeReceived());
  session.Drain(absl::Seconds(2));
  session.Stop();
  return kDone;
}

int WatchAll(Context& context, const WatchFlags& flags) {
  return context.WithDesk([&](adapters::DeskClient& desk) {
    uint64_t shown = 0;
    const auto show = [&](const v1::WatchEvent& event) {
      if (context.json || flags.as_json) {
        context.Json(event);
      } else {
        context.out << "[" << event.log_index() << "] " << Time(event.time_ms()) << " " << Clean(event.what()) << "\n";
        v1::ListIncidentsReply changed;
        *changed.mutable_incident() = event.incident();
        if (changed.incident_size() > 0) context.out << IncidentTable(changed);
        context.out.flush();
      }
      ++shown;
      return flags.count == 0 || shown < flags.count;
    };
    const absl::Status status =
        desk.Watch(absl::Seconds(flags.for_s), show, [&context] { return context.Interrupted(); });
    return status.ok() ? static_cast<int>(kDone) : context.Fail(status);
  });
}

}  // namespace

void AddWatch(CLI::App& app, Context& context) {
  auto flags = std::make_shared<WatchFlags>();
  auto* command =
      app.add_subcommand("watch", "实时接收发给本单位的件，显示后自动签收“收到” show deliveries as they come");
  command->footer(
      "显示后即回“收到”（机器已存），不代表有人受理；受理用 liandong ack。\n"
      "What was shown is acknowledged RECEIVED: that says nothing about a person taking it on; use liandong ack.\n"
      "Ctrl-C 结束 ends it.");
  command->add_flag("--as-json", flags->as_json, "每件一行 JSON one JSON object a delivery (as --json)");
  command
      ->add_option("--cursor-file", flags->cursor_file,
                   "记住看到哪里，下次接着看 keep where it stopped and resume there")
      ->type_name("FILE");
  command->add_flag("--no-received", flags->no_received, "只看不签收 look without acknowledging RECEIVED");
  command->add_option("--count", flags->count, "看到几件后结束 end after so many");
  command->add_option("--for", flags->for_s, "几秒后结束 end after so many seconds")->type_name("SECONDS");
  command->add_option("--window", flags->window, "最多几件未签收 not yet RECEIVED at once; 0: 64");
  command->add_flag("--all", flags->all,
                    "看所有事件的变化（指挥中心） every change of every incident (command centre)");
  OnRun(command, context,
        [&context, flags] { return flags->all ? WatchAll(context, *flags) : WatchDeliveries(context, *flags); });
}

}  // namespace liandong::cli
