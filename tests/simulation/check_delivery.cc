// What goes out: in order, complete, recorded before, urgent first, in time.
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/simulation/witness.h"

namespace liandong::sim {
namespace {

// Promise 3: a party stores 1, 2, 3 ... of each lane.
class Order : public Checker {
 public:
  explicit Order(Failure* failure) : Checker("order", failure) {}
  void Stored(const std::string& party, const v1::Envelope& envelope) override {
    uint64_t& last = last_[{party, envelope.lane()}];
    if (envelope.sequence() != last + 1)
      return Broken(absl::StrCat(party, " stored ", envelope.sequence(), " after ", last, " of lane ",
                                 v1::Lane_Name(envelope.lane())));
    last = envelope.sequence();
  }

 private:
  std::map<std::pair<std::string, v1::Lane>, uint64_t> last_;
};

// Promise 3: at the end every delivery that was recorded is with its party, and behind an adapter with its system.
class Complete : public Checker {
 public:
  explicit Complete(Failure* failure) : Checker("complete", failure) {}
  void Durable(const std::string&, const v1::Record& record) override {
    for (const auto& delivery : record.changes().delivery()) recorded_[delivery.id()] = delivery.party();
  }
  void Stored(const std::string& party, const v1::Envelope& envelope) override {
    stored_.insert({party, envelope.delivery_id()});
  }
  void NativeGot(const std::string& party, uint64_t delivery_id) override {
    with_system_.insert(party);
    got_.insert({party, delivery_id});
  }
  void Ended(const core::State&) override {
    for (const auto& [id, party] : recorded_) {
      if (stored_.count({party, id}) == 0) return Broken(absl::StrCat("delivery ", id, " never came to ", party));
      if (with_system_.count(party) > 0 && got_.count({party, id}) == 0)
        return Broken(absl::StrCat("delivery ", id, " lies in the spool of ", party, " for ever"));
    }
  }

 private:
  std::map<uint64_t, std::string> recorded_;
  std::set<std::pair<std::string, uint64_t>> stored_, got_;
  std::set<std::string> with_system_;
};

// Save before send: nothing leaves that is not on disk, as it is there.
class Recorded : public Checker {
 public:
  explicit Recorded(Failure* failure) : Checker("recorded", failure) {}
  void Durable(const std::string&, const v1::Record& record) override {
    for (const auto& delivery : record.changes().delivery()) recorded_[delivery.id()] = delivery;
  }
  void Sent(const std::string& party, const v1::Deliveries& frame) override {
    for (const auto& delivery : frame.delivery()) {
      const v1::Envelope& envelope = delivery.envelope();
      auto it = recorded_.find(envelope.delivery_id());
      if (it == recorded_.end())
        return Broken(absl::StrCat("delivery ", envelope.delivery_id(), " left without its record"));
      const v1::DeliveryState& known = it->second;
      if (known.party() != party || known.lane() != envelope.lane() || known.sequence() != envelope.sequence() ||
          known.kind() != envelope.kind() || known.incident_id() != envelope.incident_id())
        return Broken(absl::StrCat("delivery ", envelope.delivery_id(), " left otherwise than it was recorded"));
    }
  }

 private:
  std::map<uint64_t, v1::DeliveryState> recorded_;
};

// Danger to life first: in a frame no ordinary delivery stands before an urgent one.
class Urgent : public Checker {
 public:
  explicit Urgent(Failure* failure) : Checker("urgent", failure) {}
  void Sent(const std::string& party, const v1::Deliveries& frame) override {
    bool ordinary = false;
    for (const auto& delivery : frame.delivery()) {
      if (delivery.envelope().lane() == v1::URGENT && ordinary)
        return Broken(absl::StrCat(party, " gets an ordinary delivery before an urgent one"));
      ordinary = ordinary || delivery.envelope().lane() == v1::ORDINARY;
    }
  }
};

// RECEIVED means stored.
class Received : public Checker {
 public:
  explicit Received(Failure* failure) : Checker("received", failure) {}
  void Stored(const std::string& party, const v1::Envelope& envelope) override {
    stored_.insert({party, envelope.delivery_id()});
  }
  void AckAnswered(const std::string& party, const v1::Acknowledgment& ack, const v1::AckReply& reply) override {
    if (ack.state() == v1::RECEIVED && reply.outcome() == v1::APPLIED && stored_.count({party, ack.delivery_id()}) == 0)
      Broken(absl::StrCat(party, " said RECEIVED of delivery ", ack.delivery_id(), " and has not stored it"));
  }

 private:
  std::set<std::pair<std::string, uint64_t>> stored_;
};

// Promise 4: after a turn no rung of an open duty lies in the past: it was met, or its miss is recorded and climbs.
class Deadlines : public Checker {
 public:
  explicit Deadlines(Failure* failure) : Checker("deadlines", failure) {}
  void TurnEnded(const core::State& state, int64_t now_ms) override {
    if (now_ms < next_look_ms_) return;
    next_look_ms_ = now_ms + 1000;
    state.incidents().Ascend([&](uint64_t, const v1::IncidentState& incident) {
      if (incident.status() != v1::OPEN) return;
      for (uint64_t duty_id : incident.duty()) {
        const v1::DutyState* duty = state.FindDuty(duty_id);
        if (duty == nullptr || duty->status() != v1::DUTY_OPEN) continue;
        for (int64_t by_ms : {duty->receive_by_ms(), duty->see_by_ms(), duty->accept_by_ms(), duty->en_route_by_ms(),
                              duty->arrive_by_ms(), duty->complete_by_ms(), duty->next_step_ms()}) {
          if (by_ms != 0 && by_ms < now_ms)
            return Broken(absl::StrCat("duty ", duty_id, " was due ", now_ms - by_ms, " ms ago and nothing climbs"));
        }
      }
    });
  }

 private:
  int64_t next_look_ms_ = 0;
};

// Promise 5: when somebody takes it on, every hotline that reported it hears of it.
class HeardBack : public Checker {
 public:
  explicit HeardBack(Failure* failure) : Checker("heard-back", failure) {}
  void Durable(const std::string&, const v1::Record& record) override {
    for (const auto& duty : record.changes().duty()) duty_[duty.id()] = duty;
    for (const auto& report : record.changes().report()) {
      if (!report.open().secret()) reporters_[report.incident_id()].insert(report.key().party());
    }
    if (!record.has_acknowledged() || !record.acknowledged().moved() || record.acknowledged().state() != v1::ACCEPTED)
      return;
    auto duty = duty_.find(record.acknowledged().duty_id());
    if (duty == duty_.end() || duty->second.is_order()) return;
    for (const std::string& party : reporters_[duty->second.incident_id()]) {
      if (party != duty->second.party()) expected_.insert({party, duty->second.incident_id()});
    }
  }
  void Stored(const std::string& party, const v1::Envelope& envelope) override {
    if (envelope.kind() == v1::FEEDBACK) heard_.insert({party, envelope.incident_id()});
  }
  void Ended(const core::State& state) override {
    for (const auto& [party, incident] : expected_) {
      bool heard = heard_.count({party, incident}) > 0;
      // Since a merge it may have heard under the older one's number.
      if (const v1::IncidentState* root = state.Root(incident)) heard = heard || heard_.count({party, root->id()}) > 0;
      const v1::IncidentState* own = state.FindIncident(incident);
      if (!heard && own != nullptr && !own->secret() && own->merged_into() == 0)
        return Broken(absl::StrCat(party, " never heard that incident ", incident, " was taken on"));
    }
  }

 private:
  std::map<uint64_t, v1::DutyState> duty_;
  std::map<uint64_t, std::set<std::string>> reporters_;
  std::set<std::pair<std::string, uint64_t>> expected_, heard_;
};

}  // namespace

std::vector<std::unique_ptr<Checker>> DeliveryCheckers(Failure* failure) {
  std::vector<std::unique_ptr<Checker>> all;
  all.push_back(std::make_unique<Order>(failure));
  all.push_back(std::make_unique<Complete>(failure));
  all.push_back(std::make_unique<Recorded>(failure));
  all.push_back(std::make_unique<Urgent>(failure));
  all.push_back(std::make_unique<Received>(failure));
  all.push_back(std::make_unique<Deadlines>(failure));
  all.push_back(std::make_unique<HeardBack>(failure));
  return all;
}

}  // namespace liandong::sim
