// What a party gets to see: State, opened and cut to what is disclosed. Reads only; runs on the thread that owns the
// State.
#ifndef LIANDONG_HUB_CORE_RENDER_H_
#define LIANDONG_HUB_CORE_RENDER_H_

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "hub/core/state.h"
#include "liandong/v1/delivery.pb.h"
#include "liandong/v1/desk.pb.h"

namespace liandong::core {

// Opens bytes that were sealed under the key of this incident. NotFound or FailedPrecondition: the key is gone, the
// data are erased.
using Opener = std::function<absl::StatusOr<std::string>(const v1::IncidentState& incident, const std::string& sealed)>;

// A site set that was in force before: nullptr where it is not kept. May read a file.
using PastSites = std::function<std::shared_ptr<const routing::Site>(uint64_t version)>;

// What one party may see of one incident.
struct Disclosure {
  std::set<v1::Field> fields;
  std::string own_party;               // its own reports are shown whole
  std::vector<v1::ClauseRef> clauses;  // that decided it
  bool has(v1::Field field) const { return fields.count(field) > 0; }
};

class Renderer {
 public:
  // Without `past_sites` a clause of an earlier site set is cited by its number alone.
  Renderer(const State& state, Opener open, PastSites past_sites = {})
      : state_(state), open_(std::move(open)), past_sites_(std::move(past_sites)) {}

  v1::Delivery Delivery(const v1::DeliveryState& delivery, bool resent) const;
  // At most this many reports: the first and the newest; 0: none.
  v1::IncidentView View(const v1::IncidentState& incident, const Disclosure& disclosure, size_t reports_max) const;
  Disclosure DisclosureFor(const std::string& party, const v1::IncidentState& incident) const;
  // For the desk: head and duties, without reports.
  v1::IncidentSummary Summary(const v1::IncidentState& incident, const std::string& reader) const;
  // The clear text of all reports of the incident, for any_word; `but` is left out (it is being replaced).
  std::string MatchText(const v1::IncidentState& incident, const ReportKey* but) const;
  // Empty when there is nothing or it is erased.
  std::string OpenText(uint64_t incident_id, const std::string& sealed) const;
  // The same for a reader: of what is erased it says so.
  std::string ReadText(uint64_t incident_id, const std::string& sealed) const;

 private:
  v1::DutyView Duty(const v1::DutyState& duty) const;
  std::vector<const v1::ReportState*> Reports(const v1::IncidentState& incident) const;
  v1::FeedbackItem Item(const v1::FeedbackNote& note) const;
  v1::CitedClause Cite(const v1::ClauseRef& ref) const;
  const State& state_;
  Opener open_;
  PastSites past_sites_;
};

// What any_word looks through.
std::string MatchText(const v1::SealedPart& sealed);

v1::StatutoryView ViewOfStatutory(const routing::Site* site, const v1::StatutoryDuty& duty);

// Who is told next should it be late is said as of now_ms.
v1::DutyLine LineOf(const State& state, const v1::DutyState& duty, int64_t now_ms);
v1::PostLine LineOf(const State& state, const routing::Site& site, const v1::Post& post, int64_t now_ms);
// Absent when nothing is disputed.
std::optional<v1::DisputeLine> DisputeOf(const v1::IncidentState& incident);

}  // namespace liandong::core

#endif  // LIANDONG_HUB_CORE_RENDER_H_
