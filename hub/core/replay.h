// What another set of agreements would have made of the past: the log is folded again, and wherever the hub routed an
// incident, both the set in force then and the new one are asked. Nothing is written.
//
// Both sides are worked out in the same way from what was known then, so that what differs follows from the agreements
// alone: what people assigned, reassigned or ordered beside them is on neither side. Secret incidents are left out.
#ifndef LIANDONG_HUB_CORE_REPLAY_H_
#define LIANDONG_HUB_CORE_REPLAY_H_

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "hub/core/state.h"
#include "routing/match.h"

namespace liandong::core {

// The rungs of a duty in the order in which they are climbed.
inline constexpr std::array<v1::Rung, 6> kClimbedRungs = {v1::RUNG_RECEIVE,  v1::RUNG_SEE,    v1::RUNG_ACCEPT,
                                                          v1::RUNG_EN_ROUTE, v1::RUNG_ARRIVE, v1::RUNG_COMPLETE};

enum class Told : uint8_t { kWhole, kErased, kNoKey };  // what could be read of the reports' words

struct DutyChange {
  std::string party;
  v1::Role before = v1::ROLE_UNSPECIFIED;  // unspecified: had none
  v1::Role after = v1::ROLE_UNSPECIFIED;   // unspecified: would have none
};

// Of a duty that both sides have: the deadlines differ, and one was kept and the other would not have been.
struct DeadlineChange {
  std::string party;
  v1::Rung rung = v1::RUNG_UNSPECIFIED;
  int64_t before_ms = 0, after_ms = 0;  // 0: none
  int64_t reached_ms = 0;               // 0: never
  bool missed_after = false;            // kept then, missed under the new set; false: the other way round
};

struct ReplayedIncident {
  uint64_t id = 0;
  std::string category, division;
  v1::Purpose purpose = v1::PURPOSE_UNSPECIFIED;
  int64_t opened_at_ms = 0;
  Told told = Told::kWhole;
  bool undecided = false;  // where it goes depends on words that cannot be read; nothing more is said of it then
  std::vector<DutyChange> duties;
  std::vector<DeadlineChange> deadlines;
  bool Differs() const { return !duties.empty() || !deadlines.empty(); }
};

class Replay {
 public:
  // The clear text of what is sealed under the key of this incident. FailedPrecondition: erased. Any other error: there
  // is no key.
  using OpenText = std::function<absl::StatusOr<std::string>(const v1::IncidentState& incident, const std::string&)>;

  Replay(std::shared_ptr<const routing::Site> with, OpenText open);
  ~Replay();

  // Every record of the log, in order.
  void See(const v1::Record& record);
  // All incidents that were routed, by id.
  std::vector<ReplayedIncident> Finish() const;

 private:
  // One party under one set of agreements.
  struct Side {
    v1::Role role = v1::ROLE_UNSPECIFIED;
    v1::DutyState clock;  // its deadlines
  };
  using Sides = std::map<std::string, Side>;
  // What the party really did.
  struct Deeds {
    bool known = false;
    v1::DutyState duty;  // as it stood last
    std::array<int64_t, kClimbedRungs.size()> reached_ms{};
    int64_t ended_ms = 0;
  };
  struct Book {
    ReplayedIncident head;
    Sides before, after;
    std::map<std::string, Deeds> deeds;
  };
  struct Words;

  void NoteDeeds(const v1::Record& record);
  void Route(uint64_t incident_id, const v1::Record& record);
  Words WordsOf(const v1::IncidentState& incident, const v1::Record& record) const;
  void Ask(const routing::Site& site, const v1::IncidentState& incident, const routing::Routing& routing,
           int64_t now_ms, const Book& book, Sides* sides) const;
  void CompareDeadlines(const Book& book, const std::string& party, const Side& before, const Side& after,
                        ReplayedIncident* out) const;

  const std::shared_ptr<const routing::Site> with_;
  const OpenText open_;
  State state_;
  std::map<uint64_t, Book> books_;
};

}  // namespace liandong::core

#endif  // LIANDONG_HUB_CORE_REPLAY_H_
