// Random agreements, and what they disclose, read by rules of its own: as simple as the paper, nothing shared with the
// hub's matcher.
#ifndef LIANDONG_TESTS_DISCLOSURE_PAPERS_H_
#define LIANDONG_TESTS_DISCLOSURE_PAPERS_H_

#include <array>
#include <map>
#include <random>
#include <set>
#include <string>

#include "liandong/v1/site.pb.h"

namespace liandong::disclosure {

inline constexpr std::array kFields = {v1::PLACE,      v1::DESCRIPTION, v1::CALLER_NAME,   v1::CALLER_PHONE,
                                       v1::CASUALTIES, v1::MEDICAL,     v1::SOURCE_RECORD, v1::DETAILS};
// Those that show a part of another one.
inline constexpr std::array kMasked = {v1::CALLER_NAME_MASKED, v1::CALLER_PHONE_MASKED};
inline constexpr std::array kHotlines = {"police-110", "hotline-12345", "medical-120"};
inline constexpr std::array kAgencies = {"power", "telecom", "highway", "weather"};
inline constexpr std::array kTowns = {"town-one", "town-two"};
inline constexpr std::array kDivisions = {"", "339921100000", "339921101000"};
inline constexpr std::array kCategories = {"",         "natural.flood", "natural.flood.urban", "natural.landslide",
                                           "accident", "service"};
// Words that clauses ask for and callers may say.
inline constexpr std::array kWords = {"停电", "被困", "断网"};

using Fields = std::set<v1::Field>;

// Never refused by the check of site sets.
v1::SiteSet RandomPapers(std::mt19937& random);

// What the hub knows of an incident.
struct Known {
  std::string category, division;
  v1::Severity severity = v1::SEVERITY_UNKNOWN;
  std::set<std::string> sources;
  std::string text;  // everything that was told
};

// What the clauses disclose to each party of such an incident. A clause that may apply only because something is not
// known discloses the place and no more.
std::map<std::string, Fields> DisclosedBy(const v1::SiteSet& papers, const Known& known);

}  // namespace liandong::disclosure

#endif  // LIANDONG_TESTS_DISCLOSURE_PAPERS_H_
