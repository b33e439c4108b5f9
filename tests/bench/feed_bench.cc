// Events a second and fan-out of the live feed, beside ZeroMQ's own bare rate on the same machine in the same run:
//   feed_bench [--events N]
// Three ways for 1, 10 and 50 subscribers, each with the same bytes: PUB without CURVE, PUB with CURVE, the hub's
// publisher (CURVE, areas granted by key, positions for five levels, encoding). Nothing is lost: the sender waits when
// the slowest subscriber is too far behind, in all three alike.
#include <zmq.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "hub/feed/publisher.h"
#include "security/curve_key.h"

namespace liandong::feed {
namespace {

constexpr uint64_t kAheadMax = 2'000;  // below what ZeroMQ and the publisher queue
constexpr char kTopic[] = "339921100000/ACTUAL";

v1::IncidentSummary Summary(uint64_t id) {
  v1::IncidentSummary out;
  v1::IncidentView* view = out.mutable_incident();
  view->set_incident_id(id);
  view->set_revision(7);
  view->set_status(v1::OPEN);
  view->set_purpose(v1::ACTUAL);
  view->set_category("natural.flood");
  view->set_category_zh("洪涝灾害");
  view->set_division("339921100000");
  view->set_division_zh("云城街道");
  view->set_holder("power-supply");
  view->set_opened_at_ms(1'800'000'000'000);
  for (int i = 0; i < 6; ++i) {
    v1::DutyLine* duty = out.add_duty();
    duty->set_duty_id(1000 + i);
    duty->set_party("power-supply");
    duty->set_person(v1::ACCEPTED);
    duty->set_next_deadline_ms(1'800'000'600'000);
  }
  return out;
}

std::shared_ptr<hub::CommittedEvent> Event(uint64_t index) {
  auto event = std::make_shared<hub::CommittedEvent>();
  event->index = index;
  event->what = "ACKNOWLEDGED";
  event->incidents.push_back(Summary(1 + index % 500));
  return event;
}

struct Subscribers {
  std::vector<std::thread> threads;
  std::vector<std::unique_ptr<std::atomic<uint64_t>>> got;
  std::atomic<bool> stop = false;

  uint64_t Slowest() const {
    uint64_t out = UINT64_MAX;
    for (const auto& one : got) out = std::min(out, one->load(std::memory_order_relaxed));
    return out;
  }
};

// Each on its own socket; counts the frames of kTopic.
void Start(Subscribers* all, void* context, int count, const std::string& endpoint, const std::string& server_key,
           const security::CurveKey& key) {
  for (int i = 0; i < count; ++i) {
    all->got.push_back(std::make_unique<std::atomic<uint64_t>>(0));
    auto* got = all->got.back().get();
    all->threads.emplace_back([=] {
      void* const socket = zmq_socket(context, ZMQ_SUB);
      const int wait_ms = 100, linger = 0, unbounded = 0;
      zmq_setsockopt(socket, ZMQ_RCVTIMEO, &wait_ms, sizeof wait_ms);
      zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger);
      zmq_setsockopt(socket, ZMQ_RCVHWM, &unbounded, sizeof unbounded);
      if (!server_key.empty()) {
        zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, server_key.c_str(), 41);
        zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, key.public_z85.c_str(), 41);
        zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, key.secret_z85.c_str(), 41);
      }
      zmq_connect(socket, endpoint.c_str());
      zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "3399", 4);
      char part[4096];
      while (!all->stop) {
        int more = 1;
        size_t size = sizeof more;
        bool ok = true;
        while (more != 0 && ok) {
          ok = zmq_recv(socket, part, sizeof part, 0) >= 0;
          if (ok) zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &size);
        }
        if (ok) got->fetch_add(1, std::memory_order_relaxed);
      }
      zmq_close(socket);
    });
  }
}

// Sends one at a time until every subscriber is there, then `events` more and measures those.
double Measure(Subscribers* all, uint64_t events, const std::function<void()>& send) {
  while (all->Slowest() == 0) {
    send();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  std::vector<uint64_t> base;
  for (const auto& one : all->got) base.push_back(one->load());
  auto slowest = [&] {
    uint64_t out = UINT64_MAX;
    for (size_t i = 0; i < base.size(); ++i)
      out = std::min(out, all->got[i]->load(std::memory_order_relaxed) - base[i]);
    return out;
  };
  const auto begin = std::chrono::steady_clock::now();
  uint64_t behind = 0;
  for (uint64_t sent = 0; sent < events; ++sent) {
    if (sent % 64 == 0) behind = slowest();
    while (sent - behind > kAheadMax) {
      std::this_thread::yield();
      behind = slowest();
    }
    send();
  }
  while (slowest() < events) std::this_thread::yield();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  all->stop = true;
  for (auto& thread : all->threads) thread.join();
  return static_cast<double>(events) / took.count();
}

double Bare(int subscribers, uint64_t events, bool curve) {
  void* const context = zmq_ctx_new();
  void* const socket = zmq_socket(context, ZMQ_PUB);
  const int linger = 0, queue = 0;
  zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger);
  zmq_setsockopt(socket, ZMQ_SNDHWM, &queue, sizeof queue);
  const security::CurveKey server = security::MakeCurveKey();
  if (curve) {
    const int yes = 1;
    zmq_setsockopt(socket, ZMQ_CURVE_SERVER, &yes, sizeof yes);
    zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, server.secret_z85.c_str(), 41);
  }
  zmq_bind(socket, "tcp://127.0.0.1:*");
  char endpoint[256] = "";
  size_t size = sizeof endpoint;
  zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint, &size);
  void* const other = zmq_ctx_new();
  Subscribers all;
  Start(&all, other, subscribers, endpoint, curve ? server.public_z85 : "", security::MakeCurveKey());
  // The bytes of one frame of the feed.
  Framer framer(1);
  const auto event = Event(1);
  const std::string header = framer.Take(*event)[0].header.SerializeAsString();
  v1::FeedFrame frame;
  *frame.add_incident() = event->incidents[0];
  const std::string body = frame.SerializeAsString();
  const double rate = Measure(&all, events, [&] {
    zmq_send(socket, kTopic, sizeof kTopic - 1, ZMQ_SNDMORE);
    zmq_send(socket, header.data(), header.size(), ZMQ_SNDMORE);
    zmq_send(socket, body.data(), body.size(), 0);
  });
  zmq_close(socket);
  zmq_ctx_term(other);
  zmq_ctx_term(context);
  return rate;
}

double Ours(int subscribers, uint64_t events) {
  const security::CurveKey server = security::MakeCurveKey(), reader = security::MakeCurveKey();
  PublisherOptions options;
  options.listen = "127.0.0.1:0";
  options.secret_key = server.secret_z85;
  auto publisher = Publisher::Start(options, Framer(1), {{reader.public_z85, {"screen", {"339921"}}}});
  if (!publisher.ok()) {
    std::fprintf(stderr, "%s\n", std::string(publisher.status().message()).c_str());
    std::exit(1);
  }
  void* const context = zmq_ctx_new();
  Subscribers all;
  Start(&all, context, subscribers, (*publisher)->endpoint(), (*publisher)->public_key(), reader);
  uint64_t index = 0;
  const double rate = Measure(&all, events, [&] { (*publisher)->Offer(Event(++index)); });
  zmq_ctx_term(context);
  return rate;
}

int Run(int argc, char** argv) {
  uint64_t events = 50'000;
  CLI::App app{"Events a second of the live feed, beside ZeroMQ's bare rate"};
  app.add_option("--events", events, "for one subscriber; a fifth for 10, a twentieth for 50")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  v1::FeedFrame frame;
  *frame.add_incident() = Summary(1);
  std::printf("frames of %zu bytes; events a second (times subscribers: deliveries a second)\n", frame.ByteSizeLong());
  std::printf("%12s %12s %12s %12s %10s %10s\n", "subscribers", "PUB", "PUB CURVE", "feed", "feed/PUB", "feed/CURVE");
  for (const auto& [subscribers, share] : {std::pair{1, 1}, std::pair{10, 5}, std::pair{50, 20}}) {
    const double plain = Bare(subscribers, events / share, false);
    const double curve = Bare(subscribers, events / share, true);
    const double ours = Ours(subscribers, events / share);
    std::printf("%12d %12.0f %12.0f %12.0f %10.2f %10.2f\n", subscribers, plain, curve, ours, ours / plain,
                ours / curve);
  }
  return 0;
}

}  // namespace
}  // namespace liandong::feed

int main(int argc, char** argv) { return liandong::feed::Run(argc, argv); }
