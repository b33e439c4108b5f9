// Keeps the input and output of channels going while no call is under way.
//
// gRPC has no thread of its own for synchronous calls: a connection that is being made moves on only while some thread
// waits inside gRPC, and otherwise once in 5 s. A program whose calls are short and are given up soon (the screen,
// after its hub was killed) would let every TLS handshake run out of time and never reach the hub again.
//
// Thread-safety: made and destroyed by one thread.
#ifndef LIANDONG_ADAPTERS_CLIENT_CONNECTION_PUMP_H_
#define LIANDONG_ADAPTERS_CLIENT_CONNECTION_PUMP_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace liandong::adapters {

class ConnectionPump {
 public:
  explicit ConnectionPump(std::vector<std::shared_ptr<grpc::Channel>> channels);
  ~ConnectionPump();  // returns at once when nobody else holds the channels any more, else within a second
  ConnectionPump(const ConnectionPump&) = delete;
  ConnectionPump& operator=(const ConnectionPump&) = delete;

 private:
  void Run();
  void Watch(size_t at) ABSL_LOCKS_EXCLUDED(mutex_);

  grpc::CompletionQueue queue_;
  absl::Mutex mutex_;
  std::vector<std::shared_ptr<grpc::Channel>> channels_ ABSL_GUARDED_BY(mutex_);  // empty: stopping
  std::thread thread_;
};

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_CLIENT_CONNECTION_PUMP_H_
