// What State holds much of: messages by key. Those used lately are whole; the others lie as their bytes, a third of the
// size, until somebody asks for them.
//
// Thread-safety: none, and looking changes it too: one thread owns a Shelf, as it owns its State.
#ifndef LIANDONG_HUB_CORE_SHELF_H_
#define LIANDONG_HUB_CORE_SHELF_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "absl/container/btree_map.h"
#include "google/protobuf/message_lite.h"
#include "hub/core/check.h"

namespace liandong::core {

// The bytes of one message, in one piece of memory that knows its length; or nothing.
class Packed {
 public:
  Packed() = default;
  explicit Packed(const google::protobuf::MessageLite& message);
  std::string_view bytes() const { return {bytes_.get() + sizeof(uint32_t), Length()}; }
  void Unpack(google::protobuf::MessageLite* message) const;

 private:
  uint32_t Length() const;
  std::unique_ptr<char[]> bytes_;  // length, then the message; null: nothing
};

// Appends field `number` (1..15) of an outer message with these bytes, as protobuf writes it.
void AppendField(int number, std::string_view bytes, std::string* out);
void AppendField(int number, const google::protobuf::MessageLite& message, std::string* out);

template <typename Key, typename T>
class Shelf {
 public:
  // `warm`: so many stay whole.
  explicit Shelf(size_t warm) : warm_(warm) {}

  // nullptr: none. Stays valid until the next Settle().
  const T* Find(const Key& key) const {
    auto it = slots_.find(key);
    return it == slots_.end() ? nullptr : Warm(it);
  }
  bool Has(const Key& key) const { return slots_.contains(key); }
  // There must be one.
  const T& At(const Key& key) const {
    const T* found = Find(key);
    LIANDONG_CHECK(found != nullptr, "a key is looked up that State does not hold");
    return *found;
  }
  // The message of this key and whether it is new, and then empty.
  std::pair<T*, bool> Open(const Key& key) {
    auto [it, fresh] = slots_.try_emplace(key);
    if (!fresh) return {Warm(it), false};
    it->second.whole = std::make_unique<Whole>();
    queue_.push_back(key);
    return {&it->second.whole->message, true};
  }
  // Of a key that is there: a look without making it whole for longer than `scratch`.
  const T& Peek(const Key& key, T* scratch) const { return Look(slots_.at(key), scratch); }
  void Erase(const Key& key) { slots_.erase(key); }

  // Packs what was not used for longest, so that no more than `warm` stay whole; some at a time, so that a look through
  // everything does not stall whoever comes next. Cheap when there is nothing to do.
  void Settle() {
    for (size_t steps = 0; queue_.size() > warm_ && (warm_ == 0 || steps < kStepsAtOnce); ++steps) {
      auto it = slots_.find(queue_.front());
      if (it != slots_.end() && it->second.whole != nullptr) {
        if (it->second.whole->used) {  // a second chance
          it->second.whole->used = false;
          queue_.push_back(std::move(queue_.front()));
        } else {
          it->second.packed = Packed(it->second.whole->message);
          it->second.whole.reset();
        }
      }
      queue_.pop_front();
    }
  }

  size_t size() const { return slots_.size(); }

  // Calls `each(key, message)` in the order of keys, until it says false if it says anything. The message is valid
  // during the call only. What is packed stays packed.
  template <typename Each>
  void Ascend(Each&& each) const {
    Walk(slots_.begin(), each);
  }
  // From the first that is not below `from`.
  template <typename Each>
  void AscendFrom(const Key& from, Each&& each) const {
    Walk(slots_.lower_bound(from), each);
  }
  // From the last downwards.
  template <typename Each>
  void Descend(Each&& each) const {
    WalkDown(slots_.end(), each);
  }
  // From the last that is below `below` downwards.
  template <typename Each>
  void DescendBelow(const Key& below, Each&& each) const {
    WalkDown(slots_.lower_bound(below), each);
  }

  // All of them as a repeated field `number` (1..15) of an outer message; how many bytes that is, at the most.
  void AppendAll(int number, std::string* out) const {
    for (const auto& [key, slot] : slots_) {
      if (slot.whole != nullptr) {
        AppendField(number, slot.whole->message, out);
      } else {
        AppendField(number, slot.packed.bytes(), out);
      }
    }
  }
  size_t BytesAtMost() const {
    constexpr size_t kTagAndLength = 6;
    size_t bytes = 0;
    for (const auto& [key, slot] : slots_) {
      bytes +=
          kTagAndLength + (slot.whole != nullptr ? slot.whole->message.ByteSizeLong() : slot.packed.bytes().size());
    }
    return bytes;
  }

 private:
  struct Whole {
    T message;
    bool used = false;  // since the queue passed by
  };
  // Exactly one of the two.
  struct Slot {
    std::unique_ptr<Whole> whole;
    Packed packed;
  };
  using Slots = absl::btree_map<Key, Slot>;

  T* Warm(typename Slots::iterator it) const {
    Slot& slot = it->second;
    if (slot.whole == nullptr) {
      slot.whole = std::make_unique<Whole>();
      slot.packed.Unpack(&slot.whole->message);
      slot.packed = Packed();
      queue_.push_back(it->first);
    }
    slot.whole->used = true;
    return &slot.whole->message;
  }
  static const T& Look(const Slot& slot, T* scratch) {
    if (slot.whole != nullptr) return slot.whole->message;
    slot.packed.Unpack(scratch);
    return *scratch;
  }
  template <typename Each>
  static bool GoesOn(Each& each, const Key& key, const T& message) {
    if constexpr (std::is_void_v<decltype(each(key, message))>) {
      each(key, message);
      return true;
    } else {
      return each(key, message);
    }
  }
  template <typename Each>
  void Walk(typename Slots::const_iterator it, Each& each) const {
    T scratch;
    for (; it != slots_.end(); ++it) {
      if (!GoesOn(each, it->first, Look(it->second, &scratch))) return;
    }
  }
  template <typename Each>
  void WalkDown(typename Slots::const_iterator it, Each& each) const {
    T scratch;
    while (it != slots_.begin()) {
      --it;
      if (!GoesOn(each, it->first, Look(it->second, &scratch))) return;
    }
  }

  static constexpr size_t kStepsAtOnce = 512;  // about half a millisecond

  size_t warm_;
  mutable Slots slots_;
  // Keys of what is whole, in the order in which it became so; also of some that have gone.
  mutable std::deque<Key> queue_;
};

}  // namespace liandong::core

#endif  // LIANDONG_HUB_CORE_SHELF_H_
