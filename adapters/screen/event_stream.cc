#include "adapters/screen/event_stream.h"

#include <utility>

#include "adapters/screen/limits.h"

namespace liandong::screen {

bool EventStream::Push(std::shared_ptr<const std::string> piece) {
  std::function<void()> wake;
  bool fits = true;
  {
    std::lock_guard lock(mutex_);
    if (ended_) return true;
    fits = bytes_ + piece->size() <= kStreamBytesMax && pieces_.size() < kStreamPiecesMax;
    if (fits) {
      bytes_ += piece->size();
      pieces_.push_back(std::move(piece));
    } else {
      pieces_.clear();
      ended_ = true;
    }
    wake = wake_;
  }
  if (wake) wake();
  return fits;
}

void EventStream::End() {
  std::function<void()> wake;
  {
    std::lock_guard lock(mutex_);
    ended_ = true;
    wake = wake_;
  }
  if (wake) wake();
}

bool EventStream::over() const {
  std::lock_guard lock(mutex_);
  return ended_;
}

void EventStream::Open(std::function<void()> wake) {
  std::lock_guard lock(mutex_);
  wake_ = std::move(wake);
}

bool EventStream::Take(std::vector<std::shared_ptr<const std::string>>* pieces) {
  std::lock_guard lock(mutex_);
  pieces->swap(pieces_);
  pieces_.clear();
  bytes_ = 0;
  return !ended_;
}

void EventStream::Close() {
  std::lock_guard lock(mutex_);
  ended_ = true;
  wake_ = nullptr;
  pieces_.clear();
}

}  // namespace liandong::screen
