#include "tests/simulation/sim_disk.h"

#include <algorithm>
#include <utility>

namespace liandong::sim {
namespace {

constexpr size_t kSectorBytes = 512;  // what a disk writes whole

void Apply(std::string& bytes, const DiskWrite& write) {
  if (write.truncates) {
    bytes.resize(static_cast<size_t>(write.at));
    return;
  }
  const size_t end = static_cast<size_t>(write.at) + write.bytes.size();
  if (bytes.size() < end) bytes.resize(end);
  std::copy(write.bytes.begin(), write.bytes.end(), bytes.begin() + write.at);
}

}  // namespace

bool Machine::Operate() {
  if (dead_) return false;
  if (fuse_ > 0 && --fuse_ == 0) dead_ = true;
  return !dead_;
}

void Machine::PowerOn(Random& random, Faults& faults) {
  for (auto& [name, file] : files) {
    for (DiskWrite& write : file.unsynced) {
      if (random.Chance(50)) {
        faults.Count("unsynced write lost");
        continue;
      }
      if (!write.truncates && write.bytes.size() > kSectorBytes && random.Chance(30)) {
        faults.Count("torn write");
        write.bytes.resize(kSectorBytes * (1 + random.Below(write.bytes.size() / kSectorBytes)));
      }
      Apply(file.synced, write);
    }
    file.unsynced.clear();
    file.now = file.synced;
    file.shared.clear();
    file.locks.clear();
  }
  dead_ = false;
  full_once_ = false;
  fuse_ = -1;
}

int64_t Machine::FlipBit(const std::string& name, Random& random) {
  auto it = files.find(name);
  if (it == files.end() || it->second.now.empty()) return -1;
  const auto bit = static_cast<int64_t>(random.Below(it->second.now.size() * 8));
  Flip(name, bit);
  return bit;
}

void Machine::Flip(const std::string& name, int64_t bit) {
  DiskFile& file = files.at(name);
  const auto at = static_cast<size_t>(bit / 8);
  for (std::string* bytes : {&file.now, &file.synced}) {
    if (at < bytes->size()) (*bytes)[at] = static_cast<char>((*bytes)[at] ^ (1 << (bit % 8)));
  }
}

}  // namespace liandong::sim
