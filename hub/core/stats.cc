#include "hub/core/stats.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "hub/core/alike.h"
#include "hub/core/steps.h"
#include "routing/match.h"

namespace liandong::core {
namespace {

// The first two levels of the tree: "accident.fire".
std::string ClassOf(const std::string& category) {
  const size_t first = category.find('.');
  return first == std::string::npos ? category : category.substr(0, category.find('.', first + 1));
}

std::string AreaOf(const std::string& division) {
  const std::string township = TownshipDigits(division);
  return township.empty() ? "" : township + "000";
}

// Nobody's paper said who leads: the command centre was given it without a clause.
bool Gap(const routing::Site& site, const std::vector<v1::DutyState>& duties) {
  return std::any_of(duties.begin(), duties.end(), [&](const v1::DutyState& duty) {
    return duty.role() == v1::LEAD && duty.clause().empty() && !duty.is_order() &&
           duty.party() == site.settings().command_party();
  });
}

bool Asked(const v1::DutyState& duty) {
  return duty.status() != v1::DUTY_MERGED_INTO && !duty.has_statutory() && duty.role() != v1::INFORM;
}

bool Refused(const v1::DutyState& duty) {
  return duty.status() == v1::DUTY_REFUSED ||
         std::find(duty.passed().begin(), duty.passed().end(), v1::REFUSED) != duty.passed().end();
}

// Nearest rank: the smallest value that at least `percent` of them do not exceed.
int64_t Percentile(std::vector<int64_t> values, int percent) {
  std::sort(values.begin(), values.end());
  const size_t rank = (values.size() * percent + 99) / 100;
  return values[std::max<size_t>(rank, 1) - 1];
}

}  // namespace

std::vector<Stats::GroupKey> Stats::GroupsOf(const v1::IncidentState& incident) const {
  std::vector<GroupKey> out = {{"total", ""}};
  if (incident.secret()) return out;
  out.emplace_back("class", ClassOf(incident.category()));
  out.emplace_back("area", AreaOf(incident.division()));
  out.emplace_back("hotline", incident.first_party());
  return out;
}

void Stats::Count(const GroupKey& group, const std::string& figure, int64_t value, uint64_t incident_id) {
  Figure& one = groups_[group][figure];
  one.sum += value;
  one.incidents.insert(incident_id);
}

void Stats::Time(const GroupKey& group, const std::string& figure, int64_t ms, uint64_t incident_id) {
  Figure& one = groups_[group][figure];
  one.times_s.push_back(ms / 1000);
  one.incidents.insert(incident_id);
}

bool Stats::LedToday(const v1::IncidentState& incident) const {
  routing::Facts facts;
  facts.category = incident.category();
  facts.severity = incident.severity();
  facts.division = incident.division();
  facts.danger_to_life = incident.danger_to_life();
  facts.device_alarm = incident.device_alarm();
  facts.verification = incident.verification();
  facts.channel = incident.channel();
  facts.opened_at_ms = incident.opened_at_ms();
  for (const auto& reporter : incident.reporter()) facts.sources.push_back(reporter.party());
  const routing::Routing routing = routing::Match(site_, facts, now_ms_);
  return std::any_of(routing.duties.begin(), routing.duties.end(),
                     [](const routing::RoutedDuty& duty) { return duty.role == v1::LEAD; });
}

void Stats::AddIncident(const v1::IncidentState& incident, const std::vector<v1::DutyState>& duties) {
  const std::vector<GroupKey> groups = GroupsOf(incident);
  const uint64_t id = incident.id();
  const bool gap = !incident.secret() && Gap(site_, duties);
  const bool closed = gap && LedToday(incident);
  v1::Counts counts = incident.counts();
  int64_t first_ms = 0;
  for (const v1::DutyState& duty : duties) {
    counts.set_dead(std::max(counts.dead(), duty.counts().dead()));
    counts.set_missing(std::max(counts.missing(), duty.counts().missing()));
    counts.set_injured(std::max(counts.injured(), duty.counts().injured()));
    counts.set_loss_yuan(std::max(counts.loss_yuan(), duty.counts().loss_yuan()));
    if (duty.accepted_at_ms() > 0 && (first_ms == 0 || duty.accepted_at_ms() < first_ms))
      first_ms = duty.accepted_at_ms();
  }
  for (const GroupKey& group : groups) {
    if (incident.status() == v1::CANCELLED) {
      Count(group, "cancelled", 1, id);
      continue;
    }
    if (incident.verification() == v1::FALSE_ALARM) {
      Count(group, "false_alarms", 1, id);
      continue;
    }
    Count(group, "incidents", 1, id);
    if (counts.dead() > 0) Count(group, "dead", counts.dead(), id);
    if (counts.missing() > 0) Count(group, "missing", counts.missing(), id);
    if (counts.injured() > 0) Count(group, "injured", counts.injured(), id);
    if (counts.loss_yuan() > 0) Count(group, "loss_yuan", static_cast<int64_t>(counts.loss_yuan()), id);
    if (first_ms >= incident.opened_at_ms() && first_ms > 0)
      Time(group, "respond", first_ms - incident.opened_at_ms(), id);
    if (gap) Count(group, "gaps", 1, id);
    if (closed) Count(group, "gaps_closed", 1, id);
  }
}

void Stats::AddDuty(const v1::IncidentState& incident, const v1::DutyState& duty, const std::vector<GroupKey>& groups) {
  const uint64_t id = incident.merged_into() != 0 ? incident.merged_into() : incident.id();
  for (const GroupKey& group : groups) {
    if (duty.has_statutory()) {
      if (duty.status() == v1::DUTY_MERGED_INTO || duty.status() == v1::DUTY_CANCELLED) continue;
      Count(group, "upward", 1, id);
      const int64_t made_ms = duty.statutory().made_at_ms(), due_ms = duty.statutory().due_ms();
      if (due_ms > 0 && (made_ms == 0 ? now_ms_ : made_ms) > due_ms) Count(group, "upward_late", 1, id);
      continue;
    }
    if (!Asked(duty)) continue;
    Count(group, "duties", 1, id);
    if (duty.accepted_at_ms() >= duty.assigned_at_ms() && duty.accepted_at_ms() > 0)
      Time(group, "accept", duty.accepted_at_ms() - duty.assigned_at_ms(), id);
    if (duty.arrived_at_ms() >= duty.assigned_at_ms() && duty.arrived_at_ms() > 0)
      Time(group, "arrive", duty.arrived_at_ms() - duty.assigned_at_ms(), id);
    if (duty.missed_size() > 0) Count(group, "overdue", 1, id);
    if (duty.next_step() > 0) Count(group, "escalated", 1, id);
    if (!Refused(duty)) continue;
    Count(group, "refused", 1, id);
    Count(group, absl::StrCat("refused:", duty.reason().empty() ? "OTHER" : duty.reason()), 1, id);
  }
}

void Stats::Add(const v1::IncidentState& incident, const std::vector<v1::DutyState>& duties) {
  const bool counts = incident.status() != v1::CANCELLED && incident.verification() != v1::FALSE_ALARM;
  if (incident.status() != v1::MERGED) AddIncident(incident, duties);
  if (!counts || incident.secret()) return;
  for (const v1::DutyState& duty : duties) {
    std::vector<GroupKey> groups = GroupsOf(incident);
    groups.emplace_back("party", duty.party());
    AddDuty(incident, duty, groups);
  }
}

std::string Stats::NameOf(const GroupKey& group) const {
  const auto& [by, key] = group;
  if (by == "total") return "合计";
  if (key.empty()) return "未说明";
  if (by == "class") {
    const v1::Category* category = site_.FindCategory(key);
    return category == nullptr ? key : category->name_zh();
  }
  if (by == "area") {
    const v1::Division* division = site_.FindDivision(key);
    return division == nullptr ? key : division->name_zh();
  }
  return PartyName(site_, key);
}

v1::StatsReply Stats::Reply(size_t ids_max) const {
  v1::StatsReply reply;
  for (v1::StatsDefinition& definition : StatsDefinitions()) *reply.add_definition() = std::move(definition);
  for (const char* by : {"total", "class", "area", "hotline", "party"}) {
    for (const auto& [key, group] : groups_) {
      if (key.first != by) continue;
      v1::StatsGroup* out = reply.add_group();
      out->set_by(key.first);
      out->set_key(key.second);
      out->set_name_zh(NameOf(key));
      auto add = [&](const std::string& name, const Figure& figure, int64_t value) {
        v1::StatsFigure* one = out->add_figure();
        one->set_figure(name);
        one->set_value(value);
        one->set_of(static_cast<uint32_t>(figure.times_s.size()));
        one->set_incident_count(static_cast<uint32_t>(figure.incidents.size()));
        for (uint64_t id : figure.incidents) {
          if (static_cast<size_t>(one->incident_id_size()) >= ids_max) break;
          one->add_incident_id(id);
        }
      };
      for (const v1::StatsDefinition& definition : reply.definition()) {
        const std::string& token = definition.figure();
        for (const auto& [name, figure] : group) {
          if (token == name || (token == "refused" && name.rfind("refused:", 0) == 0)) {
            add(name, figure, figure.sum);
          } else if (token == name + "_median_s") {
            add(token, figure, Percentile(figure.times_s, 50));
          } else if (token == name + "_p90_s") {
            add(token, figure, Percentile(figure.times_s, 90));
          }
        }
      }
    }
  }
  return reply;
}

}  // namespace liandong::core
