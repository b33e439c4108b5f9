// What is said and to whom: purposes, disclosed fields, holders, cited clauses, sealed text.
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/simulation/plants.h"
#include "tests/simulation/witness.h"

namespace liandong::sim {
namespace {

// Promise 9: what was told as an exercise leaves the hub as an exercise, and nothing else does.
class PurposeChecker : public Checker {
 public:
  explicit PurposeChecker(Failure* failure) : Checker("purpose", failure) {}
  void NativeTold(const std::string& party, const v1::Report& report) override {
    told_[{party, report.external_id()}] = report.open().purpose();
  }
  void Durable(const std::string&, const v1::Record& record) override {
    for (const auto& report : record.changes().report()) {
      const v1::Purpose purpose = told_[{report.key().party(), report.key().external_id()}];
      auto [known, fresh] = of_incident_.emplace(report.incident_id(), purpose);
      if (!fresh && known->second != purpose)
        Broken(absl::StrCat("incident ", report.incident_id(), " mixes an exercise with the real thing"));
    }
  }
  void Sent(const std::string& party, const v1::Deliveries& frame) override {
    for (const auto& delivery : frame.delivery()) {
      auto known = of_incident_.find(delivery.envelope().incident_id());
      if (known != of_incident_.end() && known->second != delivery.envelope().purpose())
        return Broken(absl::StrCat(party, " gets incident ", known->first, " with another purpose than it was told"));
    }
  }

 private:
  std::map<std::pair<std::string, std::string>, v1::Purpose> told_;
  std::map<uint64_t, v1::Purpose> of_incident_;
};

// Promise 6: of others' reports a party sees what some duty of its own ever disclosed there, or its site set's words
// for feedback and offers. An upper bound, so that merges and splits need no model of their own.
class DisclosureChecker : public Checker {
 public:
  DisclosureChecker(const v1::SiteSet& site, Failure* failure) : Checker("disclosure", failure) {
    for (const auto& party : site.party()) {
      if (party.kind() == v1::COMMAND) command_.insert(party.id());
      for (int field : party.feedback_disclose()) feedback_[party.id()].insert(field);
    }
    for (int field : site.settings().transfer_disclose()) offer_.insert(field);
  }
  void Durable(const std::string&, const v1::Record& record) override {
    for (const auto& duty : record.changes().duty()) {
      for (int field : duty.disclose()) disclosed_[duty.party()].insert(field);
    }
    for (const auto& incident : record.changes().incident()) {
      if (!incident.transfer_to().empty()) offered_.insert(incident.transfer_to());
    }
  }
  void Sent(const std::string& party, const v1::Deliveries& frame) override {
    if (command_.count(party) > 0) return;
    std::set<int> may = disclosed_[party];
    may.insert(feedback_[party].begin(), feedback_[party].end());
    if (offered_.count(party) > 0) may.insert(offer_.begin(), offer_.end());
    for (const auto& delivery : frame.delivery()) {
      for (const auto& report : delivery.body().incident().reports()) {
        if (report.party() == party) continue;
        const std::pair<bool, v1::Field> shown[] = {{!report.caller_name().empty(), v1::CALLER_NAME},
                                                    {!report.caller_phone().empty(), v1::CALLER_PHONE},
                                                    {!report.medical().empty(), v1::MEDICAL},
                                                    {!report.address().empty(), v1::PLACE},
                                                    {!report.description().empty(), v1::DESCRIPTION},
                                                    {!report.external_id().empty(), v1::SOURCE_RECORD}};
        for (const auto& [is_shown, field] : shown) {
          if (is_shown && may.count(field) == 0)
            return Broken(absl::StrCat(party, " is shown ", v1::Field_Name(field), ", which no duty discloses to it"));
        }
      }
    }
  }

 private:
  std::set<std::string> command_, offered_;
  std::set<int> offer_;
  std::map<std::string, std::set<int>> feedback_, disclosed_;
};

// Promise 2: every record leaves every open incident with a holder that there is.
class Holder : public Checker {
 public:
  Holder(const v1::SiteSet& site, Failure* failure) : Checker("holder", failure) {
    for (const auto& party : site.party()) known_.insert(party.id());
  }
  void Durable(const std::string&, const v1::Record& record) override {
    for (const auto& incident : record.changes().incident()) {
      if (incident.status() == v1::OPEN && known_.count(incident.holder()) == 0)
        Broken(absl::StrCat("record ", record.index(), ": nobody holds incident ", incident.id()));
    }
  }

 private:
  std::set<std::string> known_;
};

// Promise 7: a duty is somebody's order, or it names its clause.
class Cited : public Checker {
 public:
  explicit Cited(Failure* failure) : Checker("cited", failure) {}
  void Durable(const std::string&, const v1::Record& record) override {
    for (const auto& duty : record.changes().duty()) {
      if (duty.clause().empty() && !duty.is_order() && !duty.has_statutory() && duty.binding() != v1::ASSIGNED_BY_COMMAND)
        Broken(absl::StrCat("record ", record.index(), ": duty ", duty.id(), " of ", duty.party(), " cites no clause", getenv("DBG") ? record.ShortDebugString().substr(0, 300) + duty.ShortDebugString() : std::string()));
    }
  }
};

// Personal text stands in no stored byte.
class Sealed : public Checker {
 public:
  explicit Sealed(Failure* failure) : Checker("sealed", failure) {}
  void Durable(const std::string& bytes, const v1::Record& record) override {
    if (bytes.find("13900000000") != std::string::npos)
      Broken(absl::StrCat("record ", record.index(), " holds a caller's telephone in clear"));
  }
};

}  // namespace

std::vector<std::unique_ptr<Checker>> ContentCheckers(const v1::SiteSet& site, Failure* failure) {
  std::vector<std::unique_ptr<Checker>> all;
  all.push_back(std::make_unique<PurposeChecker>(failure));
  all.push_back(std::make_unique<DisclosureChecker>(site, failure));
  all.push_back(std::make_unique<Holder>(site, failure));
  all.push_back(std::make_unique<Cited>(failure));
  all.push_back(std::make_unique<Sealed>(failure));
  return all;
}

std::vector<std::unique_ptr<Checker>> MakeCheckers(const v1::SiteSet& site, const std::string& only, Failure* failure) {
  std::vector<std::unique_ptr<Checker>> all;
  auto take = [&](std::vector<std::unique_ptr<Checker>> group) {
    for (auto& one : group) {
      if (only.empty() || one->name() == only) all.push_back(std::move(one));
    }
  };
  take(DurabilityCheckers(failure));
  take(DeliveryCheckers(failure));
  take(ContentCheckers(site, failure));
  return all;
}

const Plant* FindPlant(std::string_view name) {
  for (const Plant& plant : kPlants) {
    if (name == plant.name) return &plant;
  }
  return nullptr;
}

}  // namespace liandong::sim
