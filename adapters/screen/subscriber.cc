#include "adapters/screen/subscriber.h"

#include <zmq.h>

#include <chrono>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "adapters/log/log.h"
#include "adapters/screen/limits.h"

namespace liandong::screen {
namespace {

// How long the thread waits at most before it looks whether it should stop.
constexpr int kLookMs = 100;
constexpr int kReconnectMsMin = 100;
constexpr int kReconnectMsMax = 2'000;
constexpr absl::string_view kHeartbeat = "heartbeat";
constexpr size_t kParts = 3;

}  // namespace

struct Subscriber::Socket {
  Socket() : context(zmq_ctx_new()), socket(zmq_socket(context, ZMQ_SUB)) {}
  ~Socket() {
    zmq_close(socket);
    zmq_ctx_term(context);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  void Set(int option, int value) { zmq_setsockopt(socket, option, &value, sizeof value); }
  void Set(int option, int64_t value) { zmq_setsockopt(socket, option, &value, sizeof value); }
  bool Set(int option, const std::string& text) {
    return zmq_setsockopt(socket, option, text.data(), text.size()) == 0;
  }

  // The parts of one message; empty: none within `wait_ms`.
  std::vector<std::string> Receive(long wait_ms) {
    zmq_pollitem_t item = {socket, 0, ZMQ_POLLIN, 0};
    if (zmq_poll(&item, 1, wait_ms) <= 0) return {};
    std::vector<std::string> parts;
    bool more = true;
    while (more) {
      zmq_msg_t message;
      zmq_msg_init(&message);
      if (zmq_msg_recv(&message, socket, ZMQ_DONTWAIT) < 0) {
        zmq_msg_close(&message);
        return {};
      }
      // A message of more parts than the feed has is read to its end and ignored.
      if (parts.size() <= kParts) {
        parts.emplace_back(static_cast<const char*>(zmq_msg_data(&message)), zmq_msg_size(&message));
      }
      more = zmq_msg_more(&message) != 0;
      zmq_msg_close(&message);
    }
    return parts;
  }

  void* const context;
  void* const socket;
};

Subscriber::Subscriber(std::shared_ptr<adapters::HubClient> hub, security::CurveKey key, Board* board,
                       std::function<int64_t()> steady_ms)
    : hub_(std::move(hub)), key_(std::move(key)), board_(board), steady_ms_(std::move(steady_ms)) {
  thread_ = std::thread([this] { Run(); });
}

Subscriber::~Subscriber() { Stop(); }

void Subscriber::Stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

void Subscriber::Say(const std::string& what) {
  if (what == said_) return;
  said_ = what;
  adapters::LogWarning(what);
}

void Subscriber::Pause(int64_t ms) const {
  const int64_t until = steady_ms_() + ms;
  while (!stopping_ && steady_ms_() < until) std::this_thread::sleep_for(std::chrono::milliseconds(kLookMs));
}

void Subscriber::Run() {
  while (!stopping_) {
    const auto socket = Connect();
    if (socket == nullptr) {
      Pause(kSnapshotRetryMs);
      continue;
    }
    Listen(socket.get());
  }
}

std::unique_ptr<Subscriber::Socket> Subscriber::Connect() {
  const auto where = adapters::FeedClient(hub_, absl::Milliseconds(kSnapshotTimeoutMs)).Where();
  if (!where.ok()) {
    Say(absl::StrCat("问不到推送地址 (the hub does not say where the feed is): ",
                     std::string(where.status().message())));
    return nullptr;
  }
  if (where->endpoint().empty()) {
    Say("枢纽没有开启推送:请在枢纽配置里写 feed (the hub has no feed: set feed in its configuration)");
    return nullptr;
  }
  if (where->feed_key() != key_.public_z85 || where->area().empty()) {
    Say(absl::StrCat("站点配置里本单位的 feed_key 或 feed_area 不对:feed_key 应为 \"", key_.public_z85,
                     "\" (parties.textproto: this party needs that feed_key, and feed_area)"));
    return nullptr;
  }
  const std::vector<std::string> areas(where->area().begin(), where->area().end());
  auto socket = std::make_unique<Socket>();
  socket->Set(ZMQ_LINGER, 0);
  socket->Set(ZMQ_RCVHWM, kFramesHeldMax);
  socket->Set(ZMQ_MAXMSGSIZE, kFrameBytesMax);
  socket->Set(ZMQ_RECONNECT_IVL, kReconnectMsMin);
  socket->Set(ZMQ_RECONNECT_IVL_MAX, kReconnectMsMax);
  bool good = socket->Set(ZMQ_CURVE_SERVERKEY, where->server_key()) &&
              socket->Set(ZMQ_CURVE_PUBLICKEY, key_.public_z85) && socket->Set(ZMQ_CURVE_SECRETKEY, key_.secret_z85);
  for (const std::string& area : areas) good = good && socket->Set(ZMQ_SUBSCRIBE, area);
  good = good && socket->Set(ZMQ_SUBSCRIBE, std::string(kHeartbeat)) &&
         zmq_connect(socket->socket, where->endpoint().c_str()) == 0;
  if (!good) {
    Say(absl::StrCat("不能连接推送 (cannot connect to the feed) ", where->endpoint(), ": ", zmq_strerror(zmq_errno())));
    return nullptr;
  }
  board_->SetAreas(areas);
  said_.clear();
  adapters::LogInfo(absl::StrCat("订阅推送 (reading the feed) ", where->endpoint(), ", ", absl::StrJoin(areas, " ")));
  return socket;
}

void Subscriber::Listen(Socket* socket) {
  const int64_t began = steady_ms_();
  bool heard = false;
  while (!stopping_) {
    const auto parts = socket->Receive(kLookMs);
    v1::FeedHeader header;
    if (parts.size() == kParts && header.ParseFromString(parts[1])) {
      v1::FeedHeartbeat heartbeat;
      v1::FeedFrame frame;
      if (absl::StartsWith(parts[0], kHeartbeat)) {
        if (heartbeat.ParseFromString(parts[2])) board_->OnHeartbeat(header, heartbeat);
      } else if (frame.ParseFromString(parts[2])) {
        board_->OnFrame(parts[0], header, frame);
      }
      heard = true;
    }
    const int64_t now = steady_ms_();
    // Only once the line is up: a change between the snapshot and the subscription would be seen by nobody.
    if (heard && board_->WantsSnapshot() && now - snapshot_ms_ >= kSnapshotRetryMs) {
      snapshot_ms_ = now;
      TakeSnapshot();
    }
    if (now - began > kFeedReconnectMs && board_->SilenceMs() > kFeedReconnectMs) {
      Say("推送中断,重新连接 (the feed is silent; connecting anew)");
      return;
    }
  }
}

void Subscriber::TakeSnapshot() {
  const auto snapshot =
      adapters::FeedClient(hub_, absl::Milliseconds(kSnapshotTimeoutMs)).Snapshot(v1::FeedSnapshotRequest());
  if (!snapshot.ok()) {
    return Say(absl::StrCat("取不到快照 (no snapshot): ", std::string(snapshot.status().message())));
  }
  if (snapshot->more()) {
    Say("未结事件多于一次快照,大屏不完整 (more open incidents than one snapshot holds; the view is not complete)");
  }
  board_->OnSnapshot({snapshot->incident().begin(), snapshot->incident().end()}, snapshot->log_index(),
                     snapshot->time_ms(), snapshot->started_ms());
}

}  // namespace liandong::screen
