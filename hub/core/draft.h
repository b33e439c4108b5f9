// One record in the making: entities are copied from State when first touched and changed in place. Nothing here
// decides what to do; the decide_*.cc files do.
#ifndef LIANDONG_HUB_CORE_DRAFT_H_
#define LIANDONG_HUB_CORE_DRAFT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/btree_map.h"
#include "hub/core/command.h"
#include "hub/core/state.h"

namespace liandong::core {

class Draft {
 public:
  Draft(const State& state, const Context& context);

  const State& state() const { return state_; }
  const Context& context() const { return context_; }
  const routing::Site& site() const { return *state_.site(); }
  int64_t now() const { return context_.now_ms; }
  v1::Record& record() { return record_; }

  // The entity must exist in State or in this draft.
  v1::IncidentState& Incident(uint64_t id);
  v1::DutyState& Duty(uint64_t id);
  v1::DeliveryState& Delivery(uint64_t id);
  v1::ReportState& Report(const std::string& party, const std::string& external_id);
  v1::PartyState& Party(const std::string& id);
  v1::ResponseState& Response(uint64_t id);
  // Reading without making a copy.
  const v1::IncidentState* FindIncident(uint64_t id) const;
  const v1::DutyState* FindDuty(uint64_t id) const;
  const v1::DeliveryState* FindDelivery(uint64_t id) const;
  const v1::ReportState* FindReport(const std::string& party, const std::string& external_id) const;
  const v1::PartyState* FindParty(const std::string& id) const;
  // Reports of one incident in order of arrival, with those that this record adds.
  std::vector<const v1::ReportState*> ReportsOf(uint64_t incident_id) const;
  // Some delivery about the incident is not yet RECEIVED.
  bool HasUnstored(uint64_t incident_id) const;

  v1::IncidentState& NewIncident();
  v1::ResponseState& NewResponse();
  v1::DutyState& NewDuty(uint64_t incident_id);
  // Puts a delivery into its party's lane with the next sequence.
  v1::DeliveryState& Queue(const std::string& party, v1::DeliveryKind kind, uint64_t incident_id, uint64_t duty_id);
  v1::DeliveryState& QueueNotice(const std::string& party, v1::Lane lane, v1::Purpose purpose);

  // Finishes the record: index, time, actor, the incidents that it is about.
  v1::Record Take();

 private:
  uint64_t NextSequence(const std::string& party, v1::Lane lane);

  const State& state_;
  const Context& context_;
  v1::Record record_;
  uint64_t next_incident_id_;
  uint64_t next_duty_id_;
  uint64_t next_delivery_id_;
  absl::btree_map<uint64_t, v1::IncidentState*> incidents_;
  absl::btree_map<uint64_t, v1::DutyState*> duties_;
  absl::btree_map<uint64_t, v1::DeliveryState*> deliveries_;
  absl::btree_map<ReportKey, v1::ReportState*> reports_;
  absl::btree_map<std::string, v1::PartyState*> parties_;
  absl::btree_map<uint64_t, v1::ResponseState*> responses_;
};

}  // namespace liandong::core

#endif  // LIANDONG_HUB_CORE_DRAFT_H_
