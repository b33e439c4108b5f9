// Who looks, as far as it decides what is seen: the command centre sees everything, a person of another party the
// incidents in which the party has a duty, and of those only its own lines. What one audience sees is encoded once for
// all its browsers.
//
// Pure; immutable.
#ifndef LIANDONG_ADAPTERS_SCREEN_AUDIENCE_H_
#define LIANDONG_ADAPTERS_SCREEN_AUDIENCE_H_

#include <compare>
#include <string>
#include <utility>

#include "liandong/v1/common.pb.h"
#include "liandong/v1/desk.pb.h"

namespace liandong::screen {

class Audience {
 public:
  static Audience Of(v1::PartyKind kind, const std::string& party) {
    return Audience(kind == v1::COMMAND ? std::string() : party);
  }

  bool whole() const { return party_.empty(); }
  const std::string& party() const { return party_; }  // "" for the whole

  bool Sees(const v1::IncidentSummary& summary) const;
  // The part that this audience sees; must be one that it sees at all.
  v1::IncidentSummary Cut(const v1::IncidentSummary& summary) const;

  auto operator<=>(const Audience&) const = default;

 private:
  explicit Audience(std::string party) : party_(std::move(party)) {}
  std::string party_;
};

}  // namespace liandong::screen

#endif  // LIANDONG_ADAPTERS_SCREEN_AUDIENCE_H_
