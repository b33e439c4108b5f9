#include "hub/core/replay.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "hub/core/deadlines.h"
#include "hub/core/draft.h"
#include "hub/core/render.h"
#include "hub/core/steps.h"

namespace liandong::core {
namespace {

bool IsRouted(const v1::DutyState& duty) { return !duty.is_order() && !duty.has_statutory(); }

std::vector<uint64_t> RoutedBy(const v1::Record& record) {
  std::vector<uint64_t> ids;
  const bool about_one = record.incident_id_size() > 0;
  if (record.has_report_recorded() && record.report_recorded().has_decision() && about_one) {
    ids.push_back(record.incident_id(0));
  } else if (record.has_incident_corrected() && record.incident_corrected().has_decision() && about_one) {
    ids.push_back(record.incident_id(0));
  } else if (record.has_incident_verified() && record.incident_verified().has_decision() && about_one) {
    ids.push_back(record.incident_id(0));
  }
  for (const v1::RoutedAgain& one : record.incidents_routed().routed()) ids.push_back(one.incident_id());
  return ids;
}

std::string FiredOf(const routing::Routing& routing) {
  std::string out;
  for (const v1::Fired& fired : routing.decision.fired()) absl::StrAppend(&out, fired.SerializeAsString(), "\n");
  return out;
}

// Whatever the words were, the same clauses apply: those that ask for words fail in another part or do not ask at all.
bool WordsDoNotMatter(const routing::Site& site, routing::Facts facts, int64_t now_ms) {
  facts.text = "";
  const std::string unknown = FiredOf(routing::Match(site, facts, now_ms));
  facts.text = "\n";
  return unknown == FiredOf(routing::Match(site, facts, now_ms));
}

// Kept when it was reached in time, or when the duty ended before the deadline came.
bool Missed(int64_t by_ms, int64_t reached_ms, int64_t until_ms) {
  if (by_ms == 0) return false;
  return reached_ms != 0 ? reached_ms > by_ms : by_ms < until_ms;
}

}  // namespace

struct Replay::Words {
  Told told = Told::kWhole;
  std::string text;
};

Replay::Replay(std::shared_ptr<const routing::Site> with, OpenText open)
    : with_(std::move(with)), open_(std::move(open)) {}
Replay::~Replay() = default;

void Replay::See(const v1::Record& record) {
  state_.Apply(record);
  NoteDeeds(record);
  for (uint64_t id : RoutedBy(record)) {
    if (const v1::IncidentState* root = state_.Root(id)) Route(root->id(), record);
  }
}

void Replay::NoteDeeds(const v1::Record& record) {
  for (const v1::DutyState& duty : record.changes().duty()) {
    if (!IsRouted(duty)) continue;
    Deeds& deeds = books_[duty.incident_id()].deeds[duty.party()];
    deeds.known = true;
    deeds.duty = duty;
    for (size_t i = 0; i < kClimbedRungs.size(); ++i) {
      if (deeds.reached_ms[i] == 0 && Reached(duty, kClimbedRungs[i])) deeds.reached_ms[i] = record.time_ms();
    }
    deeds.ended_ms = duty.status() == v1::DUTY_OPEN ? 0 : deeds.ended_ms != 0 ? deeds.ended_ms : record.time_ms();
  }
}

Replay::Words Replay::WordsOf(const v1::IncidentState& incident, const v1::Record& record) const {
  Words words;
  const Context context;
  const Draft draft(state_, context);
  for (const v1::ReportState* report : ReportsOf(draft, incident)) {
    // In a flood only the words of the report at hand are looked through, as the hub does.
    const v1::ExternalRef& told = record.report_recorded().key();
    if (incident.has_storm() &&
        (report->key().party() != told.party() || report->key().external_id() != told.external_id())) {
      continue;
    }
    const v1::IncidentState* own = state_.FindIncident(report->incident_id());
    if (own == nullptr) continue;
    const absl::StatusOr<std::string> clear =
        report->sealed().empty() ? absl::StatusOr<std::string>("") : open_(*own, report->sealed());
    if (!clear.ok()) {
      words.told = absl::IsFailedPrecondition(clear.status()) ? Told::kErased : Told::kNoKey;
      return words;
    }
    v1::SealedPart sealed;
    if (sealed.ParseFromString(*clear)) absl::StrAppend(&words.text, MatchText(sealed), "\n");
  }
  return words;
}

void Replay::Route(uint64_t incident_id, const v1::Record& record) {
  const v1::IncidentState& incident = *state_.FindIncident(incident_id);
  if (incident.secret() || state_.site() == nullptr) return;
  Book& book = books_[incident_id];
  ReplayedIncident& head = book.head;
  head.id = incident_id;
  head.category = incident.category();
  head.division = incident.division();
  head.purpose = incident.purpose();
  head.opened_at_ms = incident.opened_at_ms();
  const Words words = WordsOf(incident, record);
  if (words.told != Told::kWhole) head.told = words.told;
  if (head.undecided) return;
  Context context;
  context.now_ms = record.time_ms();
  const Draft draft(state_, context);
  const routing::Facts facts = FactsOf(draft, incident, words.text);
  if (words.told != Told::kWhole && !(WordsDoNotMatter(*state_.site(), facts, record.time_ms()) &&
                                      WordsDoNotMatter(*with_, facts, record.time_ms()))) {
    head.undecided = true;
    return;
  }
  Ask(*state_.site(), incident, routing::Match(*state_.site(), facts, record.time_ms()), record.time_ms(), book,
      &book.before);
  Ask(*with_, incident, routing::Match(*with_, facts, record.time_ms()), record.time_ms(), book, &book.after);
}

void Replay::Ask(const routing::Site& site, const v1::IncidentState& incident, const routing::Routing& routing,
                 int64_t now_ms, const Book& book, Sides* sides) const {
  const Context context;
  const Draft draft(state_, context);
  std::set<std::string> reporters;
  for (const v1::ReportState* report : ReportsOf(draft, incident)) reporters.insert(report->key().party());
  bool led = false;
  auto give = [&](const routing::RoutedDuty& asked) {
    Side& side = (*sides)[asked.party];
    if (side.role == v1::ROLE_UNSPECIFIED || asked.role < side.role) side.role = asked.role;
    // What the party has reached by now needs no deadline any more.
    if (auto deeds = book.deeds.find(asked.party); deeds != book.deeds.end()) {
      side.clock.set_transport(deeds->second.duty.transport());
      side.clock.set_person(deeds->second.duty.person());
      side.clock.set_field(deeds->second.duty.field());
    }
    AskRungs(site.settings(), now_ms, asked, side.clock);
  };
  for (const routing::RoutedDuty& asked : routing.duties) {
    // Who told it has it already; a machine's alarm nobody has looked at.
    const bool nobody_looked = incident.device_alarm() && asked.verify_first;
    const bool own = sides->count(asked.party) == 0 && !nobody_looked && reporters.count(asked.party) > 0;
    led = led || asked.role == v1::LEAD;
    if (!own) give(asked);
  }
  led = led || std::any_of(sides->begin(), sides->end(), [](const auto& one) { return one.second.role == v1::LEAD; });
  const v1::SiteSettings& settings = site.settings();
  if (led || reporters.count(settings.command_party()) > 0) return;
  give(CommandLeads(settings));
}

void Replay::CompareDeadlines(const Book& book, const std::string& party, const Side& before, const Side& after,
                              ReplayedIncident* out) const {
  const auto found = book.deeds.find(party);
  if (found == book.deeds.end() || !found->second.known) return;
  const Deeds& deeds = found->second;
  const int64_t until_ms = deeds.ended_ms != 0 ? deeds.ended_ms : state_.time_ms();
  for (size_t i = 0; i < kClimbedRungs.size(); ++i) {
    DeadlineChange change;
    change.party = party;
    change.rung = kClimbedRungs[i];
    change.before_ms = DeadlineOf(before.clock, change.rung);
    change.after_ms = DeadlineOf(after.clock, change.rung);
    change.reached_ms = deeds.reached_ms[i];
    change.missed_after = Missed(change.after_ms, change.reached_ms, until_ms);
    if (change.missed_after != Missed(change.before_ms, change.reached_ms, until_ms)) out->deadlines.push_back(change);
  }
}

std::vector<ReplayedIncident> Replay::Finish() const {
  std::vector<ReplayedIncident> out;
  for (const auto& [id, book] : books_) {
    if (book.head.id == 0) continue;
    ReplayedIncident& incident = out.emplace_back(book.head);
    if (incident.undecided) continue;
    for (const auto& [party, before] : book.before) {
      const auto after = book.after.find(party);
      const v1::Role role = after == book.after.end() ? v1::ROLE_UNSPECIFIED : after->second.role;
      if (role != before.role) incident.duties.push_back({party, before.role, role});
      if (after != book.after.end()) CompareDeadlines(book, party, before, after->second, &incident);
    }
    for (const auto& [party, after] : book.after) {
      if (book.before.count(party) == 0) incident.duties.push_back({party, v1::ROLE_UNSPECIFIED, after.role});
    }
  }
  return out;
}

}  // namespace liandong::core
