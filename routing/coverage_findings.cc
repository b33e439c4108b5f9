#include "routing/coverage_findings.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "routing/check.h"
#include "routing/clause_index.h"
#include "routing/limits.h"

namespace liandong::routing {
namespace {

constexpr const char* kSeveritiesZh[] = {"一般", "较大", "重大", "特别重大"};
constexpr const char* kSeveritiesEn[] = {"general", "large", "major", "extreme"};
constexpr const char* kStagesZh[] = {"监测预警", "预防", "处置救援", "善后恢复"};
constexpr const char* kStagesEn[] = {"warning", "prevention", "response", "recovery"};
constexpr const char* kLevelsZh[] = {"未启动响应", "四级响应", "三级响应", "二级响应", "一级响应"};
constexpr const char* kLevelsEn[] = {"no response", "level IV", "level III", "level II", "level I"};
constexpr const char* kAnswersZh[] = {"是", "否"};
constexpr const char* kAnswersEn[] = {"yes", "no"};

class RegionTeller {
 public:
  RegionTeller(const Site& site, const Space& space, bool zh) : site_(site), space_(space), zh_(zh) {}

  std::string Tell(const Region& region) const {
    std::vector<std::string> parts;
    for (size_t i = 0; i < kAxes; ++i) {
      const std::vector<uint32_t>& values = region.values[i];
      if (values.size() == space_.size[i]) continue;
      auto axis = static_cast<Axis>(i);
      std::vector<std::string> names = axis == Axis::kCategory   ? Categories(values)
                                       : axis == Axis::kDivision ? Divisions(values)
                                                                 : Plain(axis, values);
      size_t all = names.size();
      if (all > limits::kRegionNamesMax) names.resize(limits::kRegionNamesMax);
      std::string list = absl::StrJoin(names, zh_ ? "、" : ", ");
      if (all > names.size()) absl::StrAppend(&list, zh_ ? " 等 " : " and others, ", all, zh_ ? " 项" : " in all");
      parts.push_back(absl::StrCat(AxisName(axis), zh_ ? "：" : ": ", list));
    }
    if (parts.empty()) return zh_ ? "所有情形" : "everything";
    return absl::StrJoin(parts, zh_ ? "；" : "; ");
  }

 private:
  std::string AxisName(Axis axis) const {
    static constexpr const char* kZh[kAxes] = {"类别",     "级别", "阶段", "响应级别", "危及生命",
                                               "设备报警", "渠道", "来源", "区域"};
    static constexpr const char* kEn[kAxes] = {"category",       "severity",       "stage",
                                               "response level", "danger to life", "device alarm",
                                               "channel",        "source",         "area"};
    return (zh_ ? kZh : kEn)[static_cast<size_t>(axis)];
  }

  std::vector<std::string> Plain(Axis axis, const std::vector<uint32_t>& values) const {
    std::vector<std::string> names;
    for (uint32_t value : values) {
      switch (axis) {
        case Axis::kSeverity:
          names.emplace_back((zh_ ? kSeveritiesZh : kSeveritiesEn)[value]);
          break;
        case Axis::kStage:
          names.emplace_back((zh_ ? kStagesZh : kStagesEn)[value]);
          break;
        case Axis::kResponseLevel:
          names.emplace_back((zh_ ? kLevelsZh : kLevelsEn)[value]);
          break;
        case Axis::kDanger:
        case Axis::kDevice:
          names.emplace_back((zh_ ? kAnswersZh : kAnswersEn)[value]);
          break;
        case Axis::kChannel:
          names.push_back(!space_.channel[value].empty() ? space_.channel[value] : zh_ ? "其他渠道" : "any other");
          break;
        default:
          names.push_back(PartyName(space_.source[value]));
      }
    }
    return names;
  }

  std::string PartyName(const std::string& id) const {
    const v1::Party* party = site_.FindParty(id);
    return zh_ && party != nullptr ? party->name_zh() : id;
  }

  std::string CategoryName(const std::string& code) const {
    const v1::Category* category = site_.FindCategory(code);
    return zh_ && category != nullptr ? absl::StrCat(category->name_zh(), "(", code, ")") : code;
  }

  // A subtree that is there whole is named by its root.
  std::vector<std::string> Categories(const std::vector<uint32_t>& values) const {
    std::set<std::string> there;
    for (uint32_t value : values) there.insert(space_.category[value]);
    auto below = [](const std::string& code, const std::string& root) {
      return code.starts_with(root) && code.size() > root.size() && code[root.size()] == '.';
    };
    auto whole = [&](const std::string& root) {
      return there.count(root) > 0 &&
             std::all_of(space_.category.begin(), space_.category.end(),
                         [&](const std::string& code) { return !below(code, root) || there.count(code) > 0; });
    };
    std::vector<std::string> names;
    for (uint32_t value : values) {
      std::string root = space_.category[value];
      for (size_t dot; (dot = root.rfind('.')) != std::string::npos && whole(root.substr(0, dot));) root.resize(dot);
      // The node by itself: an incident of which no more is known.
      std::string name = absl::StrCat(CategoryName(root), whole(root) ? "" : zh_ ? "（未细分）" : " (told no closer)");
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
    }
    return names;
  }

  std::vector<std::string> Divisions(const std::vector<uint32_t>& values) const {
    std::vector<std::string> names;
    for (uint32_t value : values) {
      const v1::Division* division = site_.FindDivision(space_.division[value]);
      names.push_back(division == nullptr ? space_.division[value]
                      : zh_               ? division->name_zh()
                                          : absl::StrCat(division->name_en(), " ", division->code()));
    }
    return names;
  }

  const Site& site_;
  const Space& space_;
  const bool zh_;
};

class Reporter {
 public:
  Reporter(const Site& site, const v1::SiteSet& source, const Coverage& coverage, Findings* out)
      : site_(site), source_(source), coverage_(coverage), out_(out) {
    for (const v1::Agreement& agreement : source.agreement()) {
      for (const v1::Clause& clause : agreement.clause()) {
        clauses_.push_back(&clause);
        names_.push_back(absl::StrCat(agreement.id(), "/", clause.id()));
      }
    }
  }

  void Run() {
    for (const CoverageHole& hole : coverage_.holes) hole.hole == Hole::kGap ? Gap(hole) : Overlap(hole);
    for (const DeadlineClash& clash : coverage_.clashes) Clash(clash);
    for (uint32_t number = 0; number < clauses_.size(); ++number) Unused(number);
    Unreachable();
    if (coverage_.whole) return;
    out_->Warn(source_, "", -1,
               absl::StrCat("the agreements distinguish too much to be looked at wholly (", coverage_.steps,
                            " steps); mend what was found and check again"),
               absl::StrCat("协议区分的情形过多，未能查完（", coverage_.steps, " 步）；请先改正已列各处再查"));
  }

 private:
  std::string Zh(const CoverageHole& hole) const { return RegionZh(site_, coverage_.space, hole.region); }
  std::string En(const CoverageHole& hole) const { return RegionEn(site_, coverage_.space, hole.region); }

  void Gap(const CoverageHole& hole) {
    // Written where the first of its categories is.
    const std::string& code = coverage_.space.category[hole.region.values[0].front()];
    const google::protobuf::Message* at = &source_;
    for (const v1::Category& category : source_.category()) {
      if (category.code() == code) at = &category;
    }
    out_->Warn(*at, at == &source_ ? "" : "code", -1,
               absl::StrCat("gap: nobody leads in ", En(hole),
                            "; add a clause with role: LEAD, or widen one with fallback: true to hold it"),
               absl::StrCat("空档：无主责单位。", Zh(hole),
                            "。请补一条主责（role: LEAD）条款，或用兜底条款（fallback: true）涵盖"),
               "gap");
  }

  std::string Leaders(uint32_t number) const {
    std::vector<std::string> parties;
    for (const v1::DutySpec& duty : clauses_[number]->duty()) {
      if (duty.role() == v1::LEAD) parties.push_back(duty.party());
    }
    return absl::StrCat(names_[number], " (", absl::StrJoin(parties, ", "), ")");
  }

  void Overlap(const CoverageHole& hole) {
    const bool possible = hole.hole == Hole::kPossibleOverlap;
    std::vector<std::string> who;
    for (uint32_t number : hole.clauses) who.push_back(Leaders(number));
    const std::string other = names_[hole.clauses.back()];
    out_->Warn(*clauses_[hole.clauses.front()], "id", -1,
               absl::StrCat(possible ? "possible overlap (words, time or verification): " : "overlap: ",
                            absl::StrJoin(who, " and "), " all lead in ", En(hole), "; write overrides: \"", other,
                            "\" or make one of them SUPPORT"),
               absl::StrCat(possible ? "可能重叠（取决于文字、时段或核实）：" : "重叠：", absl::StrJoin(who, " 与 "),
                            " 同为主责。", Zh(hole), "。请写 overrides: \"", other,
                            "\"（写在应优先的一条），或将其中一方改为协办（SUPPORT）"),
               possible ? "possible-overlap" : "overlap");
  }

  void Clash(const DeadlineClash& clash) {
    const std::string &low = names_[clash.low_clause], &high = names_[clash.high_clause];
    out_->Warn(
        *clauses_[clash.high_clause], "id", -1,
        absl::StrCat(clash.possible ? "possibly contradictory deadlines" : "contradictory deadlines", ": ", low,
                     " and ", high, " together ask ", Quoted(clash.party), " for ", clash.low, " ", clash.low_s,
                     " after ", clash.high, " ", clash.high_s, ", in ", RegionEn(site_, coverage_.space, clash.region),
                     "; write a ", clash.low, " of at most ", clash.high_s, " into ", high),
        absl::StrCat(clash.possible ? "时限可能矛盾：" : "时限矛盾：", low, " 与 ", high, " 同时适用时，",
                     Quoted(clash.party), " 的 ", clash.low, "（", clash.low_s, "）晚于 ", clash.high, "（",
                     clash.high_s, "）。", RegionZh(site_, coverage_.space, clash.region), "。请在 ", high,
                     " 写不超过 ", clash.high_s, " 的 ", clash.low),
        "deadline");
  }

  void Unused(uint32_t number) {
    const ClauseUse& use = coverage_.use[number];
    if (!use.in_force) return;
    const v1::Clause& clause = *clauses_[number];
    const std::string& name = names_[number];
    std::string by = use.set_aside_by ? names_[*use.set_aside_by] : "";
    if (!use.holds) {
      out_->Warn(clause, "id", -1,
                 absl::StrCat("dead clause: the conditions of ", name, " can never hold together; mend or remove it"),
                 absl::StrCat("死条款：", name, " 的条件不可能同时成立；请改正或删去"), "dead");
    } else if (!use.fires && clause.fallback()) {
      out_->Warn(clause, "fallback", -1,
                 absl::StrCat("dead clause: wherever the fallback ", name,
                              " applies another clause leads, for example ", by, "; remove it"),
                 absl::StrCat("死条款：兜底条款 ", name, " 所涉之处均已有主责，例如 ", by, "；可删去"), "dead");
    } else if (!use.fires) {
      out_->Warn(clause, "id", -1,
                 absl::StrCat("dead clause: ", name, " is overridden wherever it applies, for example by ", by,
                              "; remove it or the overrides"),
                 absl::StrCat("死条款：", name, " 处处被取代，例如 ", by, "；请删去该条款或相应的 overrides"), "dead");
    } else if (!use.leads && site_.clauses().clauses()[number].leads) {
      out_->Warn(
          clause, "id", -1,
          absl::StrCat("shadowed: the LEAD of ", name, " yields everywhere to a more specific clause, for example ", by,
                       "; write SUPPORT, or remove the duty"),
          absl::StrCat("被遮蔽：", name, " 的主责处处让位于更具体的条款，例如 ", by,
                       "；请改为协办（SUPPORT）或删去该任务"),
          "shadowed");
    }
  }

  // Who has a duty can be rung up: by a post's number or its own.
  void Unreachable() {
    std::set<std::string> reachable, told;
    for (const v1::Party& party : source_.party()) {
      if (!party.phone_24h().empty()) reachable.insert(party.id());
    }
    for (const v1::Post& post : source_.post()) {
      if (!post.phone_24h().empty()) reachable.insert(post.party());
    }
    for (const v1::Clause* clause : clauses_) {
      for (const v1::DutySpec& duty : clause->duty()) {
        if (site_.FindParty(duty.party()) == nullptr || reachable.count(duty.party()) > 0) continue;
        if (!told.insert(duty.party()).second) continue;
        out_->Warn(duty, "party", -1,
                   absl::StrCat("no roster: ", Quoted(duty.party()),
                                " has duties but no 24-hour number; write phone_24h in parties.textproto, or a post "
                                "in rosters.textproto"),
                   absl::StrCat("无值班表：", Quoted(duty.party()),
                                " 有任务而无 24 小时电话；请在 parties.textproto 写 phone_24h，或在 rosters.textproto "
                                "设岗位"),
                   "roster");
      }
    }
  }

  const Site& site_;
  const v1::SiteSet& source_;
  const Coverage& coverage_;
  Findings* out_;
  std::vector<const v1::Clause*> clauses_;
  std::vector<std::string> names_;
};

}  // namespace

std::string RegionZh(const Site& site, const Space& space, const Region& region) {
  return RegionTeller(site, space, true).Tell(region);
}

std::string RegionEn(const Site& site, const Space& space, const Region& region) {
  return RegionTeller(site, space, false).Tell(region);
}

void CheckCoverage(const Site& site, const v1::SiteSet& source, const Coverage& coverage, Findings* findings) {
  Reporter(site, source, coverage, findings).Run();
}

}  // namespace liandong::routing
