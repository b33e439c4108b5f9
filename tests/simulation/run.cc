#include "tests/simulation/run.h"

#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "routing/load.h"
#include "tests/simulation/desk.h"
#include "tests/simulation/deterministic_random.h"
#include "tests/simulation/hub_node.h"
#include "tests/simulation/plants.h"
#include "tests/simulation/station.h"

namespace liandong::sim {
namespace {

constexpr int kRestRounds = 3000;  // ten simulated minutes
constexpr int64_t kRestRoundMs = 200;
constexpr int kStartTries = 5;
const char* const kHotlines[] = {"police-110", "hotline-12345", "medical-120", "fire-119"};
// Two hotlines' adapters and an agency's with the real spool; a run with one for each party would be all SQLite.
const char* const kAdapters[] = {"police-110", "hotline-12345", "power-supply"};

class Folder {
 public:
  Folder() {
    std::string name = std::filesystem::temp_directory_path() / "liandong-sim-XXXXXX";
    path_ = mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Writes down what happens, for people.
class Scribe : public Witness {
 public:
  explicit Scribe(const std::string& path) : out_(path) {}
  void Fault(const std::string& kind) { out_ << "fault " << kind << "\n"; }
  void Durable(const std::string&, const v1::Record& record) override {
    out_ << "record " << record.ShortDebugString() << "\n";
  }
  void Sent(const std::string& party, const v1::Deliveries& frame) override {
    for (const auto& one : frame.delivery())
      out_ << "sent " << party << " " << one.envelope().ShortDebugString() << "\n";
  }
  void Stored(const std::string& party, const v1::Envelope& envelope) override {
    out_ << "stored " << party << " " << envelope.delivery_id() << std::endl;
  }
  void Started(const core::State& state, const std::vector<v1::Record>&) override {
    out_ << "started from record " << state.index() << "\n";
  }

 private:
  std::ofstream out_;
};

class Play {
 public:
  Play(const v1::SiteSet& site, const Job& job) : site_(site), world_(job.seed, job.plant, folder_.path()) {
    SimDisks::Get().Reset(&world_.faults);
    SetDeterministicRandom(job.seed);
    const Plant* planted = FindPlant(job.plant);
    if (!job.records.empty()) {
      auto scribe = std::make_unique<Scribe>(job.records);
      world_.faults.told = [raw = scribe.get()](const std::string& kind) { raw->Fault(kind); };
      world_.checkers.push_back(std::move(scribe));
    }
    for (auto& checker : MakeCheckers(site, planted == nullptr ? "" : planted->checker, &world_.failure))
      world_.checkers.push_back(std::move(checker));
    hub_ = std::make_unique<HubNode>(&world_, site);
    desk_ = std::make_unique<Desk>(&world_, hub_.get(), site);
    for (const auto& party : site.party()) {
      const bool spool = std::find(std::begin(kAdapters), std::end(kAdapters), party.id()) != std::end(kAdapters);
      stations_.push_back(std::make_unique<Station>(&world_, hub_.get(), party.id(),
                                                    spool ? MakeSpoolStore(&world_, party.id()) : MakeMemoryStore()));
    }
    for (const auto& category : site.category()) categories_.push_back(category.code());
  }

  RunResult Go(uint64_t steps, uint64_t* steps_begun) {
    RunResult result;
    StartHub();
    while (result.steps < steps && !world_.failure.any()) {
      ++result.steps;
      if (steps_begun != nullptr) *steps_begun = result.steps;
      Step();
      MendTheDead();
    }
    if (!world_.failure.any()) Rest();
    result.trace = world_.trace;
    result.failure = world_.failure;
    result.faults = world_.faults;
    result.records = hub_->state() == nullptr ? 0 : hub_->state()->index();
    return result;
  }

 private:
  Station& Any() { return *stations_[world_.random.Below(stations_.size())]; }
  Station& AnyAdapter() { return Of(kAdapters[world_.random.Below(std::size(kAdapters))]); }
  Station& Of(const std::string& party) {
    for (auto& station : stations_) {
      if (station->party() == party) return *station;
    }
    return *stations_.front();
  }

  // What happens next, of everything that could.
  void Step() {
    Random& random = world_.random;
    const uint64_t what = random.Below(100);
    world_.Trace(absl::StrCat(what));
    if (what < 8) return Report();
    if (what < 22) return Any().Work();
    if (what < 36) return (void)world_.net.Arrive(world_.clock.now_ms());
    if (what < 48) return (void)Any().Frame();
    if (what < 58) return hub_->Turn();
    if (what < 68) return Disk();
    if (what < 76) return Any().Answer();
    if (what < 84) return world_.clock.Pass(static_cast<int64_t>(random.Below(200)));
    if (what < 88) return Everybody();
    if (what < 91) return desk_->Act();
    Fault();
  }

  // A round in which everything that is ready happens.
  void Everybody() {
    for (auto& station : stations_) station->Work();
    while (world_.net.Arrive(world_.clock.now_ms())) {
    }
    hub_->Turn();
    hub_->Write();
    for (auto& station : stations_) {
      while (station->Frame()) {
      }
    }
  }

  void Disk() {
    if (hub_->writing() && world_.random.Chance(30)) return world_.faults.Count("disk slow");
    hub_->Write();
  }

  void Fault() {
    Random& random = world_.random;
    Faults& faults = world_.faults;
    switch (random.Below(13)) {
      case 0: {
        const bool power_cut = random.Chance(50);
        faults.Count(power_cut ? "power cut at the hub" : "hub process ends");
        return CrashHub(power_cut);
      }
      case 1:
        return hub_->machine().ArmCrash(static_cast<int>(1 + random.Below(12)));
      case 2: {
        const bool power_cut = random.Chance(50);
        faults.Count(power_cut ? "power cut at an adapter" : "adapter process ends");
        return AnyAdapter().Crash(power_cut);
      }
      case 3:
        return AnyAdapter().machine()->ArmCrash(static_cast<int>(1 + random.Below(10)));
      case 4:
      case 5:
        faults.Count("line broken");
        return Any().Break();
      case 6: {
        Station& station = Any();
        if (world_.net.IsCut(station.party())) return world_.net.Mend(station.party());
        faults.Count("partition");
        world_.net.Cut(station.party());
        return station.Break();
      }
      case 7:
        faults.Count("clock jump");
        return world_.clock.Jump(static_cast<int64_t>(random.Below(7'200'000)) - 3'600'000);
      case 8:
        faults.Count("long silence");
        return world_.clock.Pass(static_cast<int64_t>(random.Below(900'000)));
      case 9:
        return (random.Chance(50) ? hub_->machine() : *AnyAdapter().machine()).FillOnce();
      case 10:
        return (random.Chance(50) ? hub_->machine() : *AnyAdapter().machine()).FailSyncOnce(random.Next());
      case 11:
        return hub_->EndAtRelease(static_cast<int>(1 + random.Below(8)));
      default:
        if (!random.Chance(20)) return;
        CrashHub(/*power_cut=*/true, /*flip=*/true);
    }
  }

  void Report() {
    Random& random = world_.random;
    Station& hotline = Of(kHotlines[random.Below(4)]);
    v1::Report& report = told_[{hotline.party(), random.Below(60)}];
    if (report.external_id().empty()) {
      report.set_external_id(absl::StrCat("r", told_.size()));
      report.set_revision(1);
      report.mutable_open()->set_purpose(random.Chance(15) ? v1::EXERCISE : v1::ACTUAL);
      report.mutable_open()->set_secret(random.Chance(5));
      report.mutable_sealed()->set_caller_name("张三");
      report.mutable_sealed()->set_caller_phone("13900000000");
      report.mutable_sealed()->set_medical("心脏病");
      report.mutable_sealed()->set_address("人民路1号");
    } else if (random.Chance(40)) {
      world_.faults.Count("report told again");
      return hotline.Tell(report);
    } else {
      world_.faults.Count("revision in mid-flight");
      report.set_revision(report.revision() + 1);
    }
    v1::OpenPart& open = *report.mutable_open();
    if (!random.Chance(20)) open.set_category(categories_[random.Below(categories_.size())]);
    open.set_severity(static_cast<v1::Severity>(random.Below(5)));
    if (!random.Chance(20)) open.set_division(random.Chance(50) ? "339921100000" : "339921201000");
    open.set_danger_to_life(static_cast<v1::Answer>(random.Below(3)));
    report.mutable_sealed()->set_description(random.Chance(50) ? "有人受伤被困,电线掉了,停电" : "路灯不亮");
    hotline.Tell(report);
  }

  void StartHub() {
    // Armed to die, it may die again while it starts.
    for (int tries = 0; tries < kStartTries && !hub_->up() && !world_.failure.any(); ++tries) {
      const uint64_t bites = hub_->machine().bites();
      const absl::Status status = hub_->Start();
      if (status.ok()) return;
      if (hub_->machine().bites() == bites)
        world_.failure = {"start", absl::StrCat("the hub does not start: ", status.message())};
      hub_->Crash(/*power_cut=*/hub_->machine().dead());
    }
  }

  void CrashHub(bool power_cut, bool flip = false) {
    for (auto& station : stations_) station->Break();
    hub_->Crash(power_cut);
    if (flip) hub_->TryFlippedBit();
    if (world_.faults.on && world_.random.Chance(20))
      hub_->machine().ArmCrash(static_cast<int>(1 + world_.random.Below(8)));
    StartHub();
  }

  // Machines that died inside a write start again; a hub whose log has failed ends itself.
  void MendTheDead() {
    if (hub_->machine().dead() || hub_->failed()) CrashHub(/*power_cut=*/hub_->machine().dead());
    for (auto& station : stations_) {
      if (station->machine() != nullptr && station->machine()->dead()) station->Crash(/*power_cut=*/true);
    }
  }

  // Faults end; what is under way must come to its end too.
  void Rest() {
    world_.faults.on = false;
    hub_->machine().Disarm();
    for (auto& station : stations_) {
      world_.net.Mend(station->party());
      if (station->machine() != nullptr) station->machine()->Disarm();
    }
    int quiet = 0;
    for (int round = 0; round < kRestRounds && quiet < 3 && !world_.failure.any(); ++round) {
      world_.clock.Pass(kRestRoundMs);
      Everybody();
      MendTheDead();
      bool rests = world_.net.empty() && !hub_->writing() && hub_->state() != nullptr &&
                   hub_->state()->outstanding_deliveries() == 0;
      for (auto& station : stations_) rests = station->Quiet() && rests;
      quiet = rests ? quiet + 1 : 0;
    }
    if (world_.failure.any()) return;
    if (quiet == 0) {
      if (world_.plant.empty()) world_.failure = {"rest", "something is still under way after ten quiet minutes"};
    }
    hub_->With([&](const core::State& state) { world_.Tell(&Witness::Ended, state); });
  }

  const v1::SiteSet& site_;
  Folder folder_;
  World world_;
  std::unique_ptr<HubNode> hub_;
  std::unique_ptr<Desk> desk_;
  std::vector<std::unique_ptr<Station>> stations_;
  std::vector<std::string> categories_;
  std::map<std::pair<std::string, uint64_t>, v1::Report> told_;
};

}  // namespace

v1::SiteSet LoadSite(const std::string& folder) {
  auto loaded = routing::LoadSiteDir(folder);
  if (!loaded.ok()) return {};
  v1::SiteSet site = std::move(loaded->site);
  for (auto& division : *site.mutable_division()) division.clear_outline();
  return site;
}

RunResult Run(const v1::SiteSet& site, const Job& job, uint64_t* steps_begun) {
  Play play(site, job);
  return play.Go(job.steps, steps_begun);
}

}  // namespace liandong::sim
