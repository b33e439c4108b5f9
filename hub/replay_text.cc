#include "hub/replay_text.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "nlohmann/json.hpp"

namespace liandong::hub {
namespace {

struct PartyCount {
  int gained = 0, lost = 0, changed = 0, late = 0, in_time = 0;
};

struct Counts {
  int elsewhere = 0, deadlines = 0, undecided_erased = 0, undecided_no_key = 0, erased = 0;
  std::map<std::string, PartyCount> party;
};

Counts Count(const Replayed& replayed) {
  Counts counts;
  for (const core::ReplayedIncident& incident : replayed.incident) {
    counts.erased += incident.told == core::Told::kErased ? 1 : 0;
    if (incident.undecided) {
      ++(incident.told == core::Told::kErased ? counts.undecided_erased : counts.undecided_no_key);
      continue;
    }
    counts.elsewhere += incident.duties.empty() ? 0 : 1;
    counts.deadlines += incident.deadlines.empty() ? 0 : 1;
    for (const core::DutyChange& duty : incident.duties) {
      PartyCount& party = counts.party[duty.party];
      ++(duty.before == v1::ROLE_UNSPECIFIED  ? party.gained
         : duty.after == v1::ROLE_UNSPECIFIED ? party.lost
                                              : party.changed);
    }
    for (const core::DeadlineChange& deadline : incident.deadlines) {
      PartyCount& party = counts.party[deadline.party];
      ++(deadline.missed_after ? party.late : party.in_time);
    }
  }
  return counts;
}

const char* Say(v1::Role role) {
  switch (role) {
    case v1::LEAD:
      return "主责 LEAD";
    case v1::SUPPORT:
      return "协办 SUPPORT";
    case v1::INFORM:
      return "告知 INFORM";
    default:
      return "无任务 none";
  }
}

const char* Say(v1::Rung rung) {
  switch (rung) {
    case v1::RUNG_RECEIVE:
      return "接收 receive";
    case v1::RUNG_SEE:
      return "看到 see";
    case v1::RUNG_ACCEPT:
      return "受理 accept";
    case v1::RUNG_EN_ROUTE:
      return "出动 en route";
    case v1::RUNG_ARRIVE:
      return "到场 arrive";
    default:
      return "办结 complete";
  }
}

class Writer {
 public:
  explicit Writer(const Replayed& replayed)
      : replayed_(replayed),
        zone_(absl::FixedTimeZone(replayed.site->settings().utc_offset_minutes() * 60)),
        counts_(Count(replayed)) {}

  std::string Text() {
    absl::StrAppend(&out_, "重放 replay: ", replayed_.log_dir, "，记录 records ", replayed_.records, "，",
                    Time(replayed_.first_ms), " – ", Time(replayed_.last_ms),
                    "\n新协议 agreements tried: ", replayed_.site_dir,
                    "\n事件 incidents routed: ", replayed_.incident.size(),
                    "\n去向不同 would have gone elsewhere: ", counts_.elsewhere,
                    "\n时限结果不同 deadlines kept or missed otherwise: ", counts_.deadlines,
                    "\n个人信息已销毁 personal data erased: ", counts_.erased,
                    "\n取决于文字、无法判断 depend on words that "
                    "cannot be read: ",
                    counts_.undecided_erased, " 已销毁 erased, ", counts_.undecided_no_key, " 无密钥 without a key",
                    replayed_.with_keys ? "" : "（未给主密钥 no master key was given）", "\n");
    for (const auto& [id, party] : counts_.party) {
      absl::StrAppend(&out_, "  ", Name(id), ": 新增任务 gained ", party.gained, "，失去 lost ", party.lost,
                      "，角色改变 role changed ", party.changed, "，会逾期 would have been late ", party.late,
                      "，不再逾期 no longer late ", party.in_time, "\n");
    }
    for (const core::ReplayedIncident& incident : replayed_.incident) Tell(incident);
    return out_;
  }

 private:
  std::string Time(int64_t ms) const { return absl::FormatTime("%Y-%m-%d %H:%M:%S", absl::FromUnixMillis(ms), zone_); }

  std::string Name(const std::string& id) const {
    const v1::Party* party = replayed_.site->FindParty(id);
    return party == nullptr ? id : absl::StrCat(party->name_zh(), "（", id, "）");
  }

  std::string Limit(int64_t by_ms, int64_t opened_ms) const {
    return by_ms == 0 ? "无 none" : absl::StrCat((by_ms - opened_ms) / 1000, " s");
  }

  void Tell(const core::ReplayedIncident& incident) {
    const bool erased = incident.told == core::Told::kErased;
    if (!incident.Differs() && !incident.undecided && !erased) return;
    const v1::Category* category = replayed_.site->FindCategory(incident.category);
    const v1::Division* division = replayed_.site->FindDivision(incident.division);
    absl::StrAppend(
        &out_, "事件 incident ", incident.id, "，",
        category == nullptr ? incident.category.empty() ? "类别不明" : incident.category : category->name_zh(), "，",
        division == nullptr ? incident.division.empty() ? "地点不明" : incident.division : division->name_zh(), "，",
        Time(incident.opened_at_ms));
    if (incident.purpose != v1::ACTUAL) absl::StrAppend(&out_, "，", v1::Purpose_Name(incident.purpose));
    if (erased) absl::StrAppend(&out_, "，个人信息已销毁 personal data erased");
    if (incident.undecided) {
      absl::StrAppend(&out_, "：取决于报告文字，", erased ? "文字已销毁" : "没有密钥",
                      "，无法判断 depends on words that cannot be read\n");
      return;
    }
    absl::StrAppend(&out_, incident.Differs() ? "\n" : "：没有不同 nothing differs\n");
    for (const core::DutyChange& duty : incident.duties) {
      const char* sign = duty.before == v1::ROLE_UNSPECIFIED ? "+" : duty.after == v1::ROLE_UNSPECIFIED ? "-" : "~";
      absl::StrAppend(&out_, "  ", sign, " ", Name(duty.party), ": ", Say(duty.before), " → ", Say(duty.after), "\n");
    }
    for (const core::DeadlineChange& one : incident.deadlines) {
      absl::StrAppend(&out_, "  ", one.missed_after ? "! " : "= ", Name(one.party), " ", Say(one.rung),
                      ": 报警后时限 limit after opening ", Limit(one.before_ms, incident.opened_at_ms), " → ",
                      Limit(one.after_ms, incident.opened_at_ms), "，实际 in fact ",
                      one.reached_ms == 0 ? "未达到 never" : Limit(one.reached_ms, incident.opened_at_ms),
                      one.missed_after ? "：会逾期 would have been late" : "：不再逾期 would not have been late", "\n");
    }
  }

  const Replayed& replayed_;
  const absl::TimeZone zone_;
  const Counts counts_;
  std::string out_;
};

nlohmann::json Json(const core::ReplayedIncident& incident) {
  nlohmann::json duties = nlohmann::json::array(), deadlines = nlohmann::json::array();
  for (const core::DutyChange& duty : incident.duties) {
    duties.push_back({{"party", duty.party},
                      {"before", duty.before == 0 ? "" : v1::Role_Name(duty.before)},
                      {"after", duty.after == 0 ? "" : v1::Role_Name(duty.after)}});
  }
  for (const core::DeadlineChange& one : incident.deadlines) {
    deadlines.push_back({{"party", one.party},
                         {"rung", v1::Rung_Name(one.rung)},
                         {"beforeMs", one.before_ms},
                         {"afterMs", one.after_ms},
                         {"reachedMs", one.reached_ms},
                         {"missedAfter", one.missed_after}});
  }
  return {{"incident", incident.id},
          {"category", incident.category},
          {"division", incident.division},
          {"purpose", v1::Purpose_Name(incident.purpose)},
          {"openedAtMs", incident.opened_at_ms},
          {"erased", incident.told == core::Told::kErased},
          {"undecided", incident.undecided},
          {"duties", duties},
          {"deadlines", deadlines}};
}

}  // namespace

std::string ReplayText(const Replayed& replayed) { return Writer(replayed).Text(); }

std::string ReplayJson(const Replayed& replayed) {
  const Counts counts = Count(replayed);
  nlohmann::json parties = nlohmann::json::object(), list = nlohmann::json::array();
  for (const auto& [id, party] : counts.party) {
    parties[id] = {{"gained", party.gained},
                   {"lost", party.lost},
                   {"roleChanged", party.changed},
                   {"late", party.late},
                   {"noLongerLate", party.in_time}};
  }
  for (const core::ReplayedIncident& incident : replayed.incident) {
    const bool told = incident.Differs() || incident.undecided || incident.told == core::Told::kErased;
    if (told) list.push_back(Json(incident));
  }
  return nlohmann::json({{"records", replayed.records},
                         {"incidents", replayed.incident.size()},
                         {"elsewhere", counts.elsewhere},
                         {"deadlinesDiffer", counts.deadlines},
                         {"erased", counts.erased},
                         {"undecidedErased", counts.undecided_erased},
                         {"undecidedWithoutKey", counts.undecided_no_key},
                         {"withKeys", replayed.with_keys},
                         {"parties", parties},
                         {"list", list}})
             .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) +
         "\n";
}

}  // namespace liandong::hub
