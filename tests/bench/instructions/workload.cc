// A fixed workload for counting instructions: the same commands, in the same order, with the same state, every time.
// run.py runs it under callgrind and reads what each of the functions named guard_... cost. Alone it measures nothing.
//
// The site has 12 agencies and 400 clauses; 4 of them fire for a report, so that three agencies get a duty each. The
// first reports only fill the memory.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "hub/core/command.h"
#include "hub/core/decide.h"
#include "hub/core/state.h"
#include "routing/match.h"

namespace liandong {
namespace {

constexpr int kAgencies = 12;
constexpr int kKinds = 4;  // kind k goes to the agencies 3k, 3k + 1, 3k + 2
constexpr int kAgreements = 40;
constexpr int kClauses = 10;  // in each
constexpr int kFill = 60;
constexpr int kCounted = 20;
constexpr int64_t kStartMs = 1'783'900'800'000;

std::string Han(std::mt19937& random, int characters) {
  std::string text;
  for (int i = 0; i < characters; ++i) {
    const uint32_t code = 0x4E00 + random() % 3000;
    text.push_back(static_cast<char>(0xE0 | (code >> 12)));
    text.push_back(static_cast<char>(0x80 | ((code >> 6) & 0x3F)));
    text.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  }
  return text;
}

v1::SiteSet MakeSite() {
  std::mt19937 random(1);
  v1::SiteSet site;
  v1::SiteSettings& settings = *site.mutable_settings();
  settings.set_name("县");
  settings.set_trust_domain("bench.liandong.example");
  settings.set_command_party("command");
  settings.set_utc_offset_minutes(480);
  settings.set_lead_receive_s(600);
  settings.set_lead_accept_s(3600);
  settings.set_support_receive_s(600);
  settings.set_support_accept_s(3600);
  settings.set_feedback_receive_s(3600);
  auto add_party = [&site](const std::string& id, v1::PartyKind kind) {
    v1::Party& party = *site.add_party();
    party.set_id(id);
    party.set_kind(kind);
    party.set_name_zh(id);
  };
  add_party("command", v1::COMMAND);
  add_party("hotline", v1::HOTLINE);
  for (int i = 0; i < kAgencies; ++i) add_party(absl::StrCat("agency-", i), v1::AGENCY);
  for (const char* code : {"339921000000", "339921100000"}) {
    v1::Division& division = *site.add_division();
    division.set_code(code);
    division.set_name_zh(code);
  }
  auto add_category = [&site](const std::string& code) {
    v1::Category& category = *site.add_category();
    category.set_code(code);
    category.set_name_zh(code);
  };
  add_category("natural");
  for (int k = 0; k < kKinds; ++k) add_category(absl::StrCat("natural.k", k));
  add_category("other");
  for (int a = 0; a < kAgreements; ++a) {
    v1::Agreement& agreement = *site.add_agreement();
    agreement.set_id(absl::StrCat("agreement-", a));
    agreement.set_title("协议");
    agreement.set_effective_from("2020-01-01");
    const int kind = a % kKinds;
    for (int i = 0; i < 3; ++i) agreement.add_party(absl::StrCat("agency-", 3 * kind + i));
    for (int c = 0; c < kClauses; ++c) {
      v1::Clause& clause = *agreement.add_clause();
      clause.set_id(absl::StrCat(c));
      clause.set_text(Han(random, 20));
      v1::Condition& when = *clause.add_when();
      // The first of each kind and its next three ask for the kind alone; the rest for words that come rarely.
      const bool fires = c == 0 && a < 4 * kKinds;
      when.add_category(absl::StrCat("natural.k", kind));
      for (int w = 0; !fires && w < 3; ++w) when.add_any_word(Han(random, 3));
      for (int i = 0; i < 3; ++i) {
        v1::DutySpec& duty = *clause.add_duty();
        duty.set_party(absl::StrCat("agency-", 3 * kind + i));
        duty.set_role(i == 0 ? v1::LEAD : v1::SUPPORT);
        duty.add_disclose(v1::PLACE);
        duty.add_disclose(v1::DESCRIPTION);
      }
    }
  }
  return site;
}

// What is counted. Each is a function of its own name, so that the profile shows it whatever the compiler does.
extern "C" {
[[gnu::noinline]] void guard_decide_report(const core::State& state, const core::Command& command,
                                           const core::Context& context, absl::StatusOr<core::Outcome>* out) {
  *out = core::Decide(state, command, context);
}
[[gnu::noinline]] void guard_decide_acknowledgment(const core::State& state, const core::Command& command,
                                                   const core::Context& context, absl::StatusOr<core::Outcome>* out) {
  *out = core::Decide(state, command, context);
}
[[gnu::noinline]] void guard_apply_report(core::State* state, const v1::Record& record) { state->Apply(record); }
[[gnu::noinline]] void guard_apply_acknowledgment(core::State* state, const v1::Record& record) {
  state->Apply(record);
}
[[gnu::noinline]] void guard_match(const routing::Site& site, const routing::Facts& facts, int64_t now_ms,
                                   routing::Routing* out) {
  *out = routing::Match(site, facts, now_ms);
}
}

class Workload {
 public:
  Workload() {
    core::AdoptCommand adopt;
    adopt.site = MakeSite();
    Apply(Decided(adopt, "command", ""));
  }

  void Run() {
    for (int i = 0; i < kFill + kCounted; ++i) One(i, i >= kFill);
    std::printf("%zu incidents open, %zu duties made, %d of each path counted\n", state_.open_incidents(), duties_,
                kCounted);
    // Three agencies each: anything else, and the counts would be of other work.
    if (state_.open_incidents() != kFill + kCounted || duties_ != 3u * (kFill + kCounted)) std::exit(1);
  }

 private:
  core::Context Around(const std::string& party, const std::string& text) {
    core::Context context;
    context.now_ms = now_ms_ += 10;
    context.index = state_.index() + 1;
    context.fresh_key_id = state_.next_key_id();
    context.text = text;
    context.actor.set_party(party);
    return context;
  }

  core::Outcome Decided(const core::Command& command, const std::string& party, const std::string& text) {
    return Need(core::Decide(state_, command, Around(party, text)));
  }
  static core::Outcome Need(absl::StatusOr<core::Outcome> outcome) {
    if (outcome.ok() && outcome->record.has_value()) return *std::move(outcome);
    std::fprintf(stderr, "the workload's command was refused: %s\n", std::string(outcome.status().message()).c_str());
    std::exit(1);
  }
  void Apply(const core::Outcome& outcome) { state_.Apply(*outcome.record); }

  void One(int number, bool counted) {
    const std::string text = Han(random_, 300);
    core::ReportCommand report;
    report.report.set_external_id(absl::StrCat("report-", number));
    v1::OpenPart& open = *report.report.mutable_open();
    open.set_purpose(v1::ACTUAL);
    open.set_category(absl::StrCat("natural.k", number % kKinds));
    open.set_severity(v1::GENERAL);
    open.set_division("339921100000");
    open.set_danger_to_life(v1::NO);
    report.sealed = std::string(950, 'x');
    report.content_mac = absl::StrCat("mac-", number);
    if (counted) {
      routing::Facts facts;
      facts.category = open.category();
      facts.severity = open.severity();
      facts.division = open.division();
      facts.danger_to_life = open.danger_to_life();
      facts.sources = {"hotline"};
      facts.opened_at_ms = now_ms_;
      facts.text = text;
      routing::Routing routing;
      guard_match(*state_.site(), facts, now_ms_, &routing);
    }
    absl::StatusOr<core::Outcome> outcome;
    if (counted) {
      const core::Context context = Around("hotline", text);
      guard_decide_report(state_, report, context, &outcome);
    } else {
      outcome = Decided(report, "hotline", text);
    }
    const core::Outcome decided = Need(std::move(outcome));
    if (counted) {
      guard_apply_report(&state_, *decided.record);
    } else {
      Apply(decided);
    }
    std::vector<std::pair<std::string, uint64_t>> deliveries;
    for (int a = 0; a < kAgencies; ++a) {
      const std::string party = absl::StrCat("agency-", a);
      const core::LaneBook& lane = state_.Book(party).ordinary;
      for (uint64_t sequence : lane.unreceived) deliveries.emplace_back(party, lane.queued.at(sequence));
    }
    for (const auto& [party, delivery] : deliveries) {
      for (v1::AckState rung : {v1::RECEIVED, v1::ACCEPTED}) {
        core::AckCommand ack;
        ack.ack.set_delivery_id(delivery);
        ack.ack.set_state(rung);
        absl::StatusOr<core::Outcome> answered;
        if (!counted) {
          Apply(Decided(ack, party, ""));
          continue;
        }
        const core::Context context = Around(party, "");
        guard_decide_acknowledgment(state_, ack, context, &answered);
        const core::Outcome acknowledged = Need(std::move(answered));
        guard_apply_acknowledgment(&state_, *acknowledged.record);
      }
    }
    duties_ += deliveries.size();
  }

  core::State state_;
  std::mt19937 random_{2};
  int64_t now_ms_ = kStartMs;
  size_t duties_ = 0;
};

}  // namespace
}  // namespace liandong

int main() {
  liandong::Workload().Run();
  return 0;
}
