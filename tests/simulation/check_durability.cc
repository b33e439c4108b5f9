// What was promised must be there after every crash: the models are plain lists of what was promised.
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/simulation/witness.h"

namespace liandong::sim {
namespace {

using Key = std::pair<std::string, std::string>;  // party, external id

// Promise 1: a receipt leaves when its record is on disk, and is honoured for ever.
class Receipts : public Checker {
 public:
  explicit Receipts(Failure* failure) : Checker("receipts", failure) {}
  void Durable(const std::string&, const v1::Record& record) override {
    last_ = record.index();
    if (record.has_report_recorded()) {
      reports_[record.index()] = {record.report_recorded().key().party(), record.report_recorded().key().external_id()};
    }
  }
  void ReceiptGiven(const std::string& party, const v1::Report& report, const v1::Receipt& receipt) override {
    if (receipt.log_index() > last_)
      return Broken(absl::StrCat("a receipt names record ", receipt.log_index(), ", the disk has ", last_));
    auto it = reports_.find(receipt.log_index());
    if (it == reports_.end() || it->second != Key(party, report.external_id()))
      return Broken(absl::StrCat("record ", receipt.log_index(), " is not the report ", report.external_id()));
    given_[{party, report.external_id()}] = receipt.incident_id();
  }
  void Started(const core::State& state, const std::vector<v1::Record>&) override {
    for (const auto& [key, incident] : given_) {
      const v1::ReportState* report = state.FindReport(key.first, key.second);
      if (report == nullptr || report->incident_id() != incident)
        return Broken(absl::StrCat("the receipt of ", key.first, "/", key.second, " is not honoured after a restart"));
    }
  }

 private:
  uint64_t last_ = 0;
  std::map<uint64_t, Key> reports_;
  std::map<Key, uint64_t> given_;
};

// Promise 10, for acknowledgments: what was said to be stored stays stored.
class Acknowledgments : public Checker {
 public:
  explicit Acknowledgments(Failure* failure) : Checker("acknowledgments", failure) {}
  void Durable(const std::string&, const v1::Record& record) override {
    if (record.has_acknowledged()) durable_.emplace(record.acknowledged().delivery_id(), record.acknowledged().state());
  }
  void AckAnswered(const std::string& party, const v1::Acknowledgment& ack, const v1::AckReply& reply) override {
    if (reply.outcome() != v1::APPLIED) return;
    if (durable_.count({ack.delivery_id(), ack.state()}) == 0)
      return Broken(absl::StrCat(party, " was told that ", v1::AckState_Name(ack.state()), " of delivery ",
                                 ack.delivery_id(), " is applied, but no durable record says so"));
    if (ack.state() == v1::RECEIVED) received_.insert(ack.delivery_id());
  }
  void Started(const core::State& state, const std::vector<v1::Record>&) override {
    for (uint64_t id : received_) {
      const v1::DeliveryState* delivery = state.FindDelivery(id);
      // Not in memory: a notice about no incident leaves it when it is RECEIVED.
      if (delivery != nullptr && delivery->received_at_ms() == 0)
        return Broken(absl::StrCat("RECEIVED of delivery ", id, " was answered and is forgotten after a restart"));
    }
  }

 private:
  std::set<std::pair<uint64_t, v1::AckState>> durable_;
  std::set<uint64_t> received_;
};

// Everything that was ever durable comes back, byte for byte, in its place.
class Log : public Checker {
 public:
  explicit Log(Failure* failure) : Checker("log", failure) {}
  void Durable(const std::string&, const v1::Record& record) override { all_.push_back(record.SerializeAsString()); }
  void Started(const core::State&, const std::vector<v1::Record>& records) override {
    for (size_t i = 0; i < all_.size(); ++i) {
      if (i >= records.size() || records[i].SerializeAsString() != all_[i])
        return Broken(absl::StrCat("record ", i + 1, " of ", all_.size(), " did not come back after a restart"));
    }
  }

 private:
  std::vector<std::string> all_;
};

// Promise 8: a changed bit is noticed, or it was in a place that says nothing.
class Chain : public Checker {
 public:
  explicit Chain(Failure* failure) : Checker("chain", failure) {}
  void Durable(const std::string&, const v1::Record& record) override { all_.push_back(record.SerializeAsString()); }
  void Flipped(const absl::Status& read, const std::vector<v1::Record>& records) override {
    if (!read.ok()) return;
    for (size_t i = 0; i < all_.size(); ++i) {
      if (i >= records.size() || records[i].SerializeAsString() != all_[i])
        return Broken(absl::StrCat("a flipped bit changed record ", i + 1, " and nobody noticed"));
    }
  }

 private:
  std::vector<std::string> all_;
};

// The State that lives is the fold of the log, whatever was lived through.
class Replay : public Checker {
 public:
  explicit Replay(Failure* failure) : Checker("replay", failure) {}
  void Durable(const std::string&, const v1::Record& record) override { folded_.Apply(record); }
  void Ended(const core::State& state) override {
    if (state.index() != folded_.index())
      return Broken(absl::StrCat("at rest the State is at record ", state.index(), ", the disk at ", folded_.index()));
    if (state.CanonicalBytes() != folded_.CanonicalBytes()) Broken("the State that lives is not the fold of the log");
    if (const absl::Status status = state.Check(); !status.ok()) Broken(std::string(status.message()));
  }

 private:
  core::State folded_;
};

// What the adapter told its hotline's system is taken: it reaches the hub.
class SpoolChecker : public Checker {
 public:
  explicit SpoolChecker(Failure* failure) : Checker("spool", failure) {}
  void NativeTaken(const std::string& party, const v1::Report& report) override {
    uint64_t& revision = taken_[{party, report.external_id()}];
    revision = std::max(revision, report.revision());
  }
  void Ended(const core::State& state) override {
    for (const auto& [key, revision] : taken_) {
      const v1::ReportState* report = state.FindReport(key.first, key.second);
      if (report == nullptr || report->revision() < revision)
        return Broken(absl::StrCat(key.first, "/", key.second, " revision ", revision, " was taken and never came"));
    }
  }

 private:
  std::map<Key, uint64_t> taken_;
};

// However often a report is sent, it makes one incident, and none that nobody told.
class Once : public Checker {
 public:
  explicit Once(Failure* failure) : Checker("once", failure) {}
  void NativeTold(const std::string& party, const v1::Report& report) override {
    told_.insert({party, report.external_id()});
  }
  void Durable(const std::string&, const v1::Record& record) override {
    if (!record.has_report_recorded()) return;
    const Key key = {record.report_recorded().key().party(), record.report_recorded().key().external_id()};
    if (told_.count(key) == 0) Broken(absl::StrCat(key.first, "/", key.second, " was recorded but never told"));
    if (record.report_recorded().outcome() == v1::NEW_INCIDENT && !opened_.insert(key).second)
      Broken(absl::StrCat(key.first, "/", key.second, " opened a second incident"));
  }
  void Stored(const std::string& party, const v1::Envelope& envelope) override {
    if (!stored_.insert({party, envelope.delivery_id()}).second)
      Broken(absl::StrCat(party, " stored delivery ", envelope.delivery_id(), " as new twice"));
  }

 private:
  std::set<Key> told_, opened_;
  std::set<std::pair<std::string, uint64_t>> stored_;
};

}  // namespace

std::vector<std::unique_ptr<Checker>> DurabilityCheckers(Failure* failure) {
  std::vector<std::unique_ptr<Checker>> all;
  all.push_back(std::make_unique<Receipts>(failure));
  all.push_back(std::make_unique<Acknowledgments>(failure));
  all.push_back(std::make_unique<Log>(failure));
  all.push_back(std::make_unique<Chain>(failure));
  all.push_back(std::make_unique<Replay>(failure));
  all.push_back(std::make_unique<SpoolChecker>(failure));
  all.push_back(std::make_unique<Once>(failure));
  return all;
}

}  // namespace liandong::sim
