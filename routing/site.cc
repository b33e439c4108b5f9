#include "routing/site.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "routing/check.h"
#include "routing/clause_index.h"

namespace liandong::routing {

// Only looked up, never iterated: the order of a hash map must not be seen. The keys point into the set.
struct Site::Tables {
  absl::flat_hash_map<std::string_view, const v1::Party*> party;
  absl::flat_hash_map<std::string_view, const v1::Post*> post;
  absl::flat_hash_map<std::string_view, const v1::Category*> category;
  absl::flat_hash_map<std::string_view, const v1::Division*> division;
  absl::flat_hash_map<std::string_view, const v1::Agreement*> agreement;
  absl::flat_hash_map<std::pair<std::string_view, std::string_view>, const v1::Clause*> clause;
  absl::flat_hash_map<std::string_view, const v1::Party*> township;  // by significant digits
};

Site::Site() : tables_(std::make_unique<Tables>()) {}
Site::~Site() = default;

absl::StatusOr<std::shared_ptr<const Site>> Site::Compile(v1::SiteSet set) {
  Findings findings;
  CheckSet(set, /*now_ms=*/0, &findings);
  if (absl::Status status = StatusOf(findings.Take()); !status.ok()) return status;
  return CompileAdopted(std::move(set));
}

std::shared_ptr<const Site> Site::CompileAdopted(v1::SiteSet set) {
  std::shared_ptr<Site> site(new Site());
  site->set_ = std::move(set);
  Tables& tables = *site->tables_;
  for (const v1::Party& party : site->set_.party()) {
    if (!tables.party.emplace(party.id(), &party).second || party.kind() != v1::TOWNSHIP) continue;
    site->townships_.push_back(party.id());
    tables.township.emplace(Significant(party.division()), &party);
  }
  for (const v1::Post& post : site->set_.post()) tables.post.emplace(post.id(), &post);
  for (const v1::Category& category : site->set_.category()) tables.category.emplace(category.code(), &category);
  for (const v1::Division& division : site->set_.division()) tables.division.emplace(division.code(), &division);
  for (const v1::Agreement& agreement : site->set_.agreement()) {
    tables.agreement.emplace(agreement.id(), &agreement);
    for (const v1::Clause& clause : agreement.clause()) {
      tables.clause.emplace(std::pair<std::string_view, std::string_view>(agreement.id(), clause.id()), &clause);
    }
  }
  site->clauses_ = std::make_unique<ClauseIndex>(site->set_);
  return site;
}

namespace {

template <typename Map, typename Key>
auto Find(const Map& map, const Key& key) -> typename Map::mapped_type {
  auto it = map.find(key);
  return it == map.end() ? nullptr : it->second;
}

}  // namespace

const v1::Party* Site::FindParty(std::string_view id) const { return Find(tables_->party, id); }
const v1::Post* Site::FindPost(std::string_view id) const { return Find(tables_->post, id); }
const v1::Category* Site::FindCategory(std::string_view code) const { return Find(tables_->category, code); }
const v1::Division* Site::FindDivision(std::string_view code12) const { return Find(tables_->division, code12); }
const v1::Agreement* Site::FindAgreement(std::string_view id) const { return Find(tables_->agreement, id); }

const v1::Clause* Site::FindClause(const v1::ClauseRef& ref) const {
  return Find(tables_->clause, std::pair<std::string_view, std::string_view>(ref.agreement(), ref.clause()));
}

const v1::Party* Site::TownshipOf(std::string_view division) const {
  constexpr size_t kTownshipDigits = 9;
  std::string_view digits = Significant(division);
  if (digits.size() < kTownshipDigits) return nullptr;
  return Find(tables_->township, digits.substr(0, kTownshipDigits));
}

const v1::Party* Site::PartyOfTarget(std::string_view party_or_post) const {
  if (const v1::Party* party = FindParty(party_or_post)) return party;
  const v1::Post* post = FindPost(party_or_post);
  return post == nullptr ? nullptr : FindParty(post->party());
}

v1::Answer Site::CategoryDanger(std::string_view code) const {
  while (!code.empty()) {
    const v1::Category* category = FindCategory(code);
    if (category != nullptr && category->danger_to_life() != v1::ANSWER_UNKNOWN) return category->danger_to_life();
    size_t dot = code.rfind('.');
    code = dot == std::string_view::npos ? std::string_view() : code.substr(0, dot);
  }
  return v1::ANSWER_UNKNOWN;
}

std::string_view Site::Significant(std::string_view division) {
  // Village, township, county, city: a level of zeros names the whole area above it.
  struct Level {
    size_t digits;
    size_t above;
  };
  constexpr Level kLevels[] = {{12, 9}, {9, 6}, {6, 4}, {4, 2}};
  for (const Level& level : kLevels) {
    if (division.size() != level.digits) continue;
    if (division.substr(level.above).find_first_not_of('0') != std::string_view::npos) break;
    division = division.substr(0, level.above);
  }
  return division;
}

}  // namespace liandong::routing
