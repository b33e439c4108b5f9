#include "hub/assembly.h"

#include <filesystem>
#include <future>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "hub/accounts/limits.h"
#include "hub/audit/limits.h"
#include "hub/audit/notary.h"
#include "hub/audit/trail.h"
#include "hub/cluster/etcd_store.h"
#include "hub/cluster/limits.h"
#include "hub/cluster/member.h"
#include "hub/core/limits.h"
#include "hub/core/state.h"
#include "hub/feed/publisher.h"
#include "hub/history/history.h"
#include "hub/history/snapshot.h"
#include "hub/log/records.h"
#include "hub/log/sqlite_log.h"
#include "hub/metrics/metrics.h"
#include "hub/sealer.h"
#include "hub/sequencer.h"
#include "hub/service/adopt.h"
#include "hub/service/parts.h"
#include "hub/service/server.h"
#include "hub/shredder.h"
#include "routing/load.h"
#include "security/crypto.h"
#include "security/curve_key.h"
#include "security/file.h"
#include "security/key_provider.h"
#include "security/limits.h"
#include "security/revocation.h"
#include "security/tls.h"
#include "security/vault.h"

namespace liandong::hub {
namespace {

constexpr size_t kConfigBytesMax = 64 * 1024;   // a dozen lines
constexpr uint64_t kProgressRecords = 100'000;  // a line of a long replay; a second or two
constexpr uint64_t kInterruptRecords = 1'000;   // between two looks whether to stop
constexpr uint32_t kTickMs = 100;               // fine enough for deadlines in seconds

std::string Beside(const std::string& file, const std::string& path) {
  if (path.empty() || std::filesystem::path(path).is_absolute()) return path;
  return (std::filesystem::path(file).parent_path() / path).string();
}

absl::Status Missing(const std::string& path, const std::string& field, const std::string& zh) {
  return absl::InvalidArgumentError(absl::StrCat(path, ": 缺少 ", field, "(", zh, ") ", field, " is missing"));
}

std::string KeysPath(const v1::HubConfig& config) { return config.data_dir() + "/keys.db"; }

security::TlsFiles TlsOf(const v1::HubConfig& config) {
  return {config.tls().ca(), config.tls().cert(), config.tls().key()};
}

}  // namespace

absl::StatusOr<v1::HubConfig> LoadHubConfig(const std::string& path) {
  const auto text = security::ReadFileBounded(path, kConfigBytesMax);
  if (!text.ok()) return text.status();
  v1::HubConfig config;
  if (auto status = routing::ParseText(path, *text, &config, nullptr); !status.ok()) return status;
  if (config.listen().empty()) return Missing(path, "listen", "监听地址,例如 \"127.0.0.1:7443\"");
  if (config.tls().ca().empty()) return Missing(path, "tls.ca", "CA 证书文件");
  if (config.tls().cert().empty()) return Missing(path, "tls.cert", "枢纽证书文件");
  if (config.tls().key().empty()) return Missing(path, "tls.key", "枢纽私钥文件");
  if (config.data_dir().empty()) return Missing(path, "data_dir", "数据目录");
  if (config.master_key().empty()) return Missing(path, "master_key", "主密钥文件");
  if (config.has_feed()) {
    const v1::FeedConfig& feed = config.feed();
    if (feed.listen().empty()) return Missing(path, "feed.listen", "推送监听地址,例如 \"127.0.0.1:7444\"");
    if (feed.key().empty()) return Missing(path, "feed.key", "推送密钥文件,用 liandong pki feed-key 生成");
    if (feed.endpoint().empty() && feed.listen().rfind("0.0.0.0:", 0) == 0)
      return Missing(path, "feed.endpoint", "告知订阅方的地址,例如 \"tcp://hub.example:7444\"");
    config.mutable_feed()->set_key(Beside(path, feed.key()));
  }
  if (const uint32_t days = config.audit().trail_days(); days != 0 && days < audit::kTrailDaysMin) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": audit.trail_days 为 ", days, ",法定不少于 ",
                                                   audit::kTrailDaysMin,
                                                   " 天 the law asks for at least that many days"));
  }
  if (config.audit().key().empty() != config.audit().certificate().empty()) {
    return Missing(path, config.audit().key().empty() ? "audit.key" : "audit.certificate",
                   "审计签名的私钥与证书须成对");
  }
  if (config.has_cluster()) {
    if (auto status = cluster::CheckCluster(config.cluster()); !status.ok())
      return absl::InvalidArgumentError(absl::StrCat(path, ": ", status.message()));
    v1::TlsConfig* tls = config.mutable_cluster()->mutable_etcd_tls();
    for (std::string* one : {tls->mutable_ca(), tls->mutable_cert(), tls->mutable_key()}) *one = Beside(path, *one);
  }
  if (!config.audit().key().empty()) {
    config.mutable_audit()->set_key(Beside(path, config.audit().key()));
    config.mutable_audit()->set_certificate(Beside(path, config.audit().certificate()));
  }
  for (std::string* one :
       {config.mutable_crl(), config.mutable_tls()->mutable_ca(), config.mutable_tls()->mutable_cert(),
        config.mutable_tls()->mutable_key(), config.mutable_data_dir(), config.mutable_site_dir(),
        config.mutable_master_key(), config.mutable_port_file()}) {
    *one = Beside(path, *one);
  }
  return config;
}

absl::Status CheckHubFiles(const v1::HubConfig& config, const std::function<void(const std::string& line)>& say) {
  const auto tls = security::CheckTlsFiles(TlsOf(config), absl::Now());
  if (!tls.ok()) return tls.status();
  if (config.has_feed()) {
    if (const auto key = security::ReadCurveKeyFile(config.feed().key()); !key.ok()) return key.status();
  }
  if (config.has_cluster()) {
    const v1::TlsConfig& etcd = config.cluster().etcd_tls();
    for (const std::string& file : {etcd.ca(), etcd.cert(), etcd.key()}) {
      if (const auto text = security::ReadFileBounded(file, security::kPemBytesMax); !text.ok()) return text.status();
    }
  }
  if (config.site_dir().empty()) return absl::OkStatus();
  const auto site = routing::LoadSiteDir(config.site_dir());
  if (!site.ok()) return site.status();
  for (const auto& warning : site->warnings) say(absl::StrCat(warning.TextZh(), " / ", warning.Text()));
  if (site->site.settings().trust_domain() != tls->identity.trust_domain) {
    return absl::FailedPreconditionError(
        absl::StrCat(config.tls().cert(), ": 证书的信任域 ", tls->identity.trust_domain, " 与站点配置的 ",
                     site->site.settings().trust_domain(),
                     " 不同 the certificate's trust domain is not the site's (settings.textproto: trust_domain)"));
  }
  return absl::OkStatus();
}

class Hub::Impl {
 public:
  explicit Impl(HubSettings settings) : settings_(std::move(settings)) {}
  ~Impl() { Stop().IgnoreError(); }

  absl::Status Start() {
    const v1::HubConfig& config = settings_.config;
    auto tls = security::CheckTlsFiles(TlsOf(config), absl::Now());
    if (!tls.ok()) return tls.status();
    if (auto status = security::MakeFolder(config.data_dir(), 0700); !status.ok()) return status;
    auto log = log::SqliteLog::Open({.data_dir = config.data_dir()});
    if (!log.ok()) return log.status();
    log_ = *std::move(log);
    auto state = Replay();
    if (!state.ok()) return state.status();
    archive_ = std::make_unique<service::SiteArchive>(config.data_dir() + "/sites");
    if (config.has_cluster()) {
      if (auto status = StartHistory(); !status.ok()) return status;  // also where it stands by: it makes snapshots
      if (auto status = Follow(&*state); !status.ok()) return status;
    }
    if (auto status = OpenKeys(state->next_key_id()); !status.ok()) return status;
    shredder_ = std::make_unique<Shredder>(vault_.get(), [this](const std::string& line) { Say(line); });
    if (auto status = shredder_->DestroyAgain(state->erased_keys()); !status.ok()) return status;
    if (history_ == nullptr) {
      if (auto status = StartHistory(); !status.ok()) return status;
    }
    if (auto status = StartAudit(); !status.ok()) return status;
    const std::shared_ptr<const routing::Site> site = state->shared_site();
    directory_ = std::make_unique<service::SiteDirectory>(site);
    if (auto status = OpenAccounts(); !status.ok()) return status;
    if (auto status = StartFeed(*state, site.get()); !status.ok()) return status;
    StartSequencer(*std::move(state));
    MakeParts();
    NoteConfiguration(
        tls->identity.party, "settings",
        absl::StrCat("version ", settings_.version, ", SHA-256 ",
                     security::Hex(security::Hash(security::Suite::kInternational, config.SerializeAsString()))));
    if (site == nullptr) {
      if (auto status = AdoptSiteDir(tls->identity.party); !status.ok()) return status;
    } else {
      (void)archive_->Keep(site->proto());  // an adoption may have been the last thing before a crash
      service::Follow(parts_, *site);
    }
    const std::string& domain = directory_->Get()->settings().trust_domain();
    if (domain != tls->identity.trust_domain) {
      return absl::FailedPreconditionError(absl::StrCat(
          config.tls().cert(), ": 证书的信任域 ", tls->identity.trust_domain, " 与现行站点配置的 ", domain,
          " 不同,请重新签发枢纽证书 the certificate is of another trust domain than the site set in force"));
    }
    auto server = service::Server::Start(config.listen(), parts_);
    if (!server.ok()) return server.status();
    server_ = *std::move(server);
    if (!config.metrics_listen().empty()) {
      if (auto status = metrics_.Serve(config.metrics_listen(), &parts_); !status.ok()) return status;
    }
    if (config.port_file().empty()) return absl::OkStatus();
    return security::WriteFileAtomic(config.port_file(), absl::StrCat(server_->port(), "\n"), 0644);
  }

  absl::Status Stop() {
    metrics_.Stop();
    if (server_ != nullptr) server_->Stop();
    if (sequencer_ != nullptr) sequencer_->Stop();
    if (member_ != nullptr) member_->Resign();
    absl::Status status = history_ == nullptr ? absl::OkStatus() : history_->Stop();
    if (trail_ != nullptr) trail_->Flush();
    if (notary_ != nullptr) status.Update(notary_->Stop());  // after the last snapshot, so that it is signed too
    return status;
  }

  int port() const { return server_->port(); }
  int metrics_port() const { return metrics_.port(); }
  std::string address() const {
    const std::string& listen = settings_.config.listen();
    return absl::StrCat(listen.substr(0, listen.rfind(':')), ":", port());
  }

 private:
  void Say(const std::string& line) const {
    if (settings_.say) settings_.say(line);
  }

  // The newest snapshot and everything after it.
  absl::StatusOr<core::State> Replay() {
    const auto warn = [this](std::string_view line) { Say(std::string(line)); };
    auto snapshot = history::LoadNewestSnapshot(settings_.config.data_dir(), *log_, warn);
    if (!snapshot.ok()) return snapshot.status();
    core::State state;
    std::string link;
    if (snapshot->has_value()) {
      auto from = core::State::FromSnapshot(**snapshot);
      if (!from.ok()) return from.status();
      state = *std::move(from);
      link = (*snapshot)->link();
    }
    const uint64_t last = log_->last_index();
    const absl::Status read = log::ForEachRecord(*log_, state.index(), link, [&](const v1::Record& record) {
      state.Apply(record);
      if (record.index() % kProgressRecords == 0)
        Say(absl::StrCat("重放日志 replaying the log: ", record.index(), " / ", last));
      if (record.index() % kInterruptRecords == 0 && settings_.interrupted && settings_.interrupted())
        return absl::CancelledError("启动被中断 the start was interrupted");
      return absl::OkStatus();
    });
    if (!read.ok()) return read;
    return state;
  }

  // In a cluster: stands by until this node leads; `state` then holds all of the log.
  absl::Status Follow(core::State* state) {
    const v1::HubConfig& config = settings_.config;
    auto provider = security::FileKeyProvider::Open(config.master_key(), security::Suite::kInternational);
    if (!provider.ok()) return provider.status();
    store_ = cluster::MakeEtcdStore(config.cluster());
    cluster::MemberOptions options;
    options.config = config.cluster();
    options.keys_path = KeysPath(config);
    options.provider = *std::move(provider);
    options.say = [this](const std::string& line) { Say(line); };
    options.interrupted = settings_.interrupted ? settings_.interrupted : [] { return false; };
    options.on_lost = settings_.on_fatal;
    options.destroy_erased = [this, state,
                              shredder = std::shared_ptr<Shredder>()](security::KeyDestroyer* keys) mutable {
      if (!shredder) shredder = std::make_shared<Shredder>(keys, [this](const std::string& line) { Say(line); });
      shredder->Follow(state->erased_keys());
    };
    member_ = std::make_unique<cluster::Member>(std::move(options), store_.get(), log_.get());
    const absl::Status leading = member_->Follow([this, state](const log::CommittedBatch& batch) {
      const auto parsed = log::ParseBatch(batch);
      if (!parsed.ok()) return parsed.status();
      for (const v1::Record& record : parsed->record()) {
        const auto site = state->shared_site();
        state->Apply(record);
        if (state->shared_site() != site) (void)archive_->Keep(state->site()->proto());
      }
      return absl::OkStatus();
    });
    if (leading.ok()) cluster_log_ = member_->MakeLog();
    return leading;
  }

  log::EventLog* event_log() const {
    return cluster_log_ == nullptr ? static_cast<log::EventLog*>(log_.get()) : cluster_log_.get();
  }

  absl::Status OpenKeys(uint64_t first_unused_id) {
    auto provider = security::FileKeyProvider::Open(settings_.config.master_key(), security::Suite::kInternational);
    if (!provider.ok()) return provider.status();
    security::VaultOptions options;
    if (member_ != nullptr) {
      options.share = [this](uint64_t after_id, uint64_t first_id, const std::vector<std::string>& wrapped) {
        return member_->ShareKeys(after_id, first_id, wrapped);
      };
      options.kept = [this](uint64_t last_id) { member_->KeysKept(last_id); };
    }
    auto vault = security::Vault::Open(KeysPath(settings_.config), *std::move(provider), first_unused_id, options);
    if (!vault.ok()) return vault.status();
    vault_ = *std::move(vault);
    return absl::OkStatus();
  }

  absl::Status OpenAccounts() {
    auto keys = security::FileKeyProvider::Open(settings_.config.master_key(), security::Suite::kInternational);
    if (!keys.ok()) return keys.status();
    account_keys_ = *std::move(keys);
    accounts::Accounts::Options options;
    options.path = settings_.config.data_dir() + "/accounts.db";
    options.keys = account_keys_.get();
    auto opened = accounts::Accounts::Open(std::move(options));
    if (!opened.ok()) return opened.status();
    accounts_ = *std::move(opened);
    return absl::OkStatus();
  }

  absl::Status StartFeed(const core::State& state, const routing::Site* site) {
    if (!settings_.config.has_feed()) return absl::OkStatus();
    const v1::FeedConfig& config = settings_.config.feed();
    const auto key = security::ReadCurveKeyFile(config.key());
    if (!key.ok()) return key.status();
    feed::Framer framer(absl::ToUnixMillis(absl::Now()));
    state.incidents().Ascend([&](uint64_t id, const v1::IncidentState& incident) {
      if (!incident.secret()) framer.Seed(id, incident.division(), incident.purpose());
    });
    feed::PublisherOptions options;
    options.listen = config.listen();
    options.secret_key = key->secret_z85;
    options.say = [this](const std::string& line) { Say(line); };
    auto started = feed::Publisher::Start(std::move(options), std::move(framer),
                                          site == nullptr ? feed::Readers() : service::ReadersOf(*site));
    if (!started.ok()) return started.status();
    feed_ = *std::move(started);
    return absl::OkStatus();
  }

  absl::Status StartHistory() {
    history::HistoryOptions options;
    options.data_dir = settings_.config.data_dir();
    if (settings_.config.snapshot_every_records() > 0)
      options.snapshot_every_records = settings_.config.snapshot_every_records();
    options.warn = [this](std::string_view line) { Say(std::string(line)); };
    auto history = history::History::Start(options, log_.get(), history::FoldOf<core::State>());
    if (!history.ok()) return history.status();
    history_ = *std::move(history);
    return absl::OkStatus();
  }

  absl::Status StartAudit() {
    const v1::HubConfig& config = settings_.config;
    if (!config.crl().empty()) {
      auto opened = security::Revocations::Open(config.crl(), config.tls().ca());
      if (!opened.ok()) return opened.status();
      revocations_ = *std::move(opened);
    }
    const auto say = [this](const std::string& line) { Say(line); };
    audit::TrailOptions trail;
    trail.folder = config.data_dir() + "/trail";
    trail.days = config.audit().trail_days();
    trail.say = say;
    auto opened = audit::Trail::Open(std::move(trail));
    if (!opened.ok()) return opened.status();
    trail_ = *std::move(opened);
    audit::NotaryOptions options;
    options.data_dir = config.data_dir();
    const bool own = !config.audit().key().empty();
    options.key = own ? config.audit().key() : config.tls().key();
    options.certificate = own ? config.audit().certificate() : config.tls().cert();
    options.every_records = config.audit().checkpoint_every_records();
    options.every_minutes = config.audit().checkpoint_every_minutes();
    options.say = say;
    options.trail_end = [this] { return trail_->End(); };
    auto notary = audit::Notary::Start(std::move(options), log_.get());
    if (!notary.ok()) return notary.status();
    notary_ = *std::move(notary);
    return absl::OkStatus();
  }

  void NoteConfiguration(const std::string& party, const std::string& object, const std::string& detail) {
    v1::TrailEntry entry;
    entry.set_kind(v1::TRAIL_CONFIGURATION);
    entry.set_party(party);
    entry.set_object(object);
    entry.set_result("OK");
    entry.set_detail(detail);
    trail_->Note(std::move(entry));
  }

  void StartSequencer(core::State state) {
    sealer_ = std::make_unique<Sealer>(vault_.get());
    SequencerOptions options;
    options.tick_ms = static_cast<int>(settings_.config.tick_ms() > 0 ? settings_.config.tick_ms() : kTickMs);
    options.version = settings_.version;
    options.on_fatal = settings_.on_fatal;
    options.on_synced = [this](double seconds) { metrics_.NoteSync(seconds); };
    if (member_ != nullptr) options.leads = [this] { return member_->LeadsSurely(); };
    sequencer_ = std::make_unique<Sequencer>(
        std::move(state),
        SequencerParts{event_log(), history_.get(), sealer_.get(), &SystemClock(),
                       [this](uint64_t version) { return archive_->Find(version); }, shredder_.get()},
        options);
    if (feed_ == nullptr) return;
    sequencer_->AddWatcher([this](const std::shared_ptr<const CommittedEvent>& event) { feed_->Offer(event); });
  }

  void MakeParts() {
    reader_ = std::make_unique<Sealer>(vault_.get());
    workers_ = std::make_unique<service::Workers>(limits::kWorkerThreads);
    parts_.sequencer = sequencer_.get();
    parts_.history = history_.get();
    parts_.log = log_.get();
    parts_.shredder = shredder_.get();
    parts_.open = [this](const v1::IncidentState& incident, const std::string& sealed) {
      return reader_->Open({incident.id(), incident.key_id()}, sealed);
    };
    parts_.directory = directory_.get();
    parts_.archive = archive_.get();
    parts_.workers = workers_.get();
    parts_.lasting = &lasting_;
    sign_in_ = std::make_unique<service::Workers>(1, accounts::limits::kSignInsWaiting);
    parts_.accounts = accounts_.get();
    parts_.sign_in = sign_in_.get();
    parts_.trail = trail_.get();
    parts_.notary = notary_.get();
    parts_.revocations = revocations_.get();
    parts_.feed = feed_.get();
    if (feed_ != nullptr) {
      const std::string& told = settings_.config.feed().endpoint();
      parts_.feed_endpoint = told.empty() ? feed_->endpoint() : told;
    }
    parts_.tls = TlsOf(settings_.config);
    parts_.version = settings_.version;
    parts_.hello_within_ms = settings_.heartbeat_ms > 0 ? settings_.heartbeat_ms : limits::kHeartbeatMs;
    parts_.heartbeat_ms = parts_.hello_within_ms;
    if (settings_.heartbeat_ms == 0 && settings_.config.has_cluster()) parts_.heartbeat_ms = cluster::kLineHeartbeatMs;
  }

  absl::Status AdoptSiteDir(const std::string& party) {
    const std::string& dir = settings_.config.site_dir();
    if (dir.empty()) {
      return absl::InvalidArgumentError(
          "日志中尚无站点配置,请在设置中写 site_dir / the log has no site set yet: set site_dir in the settings");
    }
    auto site = routing::LoadSiteDir(dir);
    if (!site.ok()) return site.status();
    v1::Actor actor;
    actor.set_party(party);
    actor.set_way(v1::BY_HUB);
    auto adopted = std::make_shared<std::promise<absl::StatusOr<v1::AdoptSiteSetReply>>>();
    const absl::Status taken = service::Adopt(
        parts_, actor, std::move(site->site),
        [adopted](absl::StatusOr<v1::AdoptSiteSetReply> reply) { adopted->set_value(std::move(reply)); });
    if (!taken.ok()) return taken;
    const auto reply = adopted->get_future().get();
    if (!reply.ok()) return absl::InvalidArgumentError(absl::StrCat(dir, ": ", reply.status().message()));
    for (const std::string& warning : reply->warning()) Say(warning);
    NoteConfiguration(party, "site set", absl::StrCat("version ", reply->version(), ", from site_dir"));
    Say(absl::StrCat("启用站点配置第 ", reply->version(), " 版 site set version ", reply->version(), " adopted"));
    return absl::OkStatus();
  }

  const HubSettings settings_;
  metrics::Metrics metrics_;  // before the log, whose thread tells it something until the end
  // In the order in which they rest on each other.
  std::unique_ptr<log::SqliteLog> log_;
  std::unique_ptr<cluster::Store> store_;  // in a cluster, as the next two
  std::unique_ptr<cluster::Member> member_;
  std::unique_ptr<cluster::EtcdLog> cluster_log_;
  std::unique_ptr<security::Vault> vault_;
  std::unique_ptr<Shredder> shredder_;
  std::unique_ptr<history::History> history_;
  std::unique_ptr<audit::Trail> trail_;
  std::unique_ptr<audit::Notary> notary_;
  std::unique_ptr<security::Revocations> revocations_;
  std::unique_ptr<Sealer> sealer_;  // the sequencer's
  std::unique_ptr<Sealer> reader_;  // opens only: any thread's
  std::unique_ptr<security::KeyProvider> account_keys_;
  std::unique_ptr<accounts::Accounts> accounts_;
  std::unique_ptr<feed::Publisher> feed_;
  std::unique_ptr<service::SiteDirectory> directory_;
  std::unique_ptr<service::SiteArchive> archive_;
  service::LastingCalls lasting_;
  service::Parts parts_;
  std::unique_ptr<Sequencer> sequencer_;
  std::unique_ptr<service::Workers> workers_;
  std::unique_ptr<service::Workers> sign_in_;
  std::unique_ptr<service::Server> server_;
};

Hub::Hub(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Hub::~Hub() = default;

absl::StatusOr<std::unique_ptr<Hub>> Hub::Start(HubSettings settings) {
  auto impl = std::make_unique<Impl>(std::move(settings));
  if (auto status = impl->Start(); !status.ok()) return status;
  return std::unique_ptr<Hub>(new Hub(std::move(impl)));
}

int Hub::port() const { return impl_->port(); }
int Hub::metrics_port() const { return impl_->metrics_port(); }
std::string Hub::address() const { return impl_->address(); }
absl::Status Hub::Stop() { return impl_->Stop(); }

}  // namespace liandong::hub
