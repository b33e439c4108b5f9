// Names of our keys in etcd, below one prefix. Numbers have 16 hexadecimal digits, so that the order of the names is
// that of the numbers. On-disk names: never change one. The values: protos/liandong/v1/cluster.proto.
//
// Thread-safety: immutable.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace liandong::cluster {

class Layout {
 public:
  explicit Layout(std::string prefix) : prefix_(prefix.empty() ? "/liandong/" : std::move(prefix)) {}

  std::string Term() const { return prefix_ + "term"; }
  std::string Beat() const { return prefix_ + "beat"; }
  std::string Head() const { return prefix_ + "head"; }
  std::string KeyHead() const { return prefix_ + "keyhead"; }
  std::string Node(const std::string& name) const { return absl::StrCat(prefix_, "node/", name); }
  std::string Entry(uint64_t first_index) const { return absl::StrCat(prefix_, "log/", Digits(first_index)); }
  std::string PartsOf(uint64_t first_index) const { return absl::StrCat(prefix_, "part/", Digits(first_index), "/"); }
  std::string Part(uint64_t first_index, uint64_t term, uint64_t number) const {
    return absl::StrCat(PartsOf(first_index), Digits(term), "/", Digits(number));
  }
  std::string Keys(uint64_t first_id) const { return absl::StrCat(prefix_, "key/", Digits(first_id)); }
  // After the last name of a kind: '0' follows '/'.
  std::string EntriesEnd() const { return prefix_ + "log0"; }
  std::string KeysEnd() const { return prefix_ + "key0"; }

 private:
  static std::string Digits(uint64_t number) { return absl::StrCat(absl::Hex(number, absl::kZeroPad16)); }
  const std::string prefix_;
};

}  // namespace liandong::cluster
