#include "hub/feed/publisher.h"

#include <sys/eventfd.h>
#include <unistd.h>
#include <zmq.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "hub/feed/limits.h"
#include "security/curve_key.h"

namespace liandong::feed {
namespace {

constexpr char kZapEndpoint[] = "inproc://zeromq.zap.01";
constexpr size_t kKeyBytes = 32;

int64_t MonotonicMs() {
  using std::chrono::steady_clock;
  return std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now().time_since_epoch()).count();
}
int64_t WallMs() {
  using std::chrono::system_clock;
  return std::chrono::duration_cast<std::chrono::milliseconds>(system_clock::now().time_since_epoch()).count();
}

struct CloseSocket {
  void operator()(void* socket) const { zmq_close(socket); }
};
using Socket = std::unique_ptr<void, CloseSocket>;
struct EndContext {
  void operator()(void* context) const { zmq_ctx_term(context); }
};

bool SetInt(void* socket, int option, int value) { return zmq_setsockopt(socket, option, &value, sizeof value) == 0; }

// All parts of one message; nothing when none waits. `user`: whose key it came over, where that is known.
std::optional<std::vector<std::string>> Receive(void* socket, std::string* user = nullptr) {
  std::vector<std::string> parts;
  while (true) {
    zmq_msg_t message;
    zmq_msg_init(&message);
    if (zmq_msg_recv(&message, socket, ZMQ_DONTWAIT) < 0) {
      zmq_msg_close(&message);
      return std::nullopt;
    }
    parts.emplace_back(static_cast<const char*>(zmq_msg_data(&message)), zmq_msg_size(&message));
    const char* id = user == nullptr ? nullptr : zmq_msg_gets(&message, "User-Id");
    if (id != nullptr) *user = id;
    const bool more = zmq_msg_more(&message) != 0;
    zmq_msg_close(&message);
    if (!more) return parts;
  }
}

void Send(void* socket, const std::vector<std::string>& parts) {
  for (size_t i = 0; i < parts.size(); ++i) {
    const int flags = ZMQ_DONTWAIT | (i + 1 < parts.size() ? ZMQ_SNDMORE : 0);
    if (zmq_send(socket, parts[i].data(), parts[i].size(), flags) < 0) return;
  }
}

struct Waiting {
  std::shared_ptr<const hub::CommittedEvent> event;
  Frame frame;
};

std::vector<std::string> Encode(const Waiting& one) {
  v1::FeedFrame body;
  body.set_log_index(one.event->index);
  body.set_time_ms(one.event->time_ms);
  body.set_what(one.event->what);
  for (size_t i : one.frame.incident) *body.add_incident() = ForTheFeed(one.event->incidents[i]);
  for (uint64_t id : one.frame.gone) body.add_gone(id);
  return {one.frame.topic, one.frame.header.SerializeAsString(), body.SerializeAsString()};
}

}  // namespace

class Publisher::Impl {
 public:
  Impl(PublisherOptions options, Framer framer, Readers readers)
      : options_(std::move(options)),
        heartbeat_ms_(options_.heartbeat_ms > 0 ? options_.heartbeat_ms : limits::kHeartbeatMs),
        framer_(std::move(framer)),
        readers_(std::move(readers)),
        context_(zmq_ctx_new()),
        wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

  ~Impl() {
    if (thread_.joinable()) {
      stopping_ = true;
      Wake();
      thread_.join();
    }
    publisher_.reset();
    zap_.reset();
    context_.reset();
    close(wake_);
  }

  absl::Status Start() {
    auto key = security::CurveKeyFromSecret(options_.secret_key);
    if (!key.ok()) return key.status();
    public_key_ = key->public_z85;
    // Before the first connection: where nobody answers ZAP, ZeroMQ lets everybody in.
    zap_.reset(zmq_socket(context_.get(), ZMQ_REP));
    if (zap_ == nullptr || zmq_bind(zap_.get(), kZapEndpoint) != 0) return Failed("ZAP");
    std::string address = absl::StrCat("tcp://", options_.listen);
    if (const size_t colon = address.rfind(':'); address.substr(colon) == ":0") address.replace(colon, 2, ":*");
    if (auto status = Bind(address); !status.ok()) return status;
    char taken[256] = "";
    size_t size = sizeof taken;
    zmq_getsockopt(publisher_.get(), ZMQ_LAST_ENDPOINT, taken, &size);
    endpoint_ = taken;
    thread_ = std::thread([this] { Run(); });
    return absl::OkStatus();
  }

  void Offer(std::shared_ptr<const hub::CommittedEvent> event) {
    bool wake = false;
    {
      std::lock_guard lock(mu_);
      for (Frame& frame : framer_.Take(*event)) {
        if (queue_.size() >= limits::kQueueFrames) {
          ++dropped_;
          continue;
        }
        wake = wake || queue_.empty();
        queue_.push_back({event, std::move(frame)});
      }
    }
    if (wake) Wake();
  }

  void SetReaders(Readers readers) {
    {
      std::lock_guard lock(mu_);
      if (readers == readers_) return;
      readers_ = std::move(readers);
      renew_ = true;
    }
    Wake();
  }

  Counters counters() const {
    std::lock_guard lock(mu_);
    return {sent_.load(), dropped_, refused_.load(), queue_.size()};
  }

  const std::string& endpoint() const { return endpoint_; }
  const std::string& public_key() const { return public_key_; }
  int64_t started_ms() const {
    std::lock_guard lock(mu_);
    return framer_.Header().started_ms();
  }

 private:
  void Wake() {
    const uint64_t one = 1;
    (void)!write(wake_, &one, sizeof one);
  }

  absl::Status Failed(std::string_view step) const {
    return absl::FailedPreconditionError(absl::StrCat("推送未能启动 the feed cannot start: ", std::string(step), ": ",
                                                      zmq_strerror(zmq_errno()), " (", options_.listen, ")"));
  }

  absl::Status Bind(const std::string& address) {
    publisher_.reset(zmq_socket(context_.get(), ZMQ_XPUB));
    void* const socket = publisher_.get();
    const bool set =
        socket != nullptr && SetInt(socket, ZMQ_XPUB_MANUAL, 1) && SetInt(socket, ZMQ_LINGER, 0) &&
        SetInt(socket, ZMQ_CURVE_SERVER, 1) &&
        zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, options_.secret_key.c_str(), options_.secret_key.size() + 1) == 0 &&
        zmq_setsockopt(socket, ZMQ_ZAP_DOMAIN, "liandong", 8) == 0 &&
        SetInt(socket, ZMQ_SNDHWM, limits::kSubscriberFrames) &&
        SetInt(socket, ZMQ_HANDSHAKE_IVL, limits::kHandshakeMs) && SetInt(socket, ZMQ_HEARTBEAT_IVL, limits::kPingMs) &&
        SetInt(socket, ZMQ_HEARTBEAT_TIMEOUT, limits::kPingTimeoutMs);
    const int64_t bytes_max = limits::kIncomingBytes;
    if (!set || zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &bytes_max, sizeof bytes_max) != 0) return Failed("CURVE");
    if (zmq_bind(socket, address.c_str()) == 0) return absl::OkStatus();
    absl::Status status = Failed("bind");
    publisher_.reset();
    return status;
  }

  // ---- On the publisher's own thread.

  void Run() {
    int64_t next_beat = MonotonicMs() + heartbeat_ms_;
    while (!stopping_) {
      zmq_pollitem_t items[] = {
          {zap_.get(), 0, ZMQ_POLLIN, 0}, {nullptr, wake_, ZMQ_POLLIN, 0}, {publisher_.get(), 0, ZMQ_POLLIN, 0}};
      const int64_t wait =
          publisher_ == nullptr ? limits::kBindRetryMs : std::max<int64_t>(0, next_beat - MonotonicMs());
      zmq_poll(items, publisher_ == nullptr ? 2 : 3, static_cast<long>(wait));
      uint64_t ignored = 0;
      (void)!read(wake_, &ignored, sizeof ignored);
      Renew();
      while (AnswerZap()) continue;
      while (TakeSubscription()) continue;
      const bool beat = MonotonicMs() >= next_beat;
      if (beat) next_beat = MonotonicMs() + heartbeat_ms_;
      SendWaiting(beat);
    }
  }

  void Renew() {
    {
      std::lock_guard lock(mu_);
      if (std::exchange(renew_, false)) publisher_.reset();
    }
    if (publisher_ != nullptr) return;
    // The old socket's port is free again a moment after it was closed; until then everybody waits and tries again.
    if (Bind(endpoint_).ok() && options_.say)
      options_.say(
          "推送的密钥或范围有变,已全部重新连接 keys or areas of the feed changed: every subscriber connects anew");
  }

  // One question whether a key is let in. False: none waits.
  bool AnswerZap() {
    const auto ask = Receive(zap_.get());
    if (!ask.has_value()) return false;
    // version, request id, domain, address, identity, mechanism, key
    std::string party;
    if (ask->size() == 7 && (*ask)[5] == "CURVE" && (*ask)[6].size() == kKeyBytes) {
      char z85[41] = "";
      zmq_z85_encode(z85, reinterpret_cast<const uint8_t*>((*ask)[6].data()), kKeyBytes);
      std::lock_guard lock(mu_);
      const auto reader = readers_.find(z85);
      if (reader != readers_.end()) party = reader->second.party;
    }
    if (party.empty()) ++refused_;
    const std::string id = ask->size() > 1 ? (*ask)[1] : "";
    Send(zap_.get(), {"1.0", id, party.empty() ? "400" : "200", party.empty() ? "unknown key" : "OK", party, ""});
    return true;
  }

  bool TakeSubscription() {
    if (publisher_ == nullptr) return false;
    std::string party;
    const auto message = Receive(publisher_.get(), &party);
    if (!message.has_value()) return false;
    // An end of a subscription is left alone: another one of the same subscriber may have been granted as the same
    // area. What it did not ask for its own socket drops; when it goes, everything goes.
    const std::string& bytes = message->front();
    if (bytes.empty() || bytes[0] != 1 || party.empty() || !MayAskAgain(party)) return true;
    std::vector<std::string> areas;
    {
      std::lock_guard lock(mu_);
      for (const auto& [key, reader] : readers_) {
        if (reader.party == party) areas = reader.areas;
      }
    }
    for (const std::string& topic : Granted(std::string_view(bytes).substr(1), areas))
      zmq_setsockopt(publisher_.get(), ZMQ_SUBSCRIBE, topic.data(), topic.size());
    return true;
  }

  bool MayAskAgain(const std::string& party) {
    const int64_t hour = MonotonicMs() / 3'600'000;
    if (hour != std::exchange(asked_hour_, hour)) asked_.clear();
    return ++asked_[party] <= limits::kAskedPerHour;
  }

  void SendWaiting(bool beat) {
    std::deque<Waiting> frames;
    std::vector<std::vector<std::string>> beats;
    {
      std::lock_guard lock(mu_);
      frames.swap(queue_);
      // Made while the queue is empty: it names exactly what goes out before it.
      if (beat) beats = Heartbeats();
    }
    if (publisher_ == nullptr) {
      std::lock_guard lock(mu_);
      dropped_ += frames.size();
      return;
    }
    for (const Waiting& one : frames) Send(publisher_.get(), Encode(one));
    sent_ += frames.size();
    for (const auto& one : beats) Send(publisher_.get(), one);
  }

  std::vector<std::vector<std::string>> Heartbeats() const {
    std::vector<std::string> areas;
    for (const auto& [key, reader] : readers_) areas.insert(areas.end(), reader.areas.begin(), reader.areas.end());
    std::sort(areas.begin(), areas.end());
    areas.erase(std::unique(areas.begin(), areas.end()), areas.end());
    const std::string header = framer_.Header().SerializeAsString();
    std::vector<std::vector<std::string>> out;
    for (const std::string& area : areas) {
      v1::FeedHeartbeat body = framer_.HeartbeatOf(area);
      body.set_time_ms(WallMs());
      body.set_dropped(dropped_);
      out.push_back({HeartbeatTopicOf(area), header, body.SerializeAsString()});
    }
    return out;
  }

  const PublisherOptions options_;
  const int64_t heartbeat_ms_;
  std::string public_key_, endpoint_;

  mutable std::mutex mu_;  // std: ThreadSanitizer watches
  Framer framer_;
  Readers readers_;
  std::deque<Waiting> queue_;
  uint64_t dropped_ = 0;
  bool renew_ = false;
  std::atomic<uint64_t> sent_ = 0, refused_ = 0;
  std::atomic<bool> stopping_ = false;

  // The publisher's thread's, once it runs.
  std::unique_ptr<void, EndContext> context_;
  Socket zap_, publisher_;
  std::map<std::string, size_t> asked_;
  int64_t asked_hour_ = 0;
  const int wake_;
  std::thread thread_;
};

Publisher::Publisher(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Publisher::~Publisher() = default;

absl::StatusOr<std::unique_ptr<Publisher>> Publisher::Start(PublisherOptions options, Framer framer, Readers readers) {
  auto impl = std::make_unique<Impl>(std::move(options), std::move(framer), std::move(readers));
  if (auto status = impl->Start(); !status.ok()) return status;
  return std::unique_ptr<Publisher>(new Publisher(std::move(impl)));
}

void Publisher::Offer(std::shared_ptr<const hub::CommittedEvent> event) { impl_->Offer(std::move(event)); }
void Publisher::SetReaders(Readers readers) { impl_->SetReaders(std::move(readers)); }
const std::string& Publisher::endpoint() const { return impl_->endpoint(); }
const std::string& Publisher::public_key() const { return impl_->public_key(); }
int64_t Publisher::started_ms() const { return impl_->started_ms(); }
Counters Publisher::counters() const { return impl_->counters(); }

}  // namespace liandong::feed
