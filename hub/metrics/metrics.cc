#include "hub/metrics/metrics.h"

#include <prometheus/collectable.h>
#include <prometheus/exposer.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <chrono>
#include <exception>
#include <future>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace liandong::metrics {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

constexpr std::chrono::milliseconds kWait{2000};  // a scrape is given up by Prometheus after 10 s
constexpr double kSyncBuckets[] = {0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5};

// What only the sequencer's thread may read.
struct OfState {
  struct OfParty {
    std::string party;
    size_t urgent = 0, ordinary = 0, streams = 0;
    int64_t heard_ms = 0;
    bool alarm = false;
  };
  uint64_t index = 0;
  int64_t now_ms = 0;
  size_t open = 0, in_memory = 0, late = 0;
  std::vector<OfParty> party;
};

OfState Look(hub::Turn& turn) {
  const core::State& state = turn.state();
  OfState out;
  out.index = state.index();
  out.now_ms = turn.now_ms();
  out.open = state.open_incidents();
  out.in_memory = state.incidents().size();
  out.late = state.late_duties();
  if (state.site() == nullptr) return out;
  for (const v1::Party& party : state.site()->proto().party()) {
    const core::PartyBook& book = state.Book(party.id());
    out.party.push_back({party.id(), book.urgent.unreceived.size(), book.ordinary.unreceived.size(),
                         turn.streams().CountOf(party.id()), turn.streams().LastHeard(party.id()),
                         book.state.link_alarm_delivery() != 0});
  }
  return out;
}

// One family, filled bit by bit.
class Family {
 public:
  Family(std::vector<MetricFamily>* out, MetricType type, const std::string& name, const std::string& help)
      : out_(out) {
    family_.name = absl::StrCat("liandong_hub_", name);
    family_.help = help;
    family_.type = type;
  }
  ~Family() { out_->push_back(std::move(family_)); }
  Family& Add(double value, const std::vector<std::pair<std::string, std::string>>& labels = {}) {
    ClientMetric metric;
    for (const auto& [name, label] : labels) metric.label.push_back({name, label});
    metric.gauge.value = value;
    metric.counter.value = value;
    family_.metric.push_back(std::move(metric));
    return *this;
  }

 private:
  std::vector<MetricFamily>* const out_;
  MetricFamily family_;
};

}  // namespace

class Metrics::Impl : public prometheus::Collectable {
 public:
  Impl()
      : registry_(std::make_shared<prometheus::Registry>()),
        sync_(
            &prometheus::BuildHistogram()
                 .Name("liandong_hub_sync_seconds")
                 .Help("Time from handing a batch to the log until it is on stable storage.")
                 .Register(*registry_)
                 .Add({}, prometheus::Histogram::BucketBoundaries(std::begin(kSyncBuckets), std::end(kSyncBuckets)))) {}

  std::vector<MetricFamily> Collect() const override {
    std::vector<MetricFamily> out;
    const std::optional<OfState> state = AskState();
    Family(&out, MetricType::Gauge, "up", "1: the sequencer answered within two seconds.").Add(state.has_value());
    if (state.has_value()) AddState(*state, &out);
    AddParts(&out);
    return out;
  }

  std::shared_ptr<prometheus::Registry> registry_;
  prometheus::Histogram* const sync_;
  const service::Parts* parts_ = nullptr;
  std::unique_ptr<prometheus::Exposer> exposer_;

 private:
  std::optional<OfState> AskState() const {
    auto looked = std::make_shared<std::promise<OfState>>();
    auto future = looked->get_future();
    const absl::Status taken =
        parts_->sequencer->Submit(hub::Priority::kAct, [looked](hub::Turn& turn) { looked->set_value(Look(turn)); });
    if (!taken.ok() || future.wait_for(kWait) != std::future_status::ready) return std::nullopt;
    return future.get();
  }

  static void AddState(const OfState& state, std::vector<MetricFamily>* out) {
    const auto index = static_cast<double>(state.index);
    Family(out, MetricType::Gauge, "log_index", "Index of the newest record decided.").Add(index);
    Family(out, MetricType::Gauge, "open_incidents", "Incidents that are open.").Add(static_cast<double>(state.open));
    Family(out, MetricType::Gauge, "incidents_in_memory",
           "Incidents in memory, closed ones that have yet to leave among them.")
        .Add(static_cast<double>(state.in_memory));
    Family(out, MetricType::Gauge, "overdue_duties",
           "Open duties that are late on a rung and climb their escalation steps.")
        .Add(static_cast<double>(state.late));
    Family outstanding(out, MetricType::Gauge, "outstanding_deliveries", "Deliveries that a party has not yet stored.");
    Family streams(out, MetricType::Gauge, "streams", "Open lines of a party.");
    Family heard(out, MetricType::Gauge, "heard_seconds",
                 "Since a party was last heard of; -1: never since the start.");
    Family alarm(out, MetricType::Gauge, "link_alarm", "1: the party does not store what it is sent in time.");
    for (const auto& one : state.party) {
      outstanding.Add(static_cast<double>(one.urgent), {{"party", one.party}, {"lane", "urgent"}});
      outstanding.Add(static_cast<double>(one.ordinary), {{"party", one.party}, {"lane", "ordinary"}});
      streams.Add(static_cast<double>(one.streams), {{"party", one.party}});
      heard.Add(one.heard_ms == 0 ? -1 : static_cast<double>(state.now_ms - one.heard_ms) / 1000,
                {{"party", one.party}});
      alarm.Add(one.alarm, {{"party", one.party}});
    }
  }

  void AddParts(std::vector<MetricFamily>* out) const {
    Family(out, MetricType::Gauge, "build_info", "Always 1; the version stands in the label.")
        .Add(1, {{"version", parts_->version}});
    Family(out, MetricType::Gauge, "start_time_seconds", "When the hub started, seconds since 1970.")
        .Add(static_cast<double>(parts_->sequencer->started_at_ms()) / 1000);
    Family(out, MetricType::Gauge, "committed_index", "Index of the newest record on stable storage.")
        .Add(static_cast<double>(parts_->sequencer->committed_index()));
    Family(out, MetricType::Gauge, "history_index", "How far the history database is.")
        .Add(static_cast<double>(parts_->history->index()));
    Family(out, MetricType::Gauge, "history_ok", "0: the history database has stopped; look at the hub's log.")
        .Add(parts_->history->status().ok());
    Family(out, MetricType::Gauge, "waiting_commands", "Commands that wait for the sequencer.")
        .Add(static_cast<double>(parts_->sequencer->waiting()));
    Family(out, MetricType::Counter, "refused_total",
           "Calls refused: overload by the queue, gate by certificate, session or role.")
        .Add(static_cast<double>(parts_->sequencer->refused()), {{"why", "overload"}})
        .Add(static_cast<double>(parts_->gate_refused.load()), {{"why", "gate"}});
    Family(out, MetricType::Gauge, "sessions", "People who are signed in.")
        .Add(static_cast<double>(parts_->accounts->sessions()));
    const auto tls = security::CheckTlsFiles(parts_->tls, absl::Now());
    Family(out, MetricType::Gauge, "certificate_expiry_seconds",
           "Until the hub's certificate ends; -1: its files are unusable.")
        .Add(tls.ok() ? absl::ToDoubleSeconds(tls->expires_at - absl::Now()) : -1);
    const absl::Time list_until =
        parts_->revocations == nullptr ? absl::InfiniteFuture() : parts_->revocations->next_update();
    Family(out, MetricType::Gauge, "revocation_list_expiry_seconds",
           "Until the revocation list is to be signed again; +Inf: the settings name none.")
        .Add(absl::ToDoubleSeconds(list_until - absl::Now()));
    Family(out, MetricType::Gauge, "checkpoint_index", "Newest record under a signed checkpoint.")
        .Add(static_cast<double>(parts_->notary->covered()));
    Family(out, MetricType::Counter, "trail_lost_total", "Entries of the audit trail that could not be noted.")
        .Add(static_cast<double>(parts_->trail->lost()));
    if (parts_->feed == nullptr) return;
    const feed::Counters feed = parts_->feed->counters();
    Family(out, MetricType::Counter, "feed_frames_total", "Frames of the live feed that went out.")
        .Add(static_cast<double>(feed.frames_sent));
    Family(out, MetricType::Counter, "feed_dropped_total", "Frames of the live feed that were dropped before sending.")
        .Add(static_cast<double>(feed.frames_dropped));
    Family(out, MetricType::Counter, "feed_refused_total", "Connections to the feed with a key that no party has.")
        .Add(static_cast<double>(feed.refused));
    Family(out, MetricType::Gauge, "feed_waiting", "Frames that wait to be sent.")
        .Add(static_cast<double>(feed.waiting));
  }
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() { Stop(); }

void Metrics::NoteSync(double seconds) { impl_->sync_->Observe(seconds); }

absl::Status Metrics::Serve(const std::string& listen, const service::Parts* parts) {
  const std::string host = listen.substr(0, listen.rfind(':'));
  if (host != "127.0.0.1" && host != "[::1]") {
    return absl::InvalidArgumentError(
        absl::StrCat("metrics_listen: ", listen,
                     ": 指标为明文,只能监听本机地址 metrics are plain HTTP: listen on 127.0.0.1 or [::1] only"));
  }
  impl_->parts_ = parts;
  try {
    impl_->exposer_ = std::make_unique<prometheus::Exposer>(listen, 2);
  } catch (const std::exception&) {
    return absl::FailedPreconditionError(
        absl::StrCat("metrics_listen: 无法监听 cannot listen on ", listen, ": 端口已被占用 the port is taken"));
  }
  impl_->exposer_->RegisterCollectable(impl_->registry_);
  // The exposer keeps weak references; ours lives as long as this object.
  impl_->exposer_->RegisterCollectable(std::shared_ptr<prometheus::Collectable>(impl_->registry_, impl_.get()));
  return absl::OkStatus();
}

void Metrics::Stop() { impl_->exposer_.reset(); }

int Metrics::port() const {
  if (impl_->exposer_ == nullptr) return 0;
  const auto ports = impl_->exposer_->GetListeningPorts();
  return ports.empty() ? 0 : ports.front();
}

}  // namespace liandong::metrics
