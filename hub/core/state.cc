#include "hub/core/state.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "hub/core/check.h"

namespace liandong::core {
namespace {

bool Ordinary(const State& state, uint64_t incident_id) {
  const v1::IncidentState* incident = state.FindIncident(incident_id);
  return incident == nullptr || incident->lane() != v1::URGENT;
}

bool IsLate(const v1::DutyState& duty) {
  return duty.status() == v1::DUTY_OPEN && duty.climbing() != v1::RUNG_UNSPECIFIED;
}

template <typename Map, typename Key>
auto* Find(const Map& map, const Key& key) {
  auto it = map.find(key);
  return it == map.end() ? nullptr : &it->second;
}

}  // namespace

State::State(size_t warm) : incidents_(warm), duties_(warm), deliveries_(warm), reports_(warm) {}

void State::Begin(const v1::Record& record) {
  LIANDONG_CHECK(record.index() == index_ + 1, "record out of order: the log has a gap");
  LIANDONG_CHECK(
      record.what_case() != v1::Record::WHAT_NOT_SET,
      "the log holds a record kind that this version does not know: run the version that wrote it, or a newer one");
  index_ = record.index();
  time_ms_ = std::max(time_ms_, record.time_ms());
  if (record.has_site_set_adopted()) AdoptSite(record.site_set_adopted().site());
}

void State::Apply(const v1::Record& record) {
  Begin(record);
  const v1::Changes& changes = record.changes();
  // Incidents first: what hangs on them reads their lane.
  for (const auto& one : changes.incident()) PutIncident(one);
  for (const auto& one : changes.duty()) PutDuty(one);
  for (const auto& one : changes.delivery()) PutDelivery(one);
  for (const auto& one : changes.report()) PutReport(one);
  for (const auto& one : changes.party()) PutParty(one);
  for (const auto& one : changes.response()) PutResponse(one);
  for (const auto& one : changes.post()) PutPost(one);
  for (uint64_t id : changes.evicted_incident()) Evict(id);
  PutRetention(changes);
  Settle();
}

void State::Apply(v1::Record&& record) {
  Begin(record);
  v1::Changes& changes = *record.mutable_changes();
  for (auto& one : *changes.mutable_incident()) PutIncident(std::move(one));
  for (auto& one : *changes.mutable_duty()) PutDuty(std::move(one));
  for (auto& one : *changes.mutable_delivery()) PutDelivery(std::move(one));
  for (auto& one : *changes.mutable_report()) PutReport(std::move(one));
  for (auto& one : *changes.mutable_party()) PutParty(std::move(one));
  for (auto& one : *changes.mutable_response()) PutResponse(std::move(one));
  for (auto& one : *changes.mutable_post()) PutPost(std::move(one));
  for (uint64_t id : changes.evicted_incident()) Evict(id);
  PutRetention(changes);
  Settle();
}

void State::Settle() {
  incidents_.Settle();
  duties_.Settle();
  deliveries_.Settle();
  reports_.Settle();
}

void State::AdoptSite(const v1::SiteSet& site) { site_ = routing::Site::CompileAdopted(site); }

template <typename T>
void State::PutIncident(T&& incident) {
  auto [found, fresh] = incidents_.Open(incident.id());
  v1::IncidentState& slot = *found;
  if (fresh) ForgetKept(incident.id());  // it is back in memory
  touched_[incident.id()] = index_;
  const bool lane_changed = !fresh && slot.lane() != incident.lane();
  if (!fresh) {
    UnindexIncident(slot);
    due_.Remove(DueOf(slot));
    open_incidents_ -= slot.status() == v1::OPEN;
    if (lane_changed) {
      for (uint64_t id : slot.duty()) due_.Remove(DueOf(duties_.At(id), slot.lane() != v1::URGENT));
    }
  }
  slot = std::forward<T>(incident);
  IndexIncident(slot);
  due_.Add(DueOf(slot));
  open_incidents_ += slot.status() == v1::OPEN;
  if (lane_changed) {
    for (uint64_t id : slot.duty()) {
      if (const v1::DutyState* duty = FindDuty(id)) due_.Add(DueOf(*duty, slot.lane() != v1::URGENT));
    }
  }
  next_incident_id_ = std::max(next_incident_id_, slot.id() + 1);
  next_key_id_ = std::max(next_key_id_, slot.key_id() + 1);
}

void State::IndexIncident(const v1::IncidentState& incident) {
  alike_.Add(incident);
  for (const auto& one : incident.suggestion()) suggested_.emplace(incident.id(), one.other());
  if (AwaitsErasure(incident)) retention_.Add(incident.sealed_classes(), incident.closed_at_ms(), incident.id());
  if (!incident.has_storm() || incident.status() != v1::OPEN) return;
  storming_.Add(incident);
  storm_due_.emplace(incident.storm().next_ms(), incident.id());
}

void State::UnindexIncident(const v1::IncidentState& incident) {
  alike_.Remove(incident);
  for (const auto& one : incident.suggestion()) suggested_.erase({incident.id(), one.other()});
  if (AwaitsErasure(incident)) retention_.Remove(incident.sealed_classes(), incident.closed_at_ms(), incident.id());
  storming_.Remove(incident);
  storm_due_.erase({incident.storm().next_ms(), incident.id()});
}

std::vector<uint64_t> State::StormsDue(int64_t now_ms, size_t max) const {
  std::vector<uint64_t> out;
  for (const auto& [at_ms, id] : storm_due_) {
    if (at_ms > now_ms || out.size() >= max) break;
    out.push_back(id);
  }
  return out;
}

int64_t State::NextStorm() const {
  return storm_due_.empty() ? std::numeric_limits<int64_t>::max() : storm_due_.begin()->first;
}

template <typename T>
void State::PutDuty(T&& changed) {
  const bool ordinary = Ordinary(*this, changed.incident_id());
  auto [found, fresh] = duties_.Open(changed.id());
  v1::DutyState& duty = *found;
  if (!fresh) due_.Remove(DueOf(duty, ordinary));
  late_duties_ -= IsLate(duty);
  duty = std::forward<T>(changed);
  late_duties_ += IsLate(duty);
  touched_[duty.incident_id()] = index_;
  const bool not_made = duty.status() == v1::DUTY_OPEN || duty.status() == v1::DUTY_REFUSED;
  if (duty.has_statutory() && not_made) {
    upward_due_.insert(duty.id());
  } else {
    upward_due_.erase(duty.id());
  }
  due_.Add(DueOf(duty, ordinary));
  next_duty_id_ = std::max(next_duty_id_, duty.id() + 1);
}

template <typename T>
void State::PutDelivery(T&& changed) {
  auto [found, fresh] = deliveries_.Open(changed.id());
  v1::DeliveryState& delivery = *found;
  if (!fresh) {
    due_.Remove(DueOf(delivery));
    outstanding_deliveries_ -= delivery.received_at_ms() == 0;
  }
  delivery = std::forward<T>(changed);
  if (delivery.incident_id() != 0) {
    touched_[delivery.incident_id()] = index_;
    members_[delivery.incident_id()].deliveries.insert(delivery.id());
  }
  due_.Add(DueOf(delivery));
  LaneBook& lane = parties_[delivery.party()].lane(delivery.lane());
  lane.queued[delivery.sequence()] = delivery.id();
  if (delivery.received_at_ms() == 0) {
    lane.unreceived.insert(delivery.sequence());
    ++outstanding_deliveries_;
  } else {
    lane.unreceived.erase(delivery.sequence());
  }
  next_delivery_id_ = std::max(next_delivery_id_, delivery.id() + 1);
  // A notice belongs to no incident that would take it along when it leaves memory: it goes when its party has stored
  // it.
  if (delivery.incident_id() == 0 && delivery.received_at_ms() != 0) {
    lane.queued.erase(delivery.sequence());
    deliveries_.Erase(delivery.id());
  }
}

template <typename T>
void State::PutReport(T&& changed) {
  v1::ReportState& report = *reports_.Open({changed.key().party(), changed.key().external_id()}).first;
  report = std::forward<T>(changed);
  touched_[report.incident_id()] = index_;
  members_[report.incident_id()].reports[report.first_index()] = {report.key().party(), report.key().external_id()};
  for (const auto& ref : report.open().references())
    references_[{ref.party(), ref.external_id()}] = report.incident_id();
}

template <typename T>
void State::PutParty(T&& party) {
  v1::PartyState& slot = parties_[party.party()].state;
  slot = std::forward<T>(party);
}

template <typename T>
void State::PutPost(T&& post) {
  v1::PostState& slot = posts_[post.post()];
  slot = std::forward<T>(post);
}

template <typename T>
void State::PutResponse(T&& response) {
  if (response.ended_at_ms() != 0 && response.route_next() == 0) {
    responses_.erase(response.id());
  } else {
    v1::ResponseState& slot = responses_[response.id()];
    slot = std::forward<T>(response);
  }
}

void State::Evict(uint64_t incident_id) {
  LIANDONG_CHECK(incidents_.Has(incident_id), "an incident leaves memory that is not there");
  v1::IncidentState scratch;
  const v1::IncidentState& incident = incidents_.Peek(incident_id, &scratch);
  v1::DutyState scratch_duty;
  for (uint64_t id : incident.duty()) {
    const v1::DutyState& duty = duties_.Peek(id, &scratch_duty);
    due_.Remove(DueOf(duty, incident.lane() != v1::URGENT));
    late_duties_ -= IsLate(duty);
    duties_.Erase(id);
    upward_due_.erase(id);
  }
  const Members& members = members_[incident_id];
  v1::DeliveryState scratch_delivery;
  for (uint64_t id : members.deliveries) {
    const v1::DeliveryState& delivery = deliveries_.Peek(id, &scratch_delivery);
    due_.Remove(DueOf(delivery));
    outstanding_deliveries_ -= delivery.received_at_ms() == 0;
    LaneBook& lane = parties_[delivery.party()].lane(delivery.lane());
    lane.queued.erase(delivery.sequence());
    lane.unreceived.erase(delivery.sequence());
    deliveries_.Erase(id);
  }
  v1::ReportState scratch_report;
  for (const auto& [first_index, key] : members.reports) {
    for (const auto& ref : reports_.Peek(key, &scratch_report).open().references())
      references_.erase({ref.party(), ref.external_id()});
    reports_.Erase(key);
  }
  members_.erase(incident_id);
  UnindexIncident(incident);
  due_.Remove(DueOf(incident));
  open_incidents_ -= incident.status() == v1::OPEN;
  touched_.erase(incident_id);
  incidents_.Erase(incident_id);
}

uint64_t State::LastTouched(uint64_t incident_id) const {
  auto it = touched_.find(incident_id);
  return it == touched_.end() ? 0 : it->second;
}

const v1::IncidentState* State::FindIncident(uint64_t id) const { return incidents_.Find(id); }
const v1::DutyState* State::FindDuty(uint64_t id) const { return duties_.Find(id); }
const v1::DeliveryState* State::FindDelivery(uint64_t id) const { return deliveries_.Find(id); }

const v1::ReportState* State::FindReport(const std::string& party, const std::string& external_id) const {
  return reports_.Find({party, external_id});
}

std::vector<const v1::ReportState*> State::ReportsOf(uint64_t incident_id) const {
  std::vector<const v1::ReportState*> out;
  const Members* members = Find(members_, incident_id);
  if (members == nullptr) return out;
  out.reserve(members->reports.size());
  for (const auto& [first_index, key] : members->reports) out.push_back(&reports_.At(key));
  return out;
}

size_t State::CountReports(uint64_t incident_id) const {
  const Members* members = Find(members_, incident_id);
  return members == nullptr ? 0 : members->reports.size();
}

std::vector<const v1::DeliveryState*> State::DeliveriesOf(uint64_t incident_id) const {
  std::vector<const v1::DeliveryState*> out;
  const Members* members = Find(members_, incident_id);
  if (members == nullptr) return out;
  out.reserve(members->deliveries.size());
  for (uint64_t id : members->deliveries) out.push_back(&deliveries_.At(id));
  return out;
}

const v1::ResponseState* State::FindResponse(uint64_t id) const { return Find(responses_, id); }
const v1::PostState* State::FindPost(const std::string& id) const { return Find(posts_, id); }

uint64_t State::FindReference(const std::string& party, const std::string& external_id) const {
  const uint64_t* id = Find(references_, ReportKey(party, external_id));
  return id == nullptr ? 0 : *id;
}

const v1::IncidentState* State::Root(uint64_t id) const {
  const v1::IncidentState* incident = FindIncident(id);
  while (incident != nullptr && incident->merged_into() != 0) {
    const v1::IncidentState* next = FindIncident(incident->merged_into());
    if (next == nullptr) break;
    incident = next;
  }
  return incident;
}

const PartyBook& State::Book(const std::string& party) const {
  static const PartyBook* const kEmpty = new PartyBook();
  const PartyBook* book = Find(parties_, party);
  return book == nullptr ? *kEmpty : *book;
}

std::string State::SnapshotBytes(std::string_view link) const {
  // The messages hold no maps and no unknown fields, so protobuf writes them the same everywhere. What there is much of
  // is written from where it lies: a snapshot as a message would take as much memory again as all of State.
  v1::Snapshot head;
  head.set_format(1);
  head.set_index(index_);
  head.set_link(std::string(link));
  head.set_time_ms(time_ms_);
  head.set_next_incident_id(next_incident_id_);
  head.set_next_duty_id(next_duty_id_);
  head.set_next_delivery_id(next_delivery_id_);
  head.set_next_key_id(next_key_id_);
  if (site_ != nullptr) *head.mutable_site() = site_->proto();
  v1::Snapshot tail;
  for (const auto& [id, one] : parties_) {
    *tail.add_party() = one.state;
    tail.mutable_party(tail.party_size() - 1)->set_party(id);
  }
  for (const auto& [id, one] : responses_) *tail.add_response() = one;
  for (const auto& [id, one] : posts_) *tail.add_post() = one;
  WriteRetention(tail);

  std::string out;
  out.reserve(head.ByteSizeLong() + incidents_.BytesAtMost() + duties_.BytesAtMost() + deliveries_.BytesAtMost() +
              reports_.BytesAtMost() + tail.ByteSizeLong());
  head.AppendToString(&out);
  incidents_.AppendAll(v1::Snapshot::kIncidentFieldNumber, &out);
  duties_.AppendAll(v1::Snapshot::kDutyFieldNumber, &out);
  deliveries_.AppendAll(v1::Snapshot::kDeliveryFieldNumber, &out);
  reports_.AppendAll(v1::Snapshot::kReportFieldNumber, &out);
  tail.AppendToString(&out);
  return out;
}

v1::Snapshot State::ToSnapshot() const {
  v1::Snapshot out;
  LIANDONG_CHECK(out.ParseFromString(CanonicalBytes()), "State's own snapshot cannot be read");
  return out;
}

absl::StatusOr<State> State::FromSnapshot(const v1::Snapshot& snapshot) {
  if (snapshot.format() != 1) {
    return absl::FailedPreconditionError(
        absl::StrCat("snapshot format ", snapshot.format(),
                     " is not known to this version; run the version that wrote it, or a newer one"));
  }
  State state;
  state.index_ = snapshot.index();
  if (snapshot.has_site()) state.AdoptSite(snapshot.site());
  const auto put_all = [&state](const auto& list, auto put) {
    for (const auto& one : list) {
      put(one);
      state.Settle();  // or all of it would be whole at once
    }
  };
  put_all(snapshot.incident(), [&](const auto& one) { state.PutIncident(one); });
  put_all(snapshot.duty(), [&](const auto& one) { state.PutDuty(one); });
  put_all(snapshot.delivery(), [&](const auto& one) { state.PutDelivery(one); });
  put_all(snapshot.report(), [&](const auto& one) { state.PutReport(one); });
  for (const auto& one : snapshot.party()) state.PutParty(one);
  for (const auto& one : snapshot.response()) state.PutResponse(one);
  for (const auto& one : snapshot.post()) state.PutPost(one);
  if (auto status = state.ReadRetention(snapshot); !status.ok()) return status;
  state.time_ms_ = snapshot.time_ms();
  state.next_incident_id_ = snapshot.next_incident_id();
  state.next_duty_id_ = snapshot.next_duty_id();
  state.next_delivery_id_ = snapshot.next_delivery_id();
  state.next_key_id_ = snapshot.next_key_id();
  return state;
}

absl::Status State::Check() const {
  DueIndex expected;
  size_t late = 0;
  absl::Status wrong;
  incidents_.Ascend([&](uint64_t id, const v1::IncidentState& incident) {
    if (incident.status() == v1::OPEN && incident.holder().empty())
      wrong = absl::InternalError(absl::StrCat("incident ", id, " is open and nobody holds it"));
    expected.Add(DueOf(incident));
    for (uint64_t duty : incident.duty()) {
      if (!duties_.Has(duty))
        wrong = absl::InternalError(absl::StrCat("incident ", id, " names duty ", duty, " that is not in memory"));
    }
    return wrong.ok();
  });
  if (!wrong.ok()) return wrong;
  duties_.Ascend([&](uint64_t id, const v1::DutyState& duty) {
    if (!incidents_.Has(duty.incident_id())) wrong = absl::InternalError(absl::StrCat("duty ", id, " has no incident"));
    expected.Add(DueOf(duty, Ordinary(*this, duty.incident_id())));
    late += IsLate(duty);
    return wrong.ok();
  });
  if (!wrong.ok()) return wrong;
  deliveries_.Ascend([&](uint64_t id, const v1::DeliveryState& delivery) {
    if (delivery.incident_id() != 0 && !incidents_.Has(delivery.incident_id()))
      wrong = absl::InternalError(absl::StrCat("delivery ", id, " has no incident"));
    expected.Add(DueOf(delivery));
    return wrong.ok();
  });
  if (!wrong.ok()) return wrong;
  if (late != late_duties_) return absl::InternalError("the count of late duties is wrong");
  if (!(expected == due_)) return absl::InternalError("the due index does not hold exactly the open deadlines");
  if (auto status = CheckRetention(); !status.ok()) return status;
  for (const auto& [party, book] : parties_) {
    for (v1::Lane lane : {v1::URGENT, v1::ORDINARY}) {
      const uint64_t last = lane == v1::URGENT ? book.state.urgent_sequence() : book.state.ordinary_sequence();
      const LaneBook& one = book.lane(lane);
      if (!one.queued.empty() && one.queued.rbegin()->first > last) {
        return absl::InternalError(absl::StrCat("party ", party, " was given a sequence beyond its last one"));
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace liandong::core
