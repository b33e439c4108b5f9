#include "tests/simulation/sim_disk.h"

#include <algorithm>
#include <utility>

namespace liandong::sim {
namespace {

constexpr size_t kSectorBytes = 512;  // what a disk writes whole

}  // namespace

void Apply(std::string& bytes, const DiskWrite& write) {
  if (write.truncates) {
    bytes.resize(static_cast<size_t>(write.at));
    return;
  }
  const size_t end = static_cast<size_t>(write.at) + write.bytes.size();
  if (bytes.size() < end) bytes.resize(end);
  std::copy(write.bytes.begin(), write.bytes.end(), bytes.begin() + write.at);
}

void Machine::Disarm() {
  fuse_ = -1;
  full_once_ = false;
  failing_sync_.reset();
}

void Machine::Bite(const char* fault) {
  ++bites_;
  faults_->Count(fault);
}

bool Machine::Operate() {
  if (dead_) return false;
  if (fuse_ > 0 && --fuse_ == 0) {
    dead_ = true;
    Bite("crash inside a write or sync");
  }
  return !dead_;
}

bool Machine::TakeFull() {
  if (!full_once_) return false;
  full_once_ = false;
  Bite("disk full");
  return true;
}

bool Machine::SyncFile(DiskFile& file) {
  const bool fails = failing_sync_.has_value();
  uint64_t reached = fails ? *failing_sync_ : 0;
  for (const DiskWrite& write : file.unsynced) {
    if (!fails || (reached & 1) != 0) Apply(file.synced, write);
    reached = (reached >> 1) | (reached << 63);
  }
  file.unsynced.clear();
  if (!fails) return true;
  failing_sync_.reset();
  Bite("sync failed");
  return false;
}

void Machine::PowerOn(Random& random) {
  for (auto& [name, file] : files) {
    for (DiskWrite& write : file.unsynced) {
      if (random.Chance(50)) {
        faults_->Count("unsynced write lost");
        continue;
      }
      if (!write.truncates && write.bytes.size() > kSectorBytes && random.Chance(30)) {
        faults_->Count("torn write");
        write.bytes.resize(kSectorBytes * (1 + random.Below(write.bytes.size() / kSectorBytes)));
      }
      Apply(file.synced, write);
    }
    file.unsynced.clear();
    file.now = file.synced;
  }
  Forget();
}

void Machine::Relaunch() { Forget(); }

void Machine::Forget() {
  for (auto& [name, file] : files) {
    file.shared.clear();
    file.locks.clear();
  }
  dead_ = false;
  Disarm();
}

bool Machine::FlipBit(const std::string& prefix, Random& random) {
  uint64_t size = 0;
  for (const auto& [name, file] : files) size += name.rfind(prefix, 0) == 0 ? file.now.size() : 0;
  if (size == 0) return false;
  uint64_t at = random.Below(size);
  const auto bit = static_cast<char>(1 << random.Below(8));
  for (auto& [name, file] : files) {
    if (name.rfind(prefix, 0) != 0) continue;
    if (at < file.now.size()) {
      file.now[at] = static_cast<char>(file.now[at] ^ bit);
      return true;
    }
    at -= file.now.size();
  }
  return false;
}

Machine::Image Machine::Keep() const {
  Image image;
  for (const auto& [name, file] : files) image[name] = file.now;
  return image;
}

void Machine::PutBack(const Image& image) {
  files.clear();
  for (const auto& [name, bytes] : image) files[name].now = files[name].synced = bytes;
  Forget();
}

Machine& SimDisks::Of(const std::string& folder) {
  Machine& machine = machines_[folder];
  machine.faults_ = faults_;
  return machine;
}

void SimDisks::Reset(Faults* faults) {
  machines_.clear();
  faults_ = faults;
}

}  // namespace liandong::sim
