// A night of random incidents under random agreements, in a real hub without network and disk. Every personal or
// restricted value is one of a kind; whatever the hub sends to anybody is looked through for all of them.
#ifndef LIANDONG_TESTS_DISCLOSURE_NIGHT_H_
#define LIANDONG_TESTS_DISCLOSURE_NIGHT_H_

#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "hub/core/errors.h"
#include "hub/feed/framer.h"
#include "hub/requests.h"
#include "tests/disclosure/needles.h"
#include "tests/disclosure/papers.h"
#include "tests/fuzz/one_hub.h"

namespace liandong::disclosure {

// One value that not everybody may see.
struct Secret {
  std::string what;                         // "DESCRIPTION of report r3 by police-110"
  v1::Field field = v1::FIELD_UNSPECIFIED;  // which clauses may disclose; unspecified: none can
  uint64_t incident = 0;
  std::set<std::string> whose;    // who said it, or to whom it is said
  bool to_reporters = false;      // goes back to who reported the incident
  bool not_even_command = false;  // of a record that is marked secret
  bool in_clear = false;          // may stand in the log: an id, a count
};

class Night {
 public:
  // The hub works by `in_force`; what may be seen is read from `papers`.
  Night(uint32_t seed, const v1::SiteSet& papers, const v1::SiteSet& in_force);
  ~Night();

  void Step();
  // The log and its lines; once, at the end.
  void LookThroughTheLog();

  // "power: DESCRIPTION of ... in a delivery", each once.
  const std::set<std::string>& leaks() const { return leaks_; }
  // How often a clause let a party see a field of another's report; all bytes looked through.
  const std::map<v1::Field, int>& shown() const { return shown_; }
  const std::map<v1::Field, int>& withheld() const { return withheld_; }
  size_t bytes() const { return bytes_; }

 private:
  struct Told {  // one report as it stands
    std::string party, id;
    uint64_t incident = 0;
    bool secret = false;
    uint64_t revision = 0;
    std::set<v1::Field> filled;
  };
  struct Sink;

  int Below(int bound) { return static_cast<int>(random_() % bound); }
  template <typename Array>
  std::string AnyOf(const Array& array) {
    return array[Below(static_cast<int>(array.size()))];
  }
  std::string AnyParty();
  uint64_t AnyIncident();
  std::string Token();

  // A text of one secret, known from now on.
  std::string NewText(Secret secret, const std::string& text = "");
  void Know(const Secret& secret, const std::vector<std::string>& needles);

  void Report();
  void Acknowledge();
  void Order();
  void Transfer();
  void Give();
  void Join();
  void Correct();
  void Read();

  // Runs the work, then lets every party store what it was sent; all that left is looked through.
  void Do(hub::Work work);
  void TakeStock();
  void Look(const std::string& party, const std::string& where, std::string_view bytes);
  void LookAtViews(const std::string& party, const v1::Delivery& delivery);
  bool May(const Secret& secret, const std::string& party) const;
  uint64_t Group(uint64_t incident) const;
  static v1::Actor Who(const std::string& party, const std::string& person = "");
  // Looks through an answer or a refusal.
  template <typename T>
  hub::Done<T> AnswerTo(const std::string& party, bool* ok = nullptr) {
    return [this, party, ok](absl::StatusOr<T> answer) {
      if (ok != nullptr) *ok = answer.ok();
      if (answer.ok()) return Look(party, "an answer", answer->SerializeAsString());
      Look(party, "an error",
           std::string(answer.status().message()) + core::DetailOf(answer.status()).SerializeAsString());
    };
  }

  std::mt19937 random_;
  const v1::SiteSet papers_;
  fuzz::OneHub hub_;
  std::map<std::string, std::shared_ptr<Sink>> lines_;
  std::map<std::string, uint64_t> streams_;
  feed::Framer framer_{1};
  std::mutex feed_mutex_;
  std::vector<std::string> feed_;

  std::vector<Secret> secrets_;
  Needles needles_;
  std::map<std::string, Told> told_;  // by party and id
  std::map<std::pair<uint64_t, std::string>, Fields> granted_;
  std::map<uint64_t, std::set<std::string>> reporters_;
  std::map<uint64_t, std::string> texts_;
  std::map<uint64_t, uint64_t> group_;                           // incident -> one that it was ever merged with
  std::vector<std::pair<std::string, uint64_t>> deliveries_;     // party, id
  std::map<uint64_t, std::pair<uint64_t, std::string>> duties_;  // duty -> incident, party
  std::map<uint64_t, v1::IncidentState> incidents_;

  std::set<std::string> leaks_;
  std::map<v1::Field, int> shown_, withheld_;
  size_t bytes_ = 0;
};

}  // namespace liandong::disclosure

#endif  // LIANDONG_TESTS_DISCLOSURE_NIGHT_H_
