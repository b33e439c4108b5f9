// Load for NATS JetStream: the forwarding half of what hub_load does to the hub. One connection publishes to a stream
// on files and awaits the stream's acknowledgment; twelve push consumers, each on a connection of its own, acknowledge
// every message by itself. Speaks NATS's text protocol, so that the server and not a client library is measured.
// tests/bench/README.md says why each setting is as it is.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "tests/bench/course.h"

namespace liandong::bench {
namespace {

constexpr int kPublisher = kAgencies;  // its place among the lines
constexpr absl::string_view kInbox = "_INBOX.load.";

struct Message {
  absl::string_view subject, reply, body;
};

// One connection: what is written waits until Flush.
class Line {
 public:
  ~Line() {
    if (socket_ >= 0) close(socket_);
  }
  int socket() const { return socket_; }

  absl::Status Open(int port) {
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) return Failed("connect");
    const int on = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    fcntl(socket_, F_SETFL, O_NONBLOCK);
    Write("CONNECT {\"verbose\":false,\"pedantic\":false,\"lang\":\"bench\",\"version\":\"1\",\"protocol\":1}\r\n");
    return Flush();
  }

  void Write(absl::string_view text) { absl::StrAppend(&out_, text); }
  void Publish(absl::string_view subject, absl::string_view reply, absl::string_view body) {
    absl::StrAppend(&out_, "PUB ", subject, " ", reply, reply.empty() ? "" : " ", body.size(), "\r\n", body, "\r\n");
  }

  absl::Status Flush() {
    size_t sent = 0;
    while (sent < out_.size()) {
      const ssize_t count = send(socket_, out_.data() + sent, out_.size() - sent, MSG_NOSIGNAL);
      if (count >= 0) {
        sent += static_cast<size_t>(count);
      } else if (errno == EAGAIN) {
        pollfd room = {socket_, POLLOUT, 0};
        poll(&room, 1, 1000);
      } else if (errno != EINTR) {
        return Failed("send");
      }
    }
    out_.clear();
    return absl::OkStatus();
  }

  // Hands over every whole message that has arrived.
  absl::Status Take(const std::function<void(const Message&)>& got) {
    for (bool more = true; more;) {
      const size_t had = in_.size();
      in_.resize(had + kRead);
      const ssize_t count = recv(socket_, in_.data() + had, kRead, 0);
      in_.resize(had + static_cast<size_t>(std::max<ssize_t>(count, 0)));
      if (count == 0) return absl::UnavailableError("NATS: the server closed the connection");
      if (count < 0 && errno != EAGAIN && errno != EINTR) return Failed("recv");
      more = count == static_cast<ssize_t>(kRead);
      if (auto status = Parse(got); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

 private:
  static constexpr size_t kRead = 256 * 1024;

  static absl::Status Failed(absl::string_view what) {
    return absl::ErrnoToStatus(errno, absl::StrCat("NATS: ", what));
  }

  absl::Status Parse(const std::function<void(const Message&)>& got) {
    absl::string_view rest = in_;
    for (;;) {
      const size_t end = rest.find("\r\n");
      if (end == absl::string_view::npos) break;
      const absl::string_view head = rest.substr(0, end);
      size_t used = end + 2;
      if (absl::StartsWith(head, "MSG ")) {  // MSG subject sid [reply] bytes
        std::array<absl::string_view, 5> fields;
        size_t count = 0, bytes = 0;
        for (absl::string_view field : absl::StrSplit(head, ' ')) {
          if (count < fields.size()) fields[count++] = field;
        }
        if (count < 4 || !absl::SimpleAtoi(fields[count - 1], &bytes)) return absl::InternalError("NATS: bad MSG");
        if (rest.size() < used + bytes + 2) break;
        got({fields[1], count == 5 ? fields[3] : "", rest.substr(used, bytes)});
        used += bytes + 2;
      } else if (head == "PING") {
        Write("PONG\r\n");
      } else if (absl::StartsWith(head, "-ERR")) {
        return absl::UnavailableError(absl::StrCat("NATS: ", head));
      }
      rest.remove_prefix(used);
    }
    in_.erase(0, in_.size() - rest.size());
    return absl::OkStatus();
  }

  int socket_ = -1;
  std::string in_, out_;
};

class Nats : public Peer {
 public:
  Nats() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {}
  ~Nats() override { close(epoll_); }

  absl::Status Connect(int port, int ack_pending, int replicas) {
    for (int i = 0; i <= kPublisher; ++i) {
      if (auto status = lines_[i].Open(port); !status.ok()) return status;
      Watch(i, EPOLL_CTL_ADD);
    }
    lines_[kPublisher].Write(absl::StrCat("SUB ", kInbox, "> 1\r\n"));
    // Three servers first agree which of them speaks for JetStream.
    for (const int64_t give_up = NowUs() + 30'000'000; replicas > 1 && NowUs() < give_up;) {
      const auto status = Ask("$JS.API.STREAM.NAMES", "", 1'000'000);
      if (status.ok()) break;
      usleep(200'000);
    }
    if (auto status =
            Ask("$JS.API.STREAM.CREATE.REPORTS",
                absl::StrCat("{\"name\":\"REPORTS\",\"subjects\":[\"report.*\"],\"retention\":\"limits\","
                             "\"storage\":\"file\",\"num_replicas\":",
                             replicas, ",\"max_consumers\":-1,\"max_msgs\":-1,\"max_bytes\":-1,\"discard\":\"old\"}"));
        !status.ok())
      return status;
    for (int i = 0; i < kAgencies; ++i) {
      const std::string name = absl::StrCat("agency-", i);
      lines_[i].Write(absl::StrCat("SUB deliver.", name, " 1\r\n"));
      if (auto status = lines_[i].Flush(); !status.ok()) return status;
      if (auto status = Ask(absl::StrCat("$JS.API.CONSUMER.DURABLE.CREATE.REPORTS.", name),
                            absl::StrCat("{\"stream_name\":\"REPORTS\",\"config\":{\"durable_name\":\"", name,
                                         "\",\"deliver_subject\":\"deliver.", name, "\",\"filter_subject\":\"report.k",
                                         i / 3, "\",\"deliver_policy\":\"all\",\"ack_policy\":\"explicit\",",
                                         "\"ack_wait\":300000000000,\"max_ack_pending\":", ack_pending, "}}"));
          !status.ok())
        return status;
    }
    return absl::OkStatus();
  }

  void Begin(Course* course) override { course_ = course; }
  void SetStuck(bool stuck) override {
    if (stuck == stuck_) return;
    stuck_ = stuck;
    Watch(kStuckAgency, stuck ? EPOLL_CTL_DEL : EPOLL_CTL_ADD);
  }

  absl::Status Publish(size_t number, int kind, const std::string& body) override {
    lines_[kPublisher].Publish(absl::StrCat("report.k", kind), absl::StrCat(kInbox, number), body);
    return absl::OkStatus();
  }

  absl::Status Turn(int64_t wake_us) override {
    if (auto status = lines_[kPublisher].Flush(); !status.ok()) return status;
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
  void Watch(int place, int what) {
    epoll_event event = {.events = EPOLLIN, .data = {.u32 = static_cast<uint32_t>(place)}};
    epoll_ctl(epoll_, what, lines_[place].socket(), &event);
  }

  // A request to JetStream's own interface, on the publisher's line.
  absl::Status Ask(const std::string& subject, const std::string& body, int64_t within_us = 30'000'000) {
    Line& line = lines_[kPublisher];
    line.Publish(subject, absl::StrCat(kInbox, "ask"), body);
    if (auto status = line.Flush(); !status.ok()) return status;
    std::string answer;
    for (const int64_t give_up = NowUs() + within_us; answer.empty();) {
      if (NowUs() > give_up) return absl::DeadlineExceededError(absl::StrCat("NATS: no answer to ", subject));
      pollfd readable = {line.socket(), POLLIN, 0};
      poll(&readable, 1, 1000);
      if (auto status = line.Take([&](const Message& message) { answer = std::string(message.body); }); !status.ok())
        return status;
    }
    if (absl::StrContains(answer, "\"error\"")) return absl::UnavailableError(absl::StrCat("NATS: ", answer));
    return absl::OkStatus();
  }

  absl::Status TakeConfirms() {
    return lines_[kPublisher].Take([this](const Message& message) {
      size_t number = 0;
      if (absl::SimpleAtoi(absl::StripPrefix(message.subject, kInbox), &number)) {
        course_->Confirmed(number, !absl::StrContains(message.body, "\"error\""));
      }
    });
  }

  absl::Status TakeDeliveries(int agency) {
    std::vector<size_t> numbers;
    auto status = lines_[agency].Take([&](const Message& message) {
      if (auto number = course_->NumberOf(message.body)) numbers.push_back(*number);
      lines_[agency].Publish(message.reply, "", "+ACK");
    });
    if (status.ok()) status = lines_[agency].Flush();
    for (size_t number : numbers) course_->Delivered(number, agency);
    course_->Settled(numbers.size());
    return status;
  }

  const int epoll_;
  std::array<Line, kAgencies + 1> lines_;
  Course* course_ = nullptr;
  bool stuck_ = false;
};

int Main(int argc, char** argv) {
  CLI::App app{"Load for a running NATS with JetStream; see tests/bench/run.sh"};
  int port = 0, ack_pending = 1000, replicas = 1;
  Options options;
  app.add_option("--port", port, "on 127.0.0.1")->required();
  app.add_option("--ack-pending", ack_pending, "deliveries a consumer holds unacknowledged");
  app.add_option("--replicas", replicas, "servers that hold the stream");
  options.AddTo(app);
  CLI11_PARSE(app, argc, argv);
  Nats nats;
  if (auto status = nats.Connect(port, ack_pending, replicas); !status.ok()) {
    return std::fprintf(stderr, "%s\n", std::string(status.message()).c_str()), 1;
  }
  return Run(nats, options);
}

}  // namespace
}  // namespace liandong::bench

int main(int argc, char** argv) { return liandong::bench::Main(argc, argv); }
