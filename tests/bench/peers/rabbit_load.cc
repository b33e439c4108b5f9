// Load for RabbitMQ: the forwarding half of what hub_load does to the hub. One connection publishes with confirms to a
// topic exchange; twelve quorum queues, each with one consumer on a connection of its own, acknowledge by hand.
// tests/bench/README.md says why each setting is as it is.
#include <amqp.h>
#include <amqp_tcp_socket.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/container/btree_map.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "tests/bench/course.h"

namespace liandong::bench {
namespace {

constexpr amqp_channel_t kChannel = 1;
constexpr char kExchange[] = "reports";
constexpr int kPublisher = kAgencies;  // its place among the connections

amqp_bytes_t Bytes(const std::string& text) { return {text.size(), const_cast<char*>(text.data())}; }
const timeval kAtOnce = {0, 0};

absl::Status Checked(const amqp_rpc_reply_t& reply, absl::string_view what) {
  if (reply.reply_type == AMQP_RESPONSE_NORMAL) return absl::OkStatus();
  std::string why = "refused";
  if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION) why = amqp_error_string2(reply.library_error);
  if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION && reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD) {
    const auto* closed = static_cast<const amqp_channel_close_t*>(reply.reply.decoded);
    why.assign(static_cast<const char*>(closed->reply_text.bytes), closed->reply_text.len);
  }
  return absl::UnavailableError(absl::StrCat("RabbitMQ: ", what, ": ", why));
}

class Rabbit : public Peer {
 public:
  Rabbit() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {}
  ~Rabbit() override {
    for (amqp_connection_state_t line : lines_) {
      if (line == nullptr) continue;
      amqp_connection_close(line, AMQP_REPLY_SUCCESS);
      amqp_destroy_connection(line);
    }
    close(epoll_);
  }

  absl::Status Connect(int port, int prefetch, size_t ack_every) {
    ack_every_ = ack_every;
    for (int i = 0; i <= kPublisher; ++i) {
      if (auto status = Open(i, port); !status.ok()) return status;
    }
    amqp_connection_state_t line = lines_[kPublisher];
    amqp_exchange_declare(line, kChannel, amqp_cstring_bytes(kExchange), amqp_cstring_bytes("topic"), /*passive=*/0,
                          /*durable=*/1, /*auto_delete=*/0, /*internal=*/0, amqp_empty_table);
    if (auto status = Checked(amqp_get_rpc_reply(line), "exchange"); !status.ok()) return status;
    amqp_confirm_select(line, kChannel);
    if (auto status = Checked(amqp_get_rpc_reply(line), "confirms"); !status.ok()) return status;
    for (int i = 0; i < kAgencies; ++i) {
      if (auto status = Consume(i, prefetch); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  void Begin(Course* course) override { course_ = course; }
  void SetStuck(bool stuck) override {
    if (stuck == stuck_) return;
    stuck_ = stuck;
    epoll_event event = {.events = EPOLLIN, .data = {.u32 = kStuckAgency}};
    epoll_ctl(epoll_, stuck ? EPOLL_CTL_DEL : EPOLL_CTL_ADD, amqp_get_sockfd(lines_[kStuckAgency]), &event);
  }

  absl::Status Publish(size_t number, int kind, const std::string& body) override {
    amqp_basic_properties_t properties = {};
    properties._flags = AMQP_BASIC_DELIVERY_MODE_FLAG;
    properties.delivery_mode = AMQP_DELIVERY_PERSISTENT;
    const std::string key = absl::StrCat("natural.k", kind);
    const int status = amqp_basic_publish(lines_[kPublisher], kChannel, amqp_cstring_bytes(kExchange), Bytes(key),
                                          /*mandatory=*/0, /*immediate=*/0, &properties, Bytes(body));
    if (status != AMQP_STATUS_OK) return absl::UnavailableError(amqp_error_string2(status));
    unconfirmed_[++published_] = number;
    return absl::OkStatus();
  }

  absl::Status Turn(int64_t wake_us) override {
    std::array<epoll_event, kAgencies + 1> events;
    const int64_t wait_us = std::max<int64_t>(wake_us - NowUs(), 0);
    const timespec wait = {wait_us / 1'000'000, wait_us % 1'000'000 * 1000};
    const int count = epoll_pwait2(epoll_, events.data(), events.size(), &wait, nullptr);
    for (int i = 0; i < count; ++i) {
      const int place = static_cast<int>(events[i].data.u32);
      if (auto status = place == kPublisher ? TakeConfirms() : TakeDeliveries(place); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

 private:
  absl::Status Open(int place, int port) {
    amqp_connection_state_t line = lines_[place] = amqp_new_connection();
    amqp_socket_t* socket = amqp_tcp_socket_new(line);
    const int status = amqp_socket_open(socket, "127.0.0.1", port);
    if (status != AMQP_STATUS_OK) return absl::UnavailableError(amqp_error_string2(status));
    // No heartbeats: they would cost a clock reading on every call.
    if (auto login = Checked(amqp_login(line, "/", AMQP_DEFAULT_MAX_CHANNELS, AMQP_DEFAULT_FRAME_SIZE, /*heartbeat=*/0,
                                        AMQP_SASL_METHOD_PLAIN, "guest", "guest"),
                             "login");
        !login.ok())
      return login;
    amqp_channel_open(line, kChannel);
    epoll_event event = {.events = EPOLLIN, .data = {.u32 = static_cast<uint32_t>(place)}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, amqp_get_sockfd(line), &event);
    return Checked(amqp_get_rpc_reply(line), "channel");
  }

  absl::Status Consume(int agency, int prefetch) {
    amqp_connection_state_t line = lines_[agency];
    const std::string queue = absl::StrCat("agency-", agency), key = absl::StrCat("natural.k", agency / 3);
    amqp_table_entry_t type = {};
    type.key = amqp_cstring_bytes("x-queue-type");
    type.value.kind = AMQP_FIELD_KIND_UTF8;
    type.value.value.bytes = amqp_cstring_bytes("quorum");
    amqp_queue_declare(line, kChannel, Bytes(queue), /*passive=*/0, /*durable=*/1, /*exclusive=*/0, /*auto_delete=*/0,
                       amqp_table_t{1, &type});
    if (auto status = Checked(amqp_get_rpc_reply(line), "queue"); !status.ok()) return status;
    amqp_queue_bind(line, kChannel, Bytes(queue), amqp_cstring_bytes(kExchange), Bytes(key), amqp_empty_table);
    if (auto status = Checked(amqp_get_rpc_reply(line), "bind"); !status.ok()) return status;
    amqp_basic_qos(line, kChannel, 0, static_cast<uint16_t>(prefetch), /*global=*/0);
    amqp_basic_consume(line, kChannel, Bytes(queue), amqp_empty_bytes, /*no_local=*/0, /*no_ack=*/0, /*exclusive=*/0,
                       amqp_empty_table);
    return Checked(amqp_get_rpc_reply(line), "consume");
  }

  absl::Status TakeConfirms() {
    amqp_connection_state_t line = lines_[kPublisher];
    amqp_frame_t frame;
    for (;;) {
      amqp_maybe_release_buffers(line);
      const int status = amqp_simple_wait_frame_noblock(line, &frame, &kAtOnce);
      if (status == AMQP_STATUS_TIMEOUT) return absl::OkStatus();
      if (status != AMQP_STATUS_OK) return absl::UnavailableError(amqp_error_string2(status));
      if (frame.frame_type != AMQP_FRAME_METHOD) continue;
      const amqp_method_t& method = frame.payload.method;
      if (method.id == AMQP_BASIC_ACK_METHOD) {
        const auto* ack = static_cast<const amqp_basic_ack_t*>(method.decoded);
        Confirm(ack->delivery_tag, ack->multiple, true);
      } else if (method.id == AMQP_BASIC_NACK_METHOD) {
        const auto* nack = static_cast<const amqp_basic_nack_t*>(method.decoded);
        Confirm(nack->delivery_tag, nack->multiple, false);
      } else {
        return absl::UnavailableError(absl::StrCat("RabbitMQ: unexpected ", amqp_method_name(method.id)));
      }
    }
  }

  void Confirm(uint64_t tag, bool multiple, bool ok) {
    for (auto it = multiple ? unconfirmed_.begin() : unconfirmed_.find(tag);
         it != unconfirmed_.end() && it->first <= tag;) {
      course_->Confirmed(it->second, ok);
      it = unconfirmed_.erase(it);
    }
  }

  absl::Status TakeDeliveries(int agency) {
    amqp_connection_state_t line = lines_[agency];
    uint64_t last = 0;
    size_t held = 0;
    std::vector<size_t> numbers;
    for (;;) {
      amqp_envelope_t envelope;
      amqp_maybe_release_buffers(line);
      const amqp_rpc_reply_t reply = amqp_consume_message(line, &envelope, &kAtOnce, 0);
      const bool some = reply.reply_type == AMQP_RESPONSE_NORMAL;
      if (some) {
        const amqp_bytes_t& body = envelope.message.body;
        if (auto number = course_->NumberOf({static_cast<const char*>(body.bytes), body.len})) {
          numbers.push_back(*number);
        }
        last = envelope.delivery_tag;
        ++held;
        amqp_destroy_envelope(&envelope);
      } else if (reply.library_error != AMQP_STATUS_TIMEOUT) {
        return Checked(reply, "consume");
      }
      if (held == ack_every_ || (!some && held > 0)) {
        if (int status = amqp_basic_ack(line, kChannel, last, /*multiple=*/1); status != AMQP_STATUS_OK) {
          return absl::UnavailableError(amqp_error_string2(status));
        }
        for (size_t number : numbers) course_->Delivered(number, agency);
        course_->Settled(numbers.size());
        held = 0;
        numbers.clear();
      }
      if (!some) return absl::OkStatus();
    }
  }

  const int epoll_;
  std::array<amqp_connection_state_t, kAgencies + 1> lines_ = {};
  Course* course_ = nullptr;
  absl::btree_map<uint64_t, size_t> unconfirmed_;  // delivery tag -> report
  uint64_t published_ = 0;
  size_t ack_every_ = 1;
  bool stuck_ = false;
};

int Main(int argc, char** argv) {
  CLI::App app{"Load for a running RabbitMQ; see tests/bench/run.sh"};
  int port = 0, prefetch = 256;
  size_t ack_every = 64;
  Options options;
  app.add_option("--port", port, "AMQP on 127.0.0.1")->required();
  app.add_option("--prefetch", prefetch, "deliveries a consumer holds unacknowledged");
  app.add_option("--ack-every", ack_every,
                 "deliveries that one acknowledgment covers at most, of those that came together");
  options.AddTo(app);
  CLI11_PARSE(app, argc, argv);
  Rabbit rabbit;
  if (auto status = rabbit.Connect(port, prefetch, ack_every); !status.ok()) {
    return std::fprintf(stderr, "%s\n", std::string(status.message()).c_str()), 1;
  }
  return Run(rabbit, options);
}

}  // namespace
}  // namespace liandong::bench

int main(int argc, char** argv) { return liandong::bench::Main(argc, argv); }
