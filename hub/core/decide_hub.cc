// What the hub itself does: adopting a site set, starting, noticing the clock, letting closed incidents leave memory
// and come back.
#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "hub/core/errors.h"
#include "hub/core/leaves.h"
#include "hub/core/limits.h"
#include "hub/core/steps.h"

namespace liandong::core {
namespace {

// A deadline that fell while nobody could answer gets a grace; the others stand.
void Grace(Draft& draft, int64_t until_ms) {
  const int64_t now = draft.now();
  std::set<std::pair<v1::Rung, uint64_t>> late;
  for (const Due& due : draft.state().due().Until(now, SIZE_MAX)) late.insert({due.rung, due.id});
  for (const auto& [rung, id] : late) {
    switch (rung) {
      case v1::RUNG_RECEIVE:
      case v1::RUNG_SEE:
      case v1::RUNG_ACCEPT:
      case v1::RUNG_EN_ROUTE:
      case v1::RUNG_ARRIVE:
      case v1::RUNG_COMPLETE:
      case v1::RUNG_DEFERRED:
      case v1::RUNG_ESCALATION:
        SetDeadline(draft.Duty(id), rung, until_ms);
        break;
      case v1::RUNG_LINK:
        draft.Delivery(id).set_receive_by_ms(until_ms);
        break;
      case v1::RUNG_TRANSFER:
        draft.Incident(id).set_transfer_until_ms(until_ms);
        break;
      case v1::RUNG_DISPUTE:
        draft.Incident(id).set_dispute_until_ms(until_ms);
        break;
      case v1::RUNG_QUIET_CLOSE:
        draft.Incident(id).set_quiet_close_ms(until_ms);
        break;
      default:
        break;
    }
  }
}

void RestFromErasing(Draft& draft, int64_t outage_ms) {
  if (outage_ms <= limits::kEraseRestMs || draft.site().settings().retention().empty()) return;
  draft.record().mutable_changes()->set_erase_from_ms(draft.now() + limits::kEraseRestMs);
  const int64_t days = outage_ms / limits::kEraseRestMs;
  v1::DeliveryState& notice = draft.QueueNotice(draft.site().settings().command_party(), v1::ORDINARY, v1::ACTUAL);
  notice.set_text(absl::StrCat("【销毁】服务器停机 ", days,
                               " 天后启动,24小时内暂停到期销毁;若时钟有误,请先校时,并启用不含 retention 的站点配置"));
  notice.set_text_en(
      absl::StrCat("Erasure: started after an outage of ", days,
                   " days; nothing is erased by time for 24 hours. If the clock is wrong, mend it and adopt "
                   "a site set without retention rules"));
}

}  // namespace

absl::StatusOr<Answer> DecideAdopt(Draft& draft, const AdoptCommand& command) {
  v1::AdoptSiteSetReply reply;
  const routing::Site* now_in_force = draft.state().site();
  v1::SiteSet set = command.site;
  set.set_version(now_in_force == nullptr ? 1 : now_in_force->version());
  if (now_in_force != nullptr && set.SerializeAsString() == now_in_force->proto().SerializeAsString()) {
    reply.set_version(set.version());
    reply.set_log_index(draft.state().index());
    reply.set_unchanged(true);
    return Answer(std::move(reply));
  }
  if (now_in_force != nullptr) set.set_version(now_in_force->version() + 1);
  auto compiled = routing::Site::Compile(set);
  if (!compiled.ok()) {
    return Refuse(absl::StatusCode::kInvalidArgument, "BAD_SITE_SET", std::string(compiled.status().message()),
                  "站点配置有误,整套未启用,原配置继续有效", "site");
  }
  if (now_in_force != nullptr && set.settings().trust_domain() != now_in_force->settings().trust_domain()) {
    return Refuse(absl::StatusCode::kInvalidArgument, "BAD_SITE_SET",
                  "trust_domain cannot change while certificates name the old one", "信任域不可更改",
                  "site.settings.trust_domain");
  }
  reply.set_version(set.version());
  reply.set_log_index(draft.context().index);
  v1::SiteSetAdopted* what = draft.record().mutable_site_set_adopted();
  *what->mutable_site() = std::move(set);
  what->set_content_hash(command.content_hash);
  return Answer(std::move(reply));
}

absl::StatusOr<Answer> DecideStarted(Draft& draft, const StartedCommand& command) {
  v1::HubStarted* what = draft.record().mutable_hub_started();
  what->set_wall_ms(command.wall_ms);
  what->set_outage_ms(command.outage_ms);
  what->set_version(command.version);
  if (draft.state().site() == nullptr) return Answer();
  const uint32_t grace_s = draft.site().settings().outage_grace_s() > 0 ? draft.site().settings().outage_grace_s() : 60;
  Grace(draft, draft.now() + int64_t{grace_s} * 1000);
  RestFromErasing(draft, command.outage_ms);
  return Answer();
}

absl::StatusOr<Answer> DecideClock(Draft& draft, const ClockCommand& command) {
  v1::ClockJumped* what = draft.record().mutable_clock_jumped();
  what->set_wall_ms(command.wall_ms);
  what->set_jump_ms(command.jump_ms);
  if (draft.state().site() == nullptr) return Answer();
  v1::DeliveryState& notice = draft.QueueNotice(draft.site().settings().command_party(), v1::ORDINARY, v1::ACTUAL);
  notice.set_text(absl::StrCat("【时钟】服务器时钟跳变 ", command.jump_ms / 1000, " 秒,时限未受影响,请检查授时"));
  notice.set_text_en(absl::StrCat("Clock: the server's wall clock jumped by ", command.jump_ms / 1000,
                                  " s; deadlines did not move; check its time source"));
  return Answer();
}

absl::StatusOr<Answer> DecideEvict(Draft& draft, const EvictCommand& command) {
  const State& state = draft.state();
  auto held = [&](uint64_t id) { return state.LastTouched(id) <= command.history_index; };
  std::set<uint64_t> leaving;
  for (uint64_t id : state.due().Evictable(draft.now(), limits::kEvictPerRecord)) {
    const v1::IncidentState* root = state.Root(id);
    // Merged incidents leave together, so that no link points out of memory.
    bool all_held = held(root->id()) && root->status() != v1::OPEN;
    for (uint64_t younger : root->merged()) all_held = all_held && held(younger);
    if (!all_held) continue;
    leaving.insert(root->id());
    leaving.insert(root->merged().begin(), root->merged().end());
  }
  if (leaving.empty()) return Answer();
  draft.record().mutable_incidents_evicted();
  for (uint64_t id : leaving) {
    if (state.FindIncident(id) == nullptr) continue;
    draft.record().mutable_changes()->add_evicted_incident(id);
    draft.record().add_incident_id(id);
    const v1::IncidentState* root = state.Root(id);
    if (root->id() == id) Keep(draft, *root);
  }
  return Answer();
}

absl::StatusOr<Answer> DecideRecall(Draft& draft, const RecallCommand& command) {
  if (command.changes.incident().empty() || draft.FindIncident(command.changes.incident(0).id()) != nullptr)
    return Answer();
  draft.record().mutable_incident_recalled()->set_why(command.why);
  *draft.record().mutable_changes() = command.changes;
  const uint32_t evict_s = draft.site().settings().evict_after_s() > 0 ? draft.site().settings().evict_after_s() : 600;
  for (auto& incident : *draft.record().mutable_changes()->mutable_incident()) {
    draft.record().add_incident_id(incident.id());
    incident.set_evict_ms(draft.now() + int64_t{evict_s} * 1000);
  }
  return Answer();
}

}  // namespace liandong::core
