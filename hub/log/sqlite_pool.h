// Readers that are kept open for the next one who needs one; opening costs a tenth of a millisecond.
//
// Thread-safety: every method may be called from any thread; a lease belongs to one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace liandong::log {

template <typename Reader>
class ReaderPool {
 public:
  using Open = std::function<absl::StatusOr<std::unique_ptr<Reader>>()>;

  // Gives the reader back when it ends.
  class Lease {
   public:
    Lease(ReaderPool* pool, uint64_t generation, std::unique_ptr<Reader> reader)
        : pool_(pool), generation_(generation), reader_(std::move(reader)) {}
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (reader_ != nullptr) pool_->GiveBack(generation_, std::move(reader_));
    }
    Reader* operator->() const { return reader_.get(); }
    Reader& operator*() const { return *reader_; }

   private:
    ReaderPool* pool_;
    uint64_t generation_;
    std::unique_ptr<Reader> reader_;
  };

  ReaderPool(Open open, size_t idle_max) : open_(std::move(open)), idle_max_(idle_max) {}

  absl::StatusOr<Lease> Take() {
    uint64_t generation = 0;
    {
      std::lock_guard lock(mutex_);
      generation = generation_;
      if (!idle_.empty()) {
        std::unique_ptr<Reader> reader = std::move(idle_.back());
        idle_.pop_back();
        return Lease(this, generation, std::move(reader));
      }
    }
    auto reader = open_();
    if (!reader.ok()) return reader.status();
    return Lease(this, generation, *std::move(reader));
  }

  // The file is another one from now on: idle readers close, those on lease when they come back.
  void Renew() {
    std::vector<std::unique_ptr<Reader>> closing;
    std::lock_guard lock(mutex_);
    ++generation_;
    closing.swap(idle_);
  }

 private:
  void GiveBack(uint64_t generation, std::unique_ptr<Reader> reader) {
    std::lock_guard lock(mutex_);
    if (generation == generation_ && idle_.size() < idle_max_) idle_.push_back(std::move(reader));
  }

  const Open open_;
  const size_t idle_max_;
  std::mutex mutex_;
  uint64_t generation_ = 0;                    // guarded by mutex_
  std::vector<std::unique_ptr<Reader>> idle_;  // guarded by mutex_
};

}  // namespace liandong::log
