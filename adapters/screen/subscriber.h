// Reads the hub's live feed into the board: a SUB socket over CURVE on a thread of its own, and a snapshot over gRPC
// whenever the board misses something. Connects anew when the feed falls silent or moves.
//
// Thread-safety: Stop from any thread.
#ifndef LIANDONG_ADAPTERS_SCREEN_SUBSCRIBER_H_
#define LIANDONG_ADAPTERS_SCREEN_SUBSCRIBER_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "adapters/client/feed_client.h"
#include "adapters/client/hub_client.h"
#include "adapters/screen/board.h"
#include "security/curve_key.h"

namespace liandong::screen {

class Subscriber {
 public:
  Subscriber(std::shared_ptr<adapters::HubClient> hub, security::CurveKey key, Board* board,
             std::function<int64_t()> steady_ms);
  ~Subscriber();  // Stop()
  Subscriber(const Subscriber&) = delete;
  Subscriber& operator=(const Subscriber&) = delete;

  void Stop();

 private:
  struct Socket;  // of ZeroMQ

  void Run();
  // Asks the hub where the feed is and connects there; null and a line in the log when it is nowhere.
  std::unique_ptr<Socket> Connect();
  void Listen(Socket* socket);
  void TakeSnapshot();
  // One line for the operator each time that what is wrong changes.
  void Say(const std::string& what);
  void Pause(int64_t ms) const;

  const std::shared_ptr<adapters::HubClient> hub_;
  const security::CurveKey key_;
  Board* const board_;
  const std::function<int64_t()> steady_ms_;
  std::string said_;
  int64_t snapshot_ms_ = 0;  // of the last try
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace liandong::screen

#endif  // LIANDONG_ADAPTERS_SCREEN_SUBSCRIBER_H_
