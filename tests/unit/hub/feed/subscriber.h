// A subscriber as another program would be one: libzmq, CURVE, blocking reads with a limit.
#pragma once

#include <zmq.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "liandong/v1/feed.pb.h"
#include "security/curve_key.h"

namespace liandong::feed {

struct Received {
  std::string topic;
  v1::FeedHeader header;
  std::string body;
  v1::FeedFrame parsed_frame;
  v1::FeedHeartbeat parsed_heartbeat;
  const v1::FeedFrame& frame() const { return parsed_frame; }
  const v1::FeedHeartbeat& heartbeat() const { return parsed_heartbeat; }
  bool is_heartbeat() const { return topic.rfind("heartbeat/", 0) == 0; }
};

class Subscriber {
 public:
  Subscriber(const std::string& endpoint, const std::string& server_key, const security::CurveKey& key,
             const std::vector<std::string>& topics, int frames_max = 0)
      : context_(zmq_ctx_new()), socket_(zmq_socket(context_, ZMQ_SUB)) {
    zmq_setsockopt(socket_, ZMQ_CURVE_SERVERKEY, server_key.c_str(), 41);
    zmq_setsockopt(socket_, ZMQ_CURVE_PUBLICKEY, key.public_z85.c_str(), 41);
    zmq_setsockopt(socket_, ZMQ_CURVE_SECRETKEY, key.secret_z85.c_str(), 41);
    const int reconnect_ms = 20, linger = 0;
    zmq_setsockopt(socket_, ZMQ_RECONNECT_IVL, &reconnect_ms, sizeof reconnect_ms);
    zmq_setsockopt(socket_, ZMQ_LINGER, &linger, sizeof linger);
    if (frames_max > 0) zmq_setsockopt(socket_, ZMQ_RCVHWM, &frames_max, sizeof frames_max);
    zmq_connect(socket_, endpoint.c_str());
    for (const std::string& topic : topics) zmq_setsockopt(socket_, ZMQ_SUBSCRIBE, topic.data(), topic.size());
  }
  ~Subscriber() {
    zmq_close(socket_);
    zmq_ctx_term(context_);
  }
  Subscriber(const Subscriber&) = delete;
  Subscriber& operator=(const Subscriber&) = delete;

  // The next message; nothing when none comes in time.
  std::optional<Received> Next(int wait_ms) {
    zmq_setsockopt(socket_, ZMQ_RCVTIMEO, &wait_ms, sizeof wait_ms);
    std::vector<std::string> parts;
    int more = 1;
    while (more != 0) {
      zmq_msg_t message;
      zmq_msg_init(&message);
      if (zmq_msg_recv(&message, socket_, 0) < 0) {
        zmq_msg_close(&message);
        return std::nullopt;
      }
      parts.emplace_back(static_cast<const char*>(zmq_msg_data(&message)), zmq_msg_size(&message));
      more = zmq_msg_more(&message);
      zmq_msg_close(&message);
    }
    Received out;
    if (parts.size() != 3 || !out.header.ParseFromString(parts[1])) return std::nullopt;
    out.topic = parts[0];
    out.body = parts[2];
    const bool read = out.is_heartbeat() ? out.parsed_heartbeat.ParseFromString(out.body)
                                         : out.parsed_frame.ParseFromString(out.body);
    return read ? std::optional<Received>(std::move(out)) : std::nullopt;
  }

 private:
  void* const context_;
  void* const socket_;
};

}  // namespace liandong::feed
