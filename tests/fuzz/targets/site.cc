// The site set, as text from files and as a message over the wire.
#include "routing/site.h"

#include <map>

#include "google/protobuf/text_format.h"
#include "liandong/v1/config.pb.h"
#include "routing/check.h"
#include "routing/coverage.h"
#include "routing/load.h"
#include "routing/match.h"
#include "tests/fuzz/small_site.h"
#include "tests/fuzz/target.h"

namespace liandong::routing {
namespace {

using fuzz::Expect;

constexpr int64_t kNowMs = 1'783'900'800'000;

// Whoever compiled it, matching takes it.
void MatchSome(const Site& site) {
  for (const char* category : {"", "natural.flood", "service"}) {
    for (const char* division : {"", "339921100000"}) {
      Facts facts;
      facts.category = category;
      facts.division = division;
      facts.severity = division[0] == '\0' ? v1::SEVERITY_UNKNOWN : v1::MAJOR;
      facts.sources = {"police-110"};
      facts.opened_at_ms = kNowMs;
      facts.text = "有人受伤,停电了";
      const Routing routing = Match(site, facts, kNowMs);
      for (size_t i = 1; i < routing.duties.size(); ++i) {
        Expect(routing.duties[i - 1].party < routing.duties[i].party, "one duty a party, in order");
      }
    }
  }
}

const std::map<int, std::pair<std::string, const google::protobuf::Message*>>& Kinds() {
  static const auto& kinds = *new std::map<int, std::pair<std::string, const google::protobuf::Message*>>{
      {0, {"agreement", &v1::Agreement::default_instance()}},
      {1, {"settings", &v1::SiteSettings::default_instance()}},
      {2, {"parties", &v1::PartyFile::default_instance()}},
      {3, {"rosters", &v1::RosterFile::default_instance()}},
      {4, {"divisions", &v1::DivisionFile::default_instance()}},
      {5, {"categories", &v1::CategoryFile::default_instance()}},
      {6, {"calendar", &v1::CalendarFile::default_instance()}},
      {7, {"statutory", &v1::StatutoryFile::default_instance()}},
      {8, {"hub", &v1::HubConfig::default_instance()}}};
  return kinds;
}

}  // namespace

FUZZ_SEEDS(site_text) {
  std::vector<std::string> seeds;
  for (const auto& [number, kind] : Kinds()) {
    const std::string first(1, static_cast<char>(number));
    if (number > 0 && number < 8) {
      seeds.push_back(first + fuzz::ReadFile("deploy/county/site/" + kind.first + ".textproto").substr(0, 3000));
    }
    seeds.push_back(first + "id: \"a\" # 注释\nclause { id: \"1\" text: \"\\344\\270\\255\" when { categry: \"x\" } }");
  }
  for (const std::string& text : fuzz::ReadFiles("deploy/county/site/agreements")) {
    seeds.push_back(std::string(1, '\0') + text.substr(0, 3000));
  }
  return seeds;
}
// First byte: which file; then its text.
FUZZ_TARGET(site_text) {
  if (bytes.empty()) return;
  const auto& [name, kind] = Kinds().at(static_cast<unsigned char>(bytes[0]) % Kinds().size());
  std::unique_ptr<google::protobuf::Message> message(kind->New());
  std::vector<Finding> findings;
  const absl::Status status = ParseText(name + ".textproto", std::string(bytes.substr(1)), message.get(), &findings);
  size_t errors = 0;
  for (const Finding& finding : findings) {
    Expect(!finding.message.empty() && !finding.message_zh.empty(), "a finding has its words");
    if (!finding.warning) ++errors;
  }
  Expect(status.ok() == (errors == 0), "errors are refused: " + status.ToString());
}

FUZZ_SEEDS(site_set) {
  std::vector<std::string> seeds = {fuzz::SmallSite().SerializeAsString()};
  v1::SiteSet bare = fuzz::SmallSite();
  for (const std::string& text : fuzz::ReadFiles("deploy/county/site/agreements")) {
    bare.clear_agreement();
    Expect(google::protobuf::TextFormat::ParseFromString(text, bare.add_agreement()),
           "the county's agreements are good");
    seeds.push_back(bare.SerializeAsString());
  }
  return seeds;
}
FUZZ_TARGET(site_set) {
  v1::SiteSet set;
  if (!set.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;
  Findings findings;
  CheckSet(set, kNowMs, &findings);
  const bool good = findings.errors() == 0;
  const auto compiled = Site::Compile(set);
  Expect(compiled.ok() == good, "what the check takes compiles: " + compiled.status().ToString());
  // A log may hold a set that this version would refuse.
  MatchSome(*Site::CompileAdopted(set));
  if (!good) return;
  MatchSome(**compiled);
  const Coverage coverage = Cover(**compiled, /*today=*/0);
  Expect(coverage.steps < 100'000'000, "the analysis is bounded");
}

}  // namespace liandong::routing
