#include "tests/simulation/desk.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "hub/requests.h"

namespace liandong::sim {
namespace {

// Answers and refusals alike are of no interest here: the checkers look at what is recorded and sent.
constexpr auto kNobody = [](auto&&) {};

}  // namespace

Desk::Desk(World* world, HubNode* hub, const v1::SiteSet& site) : world_(*world), hub_(*hub), site_(site) {
  for (const auto& party : site.party()) parties_.push_back(party.id());
  for (const auto& category : site.category()) categories_.push_back(category.code());
}

uint64_t Desk::Incident() const {
  return hub_.state() == nullptr ? 1 : 1 + world_.random.Below(hub_.state()->next_incident_id());
}

uint64_t Desk::Duty() const {
  return hub_.state() == nullptr ? 1 : 1 + world_.random.Below(hub_.state()->next_duty_id());
}

void Desk::Act() {
  if (!hub_.up()) return;
  if (world_.random.Chance(5)) {
    world_.faults.Count("site set in mid-flight");
    site_.mutable_settings()->set_return_review_s(static_cast<uint32_t>(600 + ++site_sets_));
    return hub_.Adopt(site_);
  }
  (void)hub_.Submit("command", hub::Priority::kAct, Choose());
}

hub::Work Desk::Choose() {
  v1::Actor actor;
  actor.set_party("command");
  switch (world_.random.Below(11)) {
    case 0: {
      world_.faults.Count("merge in mid-flight");
      v1::MergeRequest request;
      request.set_older(Incident());
      request.set_younger(Incident());
      return hub::MergeWork(actor, request, kNobody);
    }
    case 1: {
      world_.faults.Count("split in mid-flight");
      v1::SplitRequest request;
      request.set_incident_id(Incident());
      return hub::SplitWork(actor, request, kNobody);
    }
    case 2: {
      v1::TransferRequest request;
      request.set_incident_id(Incident());
      request.set_to(Party());
      request.set_reason("移交");
      return hub::TransferWork(actor, request, /*by_desk=*/true, kNobody);
    }
    case 3: {
      v1::CloseRequest request;
      request.set_incident_id(Incident());
      request.set_reason("已处置");
      return hub::CloseWork(actor, request, /*by_desk=*/true, world_.random.Chance(30), kNobody);
    }
    case 4:
    case 5: {
      v1::CorrectIncidentRequest request;
      request.set_incident_id(Incident());
      request.set_reason("更正");
      request.set_category(categories_[world_.random.Below(categories_.size())]);
      request.set_severity(static_cast<v1::Severity>(world_.random.Below(5)));
      return hub::CorrectWork(actor, request, kNobody);
    }
    case 6:
      return hub::VerifyWork(actor, Incident(), world_.random.Chance(70) ? v1::VERIFIED : v1::FALSE_ALARM, "核实",
                             kNobody);
    case 7: {
      v1::OrderPartiesRequest request;
      request.set_given_by("值班领导");
      request.set_purpose(v1::ACTUAL);
      if (world_.random.Chance(50)) request.set_incident_id(Incident());
      request.set_text("立即到位");
      request.add_party(Party());
      return hub::OrderWork(actor, request, kNobody);
    }
    case 8: {
      v1::ReassignRequest request;
      request.set_duty_id(Duty());
      request.set_to(Party());
      request.set_reason("改派");
      return hub::ReassignWork(actor, request, kNobody);
    }
    case 9: {
      v1::CorrectAcknowledgmentRequest request;
      request.set_duty_id(Duty());
      request.set_reason("误操作");
      if (world_.random.Chance(50)) request.set_person(v1::ACCEPTED);
      return hub::CorrectAckWork(actor, request, kNobody);
    }
    default: {
      v1::StartResponseRequest request;
      request.set_level(static_cast<v1::ResponseLevel>(1 + world_.random.Below(4)));
      request.set_purpose(v1::ACTUAL);
      request.set_matters("防汛");
      request.set_measures("转移");
      request.set_expected_until_ms(world_.clock.WallMs() + 3'600'000);
      return hub::StartResponseWork(actor, request, kNobody);
    }
  }
}

}  // namespace liandong::sim
