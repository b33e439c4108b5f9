// A disk in memory under SQLite (a VFS of its own): what was not synced may be lost, write by write, or be torn; the
// machine may die at any write or sync; a sync may fail; a bit may flip. Files belong to a machine: the last folder of
// their path.
#ifndef LIANDONG_TESTS_SIMULATION_SIM_DISK_H_
#define LIANDONG_TESTS_SIMULATION_SIM_DISK_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
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

void Apply(std::string& bytes, const DiskWrite& write);

struct DiskFile {
  std::string now;     // what the machine reads
  std::string synced;  // what a power cut leaves at the least
  std::vector<DiskWrite> unsynced;
  std::vector<std::unique_ptr<char[]>> shared;  // SQLite's WAL index: memory, gone with the machine
  std::map<const void*, int> locks;             // of each open handle
};

class Machine {
 public:
  using Image = std::map<std::string, std::string>;  // what each file holds

  // The next `operations` writes and syncs go well, then everything fails until PowerOn.
  void ArmCrash(int operations) { fuse_ = operations; }
  // The next write finds the disk full.
  void FillOnce() { full_once_ = true; }
  // The next sync fails. As Linux does it: what it should have written is or is not on the disk, stays readable, and no
  // later sync writes it. `reached`: a bit for each write.
  void FailSyncOnce(uint64_t reached) { failing_sync_ = reached; }
  void Disarm();

  bool dead() const { return dead_; }
  // How often one of these happened: what failed meanwhile is excused.
  uint64_t bites() const { return bites_; }
  // The programs on it end; what they close writes nothing any more.
  void Kill() { dead_ = true; }
  // After a power cut. What was not synced is kept, lost or torn, each write for itself.
  void PowerOn(Random& random);
  // After its programs' end only: what they wrote is there, synced or not.
  void Relaunch();

  // A bit of one of the files whose name begins so. False: nothing is in them. Only while nothing is open.
  bool FlipBit(const std::string& prefix, Random& random);
  Image Keep() const;
  void PutBack(const Image& image);

  // For the VFS. False: the machine is dead.
  bool Operate();
  bool TakeFull();
  // False: the sync failed.
  bool SyncFile(DiskFile& file);

  std::map<std::string, DiskFile> files;

 private:
  friend class SimDisks;
  void Bite(const char* fault);
  void Forget();  // what was in memory

  Faults* faults_ = nullptr;
  uint64_t bites_ = 0;
  int fuse_ = -1;
  bool dead_ = false;
  bool full_once_ = false;
  std::optional<uint64_t> failing_sync_;
};

// Makes SQLite open everything on simulated disks, from the first call on. Machines live until Reset.
class SimDisks {
 public:
  static SimDisks& Get();
  Machine& Of(const std::string& folder);
  // `faults` counts what goes wrong on them from here on.
  void Reset(Faults* faults);

 private:
  SimDisks();
  Faults* faults_ = nullptr;
  std::map<std::string, Machine> machines_;
};

}  // namespace liandong::sim

#endif  // LIANDONG_TESTS_SIMULATION_SIM_DISK_H_
