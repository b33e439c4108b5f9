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

// Promise 6: of others' reports of an incident a party sees what some duty of its own there ever disclosed, or its site
// set's words for feedback and offers. An upper bound: incidents that were ever merged count as one, whatever a split
// does later.
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
    for (const auto& duty : record.changes().duty()) Allow(duty.party(), duty.incident_id(), duty.disclose());
    for (const auto& report : record.changes().report()) {
      reporters_[report.incident_id()].insert(report.key().party());
      Allow(report.key().party(), report.incident_id(), feedback_[report.key().party()]);
    }
    for (const auto& incident : record.changes().incident()) {
      if (!incident.transfer_to().empty()) Allow(incident.transfer_to(), incident.id(), offer_);
      if (incident.merged_into() != 0) Join(incident.id(), incident.merged_into());
      if (incident.secret()) secret_.insert(incident.id());
    }
  }
  void Sent(const std::string& party, const v1::Deliveries& frame) override {
    for (const auto& delivery : frame.delivery()) {
      const v1::IncidentView& shown = delivery.body().incident();
      std::set<int> may;
      bool reported = false;
      for (uint64_t id : Group(shown.incident_id())) {
        may.insert(may_[{party, id}].begin(), may_[{party, id}].end());
        reported = reported || reporters_[id].count(party) > 0;
      }
      if (secret_.count(shown.incident_id()) > 0) {
        if (!reported && may.empty() && (!shown.category().empty() || shown.reports_size() > 0))
          return Broken(absl::StrCat(party, " is shown the secret incident ", shown.incident_id()));
      } else if (command_.count(party) > 0) {
        continue;
      }
      if (shown.counts().ByteSizeLong() > 0 && !reported && may.count(v1::CASUALTIES) == 0)
        return Broken(absl::StrCat(party, " is shown CASUALTIES of incident ", shown.incident_id()));
      for (const auto& report : shown.reports()) {
        if (report.party() == party) continue;
        const std::pair<bool, v1::Field> fields[] = {
            {!report.caller_name().empty(), v1::CALLER_NAME}, {!report.caller_phone().empty(), v1::CALLER_PHONE},
            {!report.medical().empty(), v1::MEDICAL},         {!report.address().empty(), v1::PLACE},
            {!report.description().empty(), v1::DESCRIPTION}, {!report.external_id().empty(), v1::SOURCE_RECORD}};
        for (const auto& [is_shown, field] : fields) {
          if (is_shown && may.count(field) == 0)
            return Broken(absl::StrCat(party, " is shown ", v1::Field_Name(field), " of incident ", shown.incident_id(),
                                       ", which nothing discloses to it"));
        }
      }
    }
  }

 private:
  template <typename Fields>
  void Allow(const std::string& party, uint64_t incident, const Fields& fields) {
    may_[{party, incident}].insert(fields.begin(), fields.end());
  }
  std::set<uint64_t> Group(uint64_t incident) const {
    auto group = groups_.find(incident);
    return group == groups_.end() ? std::set<uint64_t>{incident} : group->second;
  }
  void Join(uint64_t one, uint64_t other) {
    std::set<uint64_t> all = Group(one);
    all.merge(Group(other));
    for (uint64_t id : all) groups_[id] = all;
  }

  std::set<std::string> command_;
  std::set<int> offer_;
  std::map<std::string, std::set<int>> feedback_;
  std::map<std::pair<std::string, uint64_t>, std::set<int>> may_;
  std::map<uint64_t, std::set<std::string>> reporters_;
  std::map<uint64_t, std::set<uint64_t>> groups_;
  std::set<uint64_t> secret_;
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

// Promise 7: a duty names a clause that there is, or a person gave it, or the law; or nobody else leads, and then the
// record says so.
class Cited : public Checker {
 public:
  Cited(const v1::SiteSet& site, Failure* failure) : Checker("cited", failure) {
    for (const auto& agreement : site.agreement()) {
      for (const auto& clause : agreement.clause()) clauses_.insert({agreement.id(), clause.id()});
    }
    for (const auto& party : site.party()) {
      if (party.kind() == v1::COMMAND) command_.insert(party.id());
      if (!party.secret_handler().empty()) secret_handlers_.insert(party.secret_handler());
    }
  }
  void Durable(const std::string&, const v1::Record& record) override {
    for (const auto& incident : record.changes().incident()) {
      offered_.insert({incident.transfer_to(), incident.id()});
      offered_.insert({incident.transfer_from(), incident.id()});
    }
    for (const auto& duty : record.changes().duty()) {
      for (const auto& clause : duty.clause()) {
        if (clauses_.count({clause.agreement(), clause.clause()}) == 0 || clause.site_version() == 0)
          return Broken(absl::StrCat("record ", record.index(), ": duty ", duty.id(), " cites ", clause.agreement(),
                                     " ", clause.clause(), " of site set ", clause.site_version(),
                                     ", which there is not"));
      }
      if (record.has_duty_reassigned() || record.has_return_reviewed()) handed_.insert(duty.id());
      const bool by_person =
          duty.is_order() || duty.binding() == v1::ASSIGNED_BY_COMMAND || handed_.count(duty.id()) > 0;
      const bool taken_over = offered_.count({duty.party(), duty.incident_id()}) > 0;
      const bool for_want = command_.count(duty.party()) > 0 || secret_handlers_.count(duty.party()) > 0;
      if (duty.clause().empty() && !by_person && !taken_over && !for_want && !duty.has_statutory())
        return Broken(
            absl::StrCat("record ", record.index(), ": duty ", duty.id(), " of ", duty.party(), " cites no clause"));
    }
  }

 private:
  std::set<std::pair<std::string, std::string>> clauses_;
  std::set<std::string> command_, secret_handlers_;
  std::set<uint64_t> handed_;                           // duties that a person gave to another party
  std::set<std::pair<std::string, uint64_t>> offered_;  // incidents that a desk offered to another
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
  all.push_back(std::make_unique<Cited>(site, failure));
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
