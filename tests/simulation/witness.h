// What the checkers are told of a run, as it happens. Every method does nothing unless a checker wants it.
#ifndef LIANDONG_TESTS_SIMULATION_WITNESS_H_
#define LIANDONG_TESTS_SIMULATION_WITNESS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "hub/core/state.h"
#include "liandong/v1/link.pb.h"
#include "liandong/v1/record.pb.h"
#include "liandong/v1/report.pb.h"

namespace liandong::sim {

class Witness {
 public:
  virtual ~Witness() = default;
  // A hotline's own system was told that its report is taken.
  virtual void NativeTaken(const std::string&, const v1::Report&) {}
  // A report that a hotline's own system has told, taken or not.
  virtual void NativeTold(const std::string&, const v1::Report&) {}
  // An answer leaves the hub.
  virtual void ReceiptGiven(const std::string&, const v1::Report&, const v1::Receipt&) {}
  virtual void AckAnswered(const std::string&, const v1::Acknowledgment&, const v1::AckReply&) {}
  // The disk says that this is on it.
  virtual void Durable(const std::string& /*bytes*/, const v1::Record&) {}
  // Deliveries leave the hub.
  virtual void Sent(const std::string&, const v1::Deliveries&) {}
  // A party's end has stored a delivery that it did not have.
  virtual void Stored(const std::string&, const v1::Envelope&) {}
  // A party's own system has got a delivery from its adapter.
  virtual void NativeGot(const std::string&, uint64_t /*delivery_id*/) {}
  // The hub has started from its disk.
  virtual void Started(const core::State&, const std::vector<v1::Record>&) {}
  // A turn has ended at this log time.
  virtual void TurnEnded(const core::State&, int64_t /*log_now_ms*/) {}
  // A bit was flipped on the log's disk; what reading it gave.
  virtual void Flipped(const absl::Status&, const std::vector<v1::Record>&) {}
  // All is quiet: nothing is under way any more.
  virtual void Ended(const core::State&) {}
};

// The first promise that was broken.
struct Failure {
  std::string checker;
  std::string what;
  bool any() const { return !checker.empty(); }
};

class Checker : public Witness {
 public:
  Checker(std::string name, Failure* failure) : name_(std::move(name)), failure_(failure) {}
  const std::string& name() const { return name_; }

 protected:
  void Broken(std::string what) {
    if (!failure_->any()) *failure_ = {name_, std::move(what)};
  }

 private:
  const std::string name_;
  Failure* const failure_;
};

// All of them; or only the one of this name, so that a planted bug shows that this very checker bites.
std::vector<std::unique_ptr<Checker>> MakeCheckers(const v1::SiteSet& site, const std::string& only, Failure* failure);
std::vector<std::unique_ptr<Checker>> DurabilityCheckers(Failure* failure);
std::vector<std::unique_ptr<Checker>> DeliveryCheckers(Failure* failure);
std::vector<std::unique_ptr<Checker>> ContentCheckers(const v1::SiteSet& site, Failure* failure);

}  // namespace liandong::sim

#endif  // LIANDONG_TESTS_SIMULATION_WITNESS_H_
