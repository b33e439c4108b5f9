// A disk in memory under SQLite (a VFS of its own): what was not synced may be lost, write by write, or be torn; the
// machine may die at any write or sync; a bit may flip. Files belong to a machine: the last folder of their path.
#ifndef LIANDONG_TESTS_SIMULATION_SIM_DISK_H_
#define LIANDONG_TESTS_SIMULATION_SIM_DISK_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/simulation/faults.h"
#include "tests/simulation/random.h"

namespace liandong::sim {

struct DiskWrite {
  int64_t at = 0;
  std::string bytes;
  bool truncates = false;  // to `at`
};

struct DiskFile {
  std::string now;     // what the machine reads
  std::string synced;  // what a power cut leaves at the least
  std::vector<DiskWrite> unsynced;
  std::vector<std::unique_ptr<char[]>> shared;  // SQLite's WAL index: memory, gone with the machine
  std::map<const void*, int> locks;             // of each open handle
};

class Machine {
 public:
  // The next `operations` writes and syncs go well, then everything fails until PowerOn.
  void ArmCrash(int operations) { fuse_ = operations; }
  void Disarm() { fuse_ = -1; }
  bool dead() const { return dead_; }
  void Kill() { dead_ = true; }
  // The next write finds the disk full.
  void FillOnce() { full_once_ = true; }
  // What was not synced is kept, lost or torn, each write for itself.
  void PowerOn(Random& random, Faults& faults);
  // One bit of what is on the file's disk; returns where, for Flip again. Nothing in the file: -1.
  int64_t FlipBit(const std::string& name, Random& random);
  void Flip(const std::string& name, int64_t bit);

  std::map<std::string, DiskFile> files;

  // For the VFS. False: the machine is dead.
  bool Operate();
  bool TakeFull() { return std::exchange(full_once_, false); }

 private:
  int fuse_ = -1;
  bool dead_ = false;
  bool full_once_ = false;
};

// Makes SQLite open everything on simulated disks, from the first call on. Machines live until Reset.
class SimDisks {
 public:
  static SimDisks& Get();
  Machine& Of(const std::string& folder) { return machines_[folder]; }
  void Reset() { machines_.clear(); }

 private:
  SimDisks();
  std::map<std::string, Machine> machines_;
};

}  // namespace liandong::sim

#endif  // LIANDONG_TESTS_SIMULATION_SIM_DISK_H_
