#include <algorithm>
#include <set>

#include "routing/coverage.h"

namespace liandong::routing {
namespace {

constexpr size_t kSeverities = 4, kStages = 4, kLevels = 5, kAnswers = 2;

void CollectChannels(const v1::Condition& when, std::set<std::string>* out) {
  out->insert(when.channel().begin(), when.channel().end());
  for (const v1::Condition& one : when.any_of()) CollectChannels(one, out);
  for (const v1::Condition& one : when.none_of()) CollectChannels(one, out);
}

}  // namespace

std::vector<std::string> CategoryLeaves(const v1::SiteSet& set) {
  std::set<std::string> inner;
  for (const v1::Category& category : set.category()) {
    size_t dot = category.code().rfind('.');
    if (dot != std::string::npos) inner.insert(category.code().substr(0, dot));
  }
  std::vector<std::string> leaves;
  for (const v1::Category& category : set.category()) {
    if (inner.count(category.code()) == 0) leaves.push_back(category.code());
  }
  return leaves;
}

Space SpaceOf(const Site& site) {
  Space space;
  const v1::SiteSet& set = site.proto();
  for (const v1::Category& category : set.category()) space.category.push_back(category.code());
  std::set<std::string> channels;
  for (const v1::Agreement& agreement : set.agreement()) {
    for (const v1::Clause& clause : agreement.clause()) {
      for (const v1::Condition& when : clause.when()) CollectChannels(when, &channels);
    }
  }
  channels.erase("");
  space.channel.assign(channels.begin(), channels.end());
  space.channel.emplace_back();
  for (const v1::Party& party : set.party()) {
    if (party.kind() != v1::HUB) space.source.push_back(party.id());
  }
  std::vector<std::string> digits;
  for (const v1::Division& division : set.division()) digits.emplace_back(Site::Significant(division.code()));
  std::sort(digits.begin(), digits.end());
  for (const v1::Division& division : set.division()) {
    std::string own(Site::Significant(division.code()));
    auto next = std::upper_bound(digits.begin(), digits.end(), own);
    if (next == digits.end() || !next->starts_with(own)) space.division.push_back(division.code());
  }
  if (space.division.empty()) space.division.emplace_back();
  space.size = {space.category.size(), kSeverities,          kStages, kLevels, kAnswers, kAnswers, space.channel.size(),
                space.source.size(),   space.division.size()};
  return space;
}

}  // namespace liandong::routing
