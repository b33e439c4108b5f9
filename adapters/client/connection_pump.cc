#include "adapters/client/connection_pump.h"

#include <chrono>
#include <cstdint>
#include <utility>

#include "adapters/limits.h"

namespace liandong::adapters {

ConnectionPump::ConnectionPump(std::vector<std::shared_ptr<grpc::Channel>> channels) : channels_(std::move(channels)) {
  const size_t count = channels_.size();
  for (size_t at = 0; at < count; ++at) Watch(at);
  thread_ = std::thread([this] { Run(); });
}

ConnectionPump::~ConnectionPump() {
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  {
    absl::MutexLock lock(&mutex_);
    channels.swap(channels_);
  }
  // A channel that goes away ends the watches of it.
  channels.clear();
  queue_.Shutdown();
  thread_.join();
}

// Waiting for a change of the channel's state lends this thread to the channel's connection.
void ConnectionPump::Watch(size_t at) {
  absl::MutexLock lock(&mutex_);
  if (channels_.empty()) return;
  grpc::Channel& channel = *channels_[at];
  channel.NotifyOnStateChange(channel.GetState(/*try_to_connect=*/false),
                              std::chrono::system_clock::now() + std::chrono::milliseconds(kClientWatchMs), &queue_,
                              reinterpret_cast<void*>(static_cast<uintptr_t>(at)));
}

void ConnectionPump::Run() {
  void* tag = nullptr;
  bool changed = false;
  while (queue_.Next(&tag, &changed)) Watch(static_cast<size_t>(reinterpret_cast<uintptr_t>(tag)));
}

}  // namespace liandong::adapters
