#include "hub/core/draft.h"

#include <algorithm>
#include <utility>

#include "hub/core/check.h"

namespace liandong::core {
namespace {

// Copies `from` into the list of changes on first touch; `add` makes room there.
template <typename Map, typename Key, typename T, typename Add>
T& Touch(Map& map, const Key& key, const T* from, Add add) {
  auto it = map.find(key);
  if (it != map.end()) return *it->second;
  LIANDONG_CHECK(from != nullptr, "a decision touches what State does not hold");
  T* copy = add();
  *copy = *from;
  map.emplace(key, copy);
  return *copy;
}

template <typename T, typename Map, typename Key>
const T* Peek(const Map& map, const Key& key, const T* from) {
  auto it = map.find(key);
  return it == map.end() ? from : it->second;
}

}  // namespace

Draft::Draft(const State& state, const Context& context)
    : state_(state),
      context_(context),
      next_incident_id_(state.next_incident_id()),
      next_duty_id_(state.next_duty_id()),
      next_delivery_id_(state.next_delivery_id()) {}

v1::IncidentState& Draft::Incident(uint64_t id) {
  return Touch(incidents_, id, state_.FindIncident(id), [&] { return record_.mutable_changes()->add_incident(); });
}
v1::DutyState& Draft::Duty(uint64_t id) {
  return Touch(duties_, id, state_.FindDuty(id), [&] { return record_.mutable_changes()->add_duty(); });
}
v1::DeliveryState& Draft::Delivery(uint64_t id) {
  return Touch(deliveries_, id, state_.FindDelivery(id), [&] { return record_.mutable_changes()->add_delivery(); });
}

v1::ReportState& Draft::Report(const std::string& party, const std::string& external_id) {
  static const v1::ReportState* const kFresh = new v1::ReportState();
  const v1::ReportState* known = state_.FindReport(party, external_id);
  v1::ReportState& report = Touch(reports_, ReportKey(party, external_id), known != nullptr ? known : kFresh,
                                  [&] { return record_.mutable_changes()->add_report(); });
  if (known == nullptr) {
    report.mutable_key()->set_party(party);
    report.mutable_key()->set_external_id(external_id);
  }
  return report;
}

v1::PartyState& Draft::Party(const std::string& id) {
  v1::PartyState& party =
      Touch(parties_, id, &state_.Book(id).state, [&] { return record_.mutable_changes()->add_party(); });
  party.set_party(id);
  return party;
}

v1::ResponseState& Draft::Response(uint64_t id) {
  return Touch(responses_, id, state_.FindResponse(id), [&] { return record_.mutable_changes()->add_response(); });
}

const v1::IncidentState* Draft::FindIncident(uint64_t id) const {
  return Peek(incidents_, id, state_.FindIncident(id));
}
const v1::DutyState* Draft::FindDuty(uint64_t id) const { return Peek(duties_, id, state_.FindDuty(id)); }
const v1::DeliveryState* Draft::FindDelivery(uint64_t id) const {
  return Peek(deliveries_, id, state_.FindDelivery(id));
}
const v1::ReportState* Draft::FindReport(const std::string& party, const std::string& external_id) const {
  return Peek(reports_, ReportKey(party, external_id), state_.FindReport(party, external_id));
}
std::vector<const v1::ReportState*> Draft::ReportsOf(uint64_t incident_id) const {
  std::vector<const v1::ReportState*> out = state_.ReportsOf(incident_id);
  for (const v1::ReportState*& report : out) report = FindReport(report->key().party(), report->key().external_id());
  for (const auto& [key, report] : reports_) {
    const bool is_new = state_.FindReport(key.first, key.second) == nullptr;
    if (is_new && report->incident_id() == incident_id) out.push_back(report);
  }
  return out;
}
bool Draft::HasUnstored(uint64_t incident_id) const {
  for (const auto& [id, delivery] : deliveries_) {
    if (delivery->incident_id() == incident_id && delivery->received_at_ms() == 0) return true;
  }
  const std::vector<const v1::DeliveryState*> known = state_.DeliveriesOf(incident_id);
  return std::any_of(known.begin(), known.end(),
                     [&](const auto* one) { return FindDelivery(one->id())->received_at_ms() == 0; });
}
const v1::PartyState* Draft::FindParty(const std::string& id) const {
  return Peek(parties_, id, &state_.Book(id).state);
}

v1::IncidentState& Draft::NewIncident() {
  v1::IncidentState* incident = record_.mutable_changes()->add_incident();
  incident->set_id(next_incident_id_++);
  incidents_.emplace(incident->id(), incident);
  return *incident;
}

v1::ResponseState& Draft::NewResponse() {
  v1::ResponseState* response = record_.mutable_changes()->add_response();
  response->set_id(context_.index);
  responses_.emplace(response->id(), response);
  return *response;
}

v1::DutyState& Draft::NewDuty(uint64_t incident_id) {
  v1::DutyState* duty = record_.mutable_changes()->add_duty();
  duty->set_id(next_duty_id_++);
  duty->set_incident_id(incident_id);
  duty->set_status(v1::DUTY_OPEN);
  duty->set_assigned_at_ms(now());
  duties_.emplace(duty->id(), duty);
  Incident(incident_id).add_duty(duty->id());
  return *duty;
}

v1::DeliveryState& Draft::Queue(const std::string& party, v1::DeliveryKind kind, uint64_t incident_id,
                                uint64_t duty_id) {
  v1::IncidentState& incident = Incident(incident_id);
  v1::DeliveryState& delivery = QueueNotice(party, incident.lane(), incident.purpose());
  delivery.set_kind(kind);
  delivery.set_incident_id(incident_id);
  delivery.set_duty_id(duty_id);
  incident.set_evict_ms(0);
  return delivery;
}

v1::DeliveryState& Draft::QueueNotice(const std::string& party, v1::Lane lane, v1::Purpose purpose) {
  v1::DeliveryState* delivery = record_.mutable_changes()->add_delivery();
  delivery->set_id(next_delivery_id_++);
  delivery->set_party(party);
  delivery->set_lane(lane);
  delivery->set_sequence(NextSequence(party, lane));
  delivery->set_kind(v1::NOTICE);
  delivery->set_queued_at_ms(now());
  delivery->set_purpose(purpose);
  const uint32_t within_s = site().settings().feedback_receive_s();
  if (within_s > 0) delivery->set_receive_by_ms(now() + int64_t{within_s} * 1000);
  deliveries_.emplace(delivery->id(), delivery);
  return *delivery;
}

uint64_t Draft::NextSequence(const std::string& party, v1::Lane lane) {
  v1::PartyState& state = Party(party);
  if (lane == v1::URGENT) {
    state.set_urgent_sequence(state.urgent_sequence() + 1);
    return state.urgent_sequence();
  }
  state.set_ordinary_sequence(state.ordinary_sequence() + 1);
  return state.ordinary_sequence();
}

v1::Record Draft::Take() {
  record_.set_index(context_.index);
  record_.set_time_ms(std::max(now(), state_.time_ms()));
  *record_.mutable_actor() = context_.actor;
  for (auto& [id, incident] : incidents_) {
    incident->set_changed_at_ms(now());
    record_.add_incident_id(id);
  }
  return std::move(record_);
}

}  // namespace liandong::core
