#include "tests/disclosure/papers.h"

#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace liandong::disclosure {
namespace {

constexpr char kBase[] = R"pb(
  settings {
    name: "小县"
    trust_domain: "small.example"
    command_party: "command"
    utc_offset_minutes: 480
    lead_receive_s: 60
    lead_accept_s: 600
    support_receive_s: 60
    support_accept_s: 600
    inform_receive_s: 60
    feedback_receive_s: 60
    transfer_answer_s: 600
    escalation_wait_s: 300
  }
  party { id: "command" kind: COMMAND name_zh: "指挥中心" }
  party { id: "police-110" kind: HOTLINE name_zh: "110" secret_handler: "medical-120" }
  party { id: "hotline-12345" kind: HOTLINE name_zh: "12345" }
  party { id: "medical-120" kind: HOTLINE name_zh: "120" }
  party { id: "power" kind: AGENCY name_zh: "供电" }
  party { id: "telecom" kind: AGENCY name_zh: "电信" }
  party { id: "highway" kind: AGENCY name_zh: "公路" }
  party { id: "weather" kind: AGENCY name_zh: "气象" }
  party { id: "town-one" kind: TOWNSHIP name_zh: "一镇" division: "339921100000" }
  party { id: "town-two" kind: TOWNSHIP name_zh: "二镇" division: "339921101000" }
  division { code: "339921000000" name_zh: "小县" }
  division { code: "339921100000" name_zh: "一镇" }
  division { code: "339921101000" name_zh: "二镇" }
  category { code: "natural" name_zh: "自然灾害" }
  category { code: "natural.flood" name_zh: "洪涝" danger_to_life: YES }
  category { code: "natural.flood.urban" name_zh: "内涝" }
  category { code: "natural.landslide" name_zh: "滑坡" danger_to_life: YES }
  category { code: "accident" name_zh: "事故" }
  category { code: "service" name_zh: "公共服务" danger_to_life: NO }
)pb";

class Writer {
 public:
  explicit Writer(std::mt19937& random) : random_(random) {}

  v1::SiteSet Write() {
    v1::SiteSet set;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(kBase, &set));
    for (v1::Party& party : *set.mutable_party()) {
      if (party.kind() == v1::HOTLINE) AddFields(party.mutable_feedback_disclose());
    }
    AddFields(set.mutable_settings()->mutable_transfer_disclose());
    const int agreements = 1 + Below(3);
    for (int i = 0; i < agreements; ++i) AddAgreement("paper-" + std::to_string(i), set.add_agreement());
    return set;
  }

 private:
  int Below(int bound) { return static_cast<int>(random_() % bound); }
  template <typename Array>
  std::string AnyOf(const Array& array) {
    return array[Below(static_cast<int>(array.size()))];
  }

  void AddFields(google::protobuf::RepeatedField<int>* fields) {
    for (const v1::Field field : kFields) {
      if (Below(3) == 0) fields->Add(field);
    }
    for (const v1::Field field : kMasked) {
      if (Below(3) == 0) fields->Add(field);
    }
  }

  void AddAgreement(const std::string& id, v1::Agreement* agreement) {
    agreement->set_id(id);
    agreement->set_title("协议");
    agreement->set_effective_from("2022-01-01");
    for (const char* party : kAgencies) agreement->add_party(party);
    for (const char* party : kTowns) agreement->add_party(party);
    for (const char* party : kHotlines) agreement->add_party(party);
    const int clauses = 1 + Below(4);
    for (int i = 0; i < clauses; ++i) AddClause(std::to_string(i), agreement->add_clause());
  }

  void AddClause(const std::string& id, v1::Clause* clause) {
    clause->set_id(id);
    clause->set_text("条款");
    const int conditions = 1 + Below(2);
    for (int i = 0; i < conditions; ++i) AddCondition(clause->add_when());
    std::set<std::string> parties;
    const int duties = 1 + Below(3);
    for (int i = 0; i < duties; ++i) {
      const int kind = Below(8);
      parties.insert(kind == 0   ? "@township"
                     : kind == 1 ? AnyOf(kTowns)
                     : kind == 2 ? AnyOf(kHotlines)
                                 : AnyOf(kAgencies));
    }
    for (const std::string& party : parties) {
      v1::DutySpec* duty = clause->add_duty();
      duty->set_party(party);
      duty->set_role(static_cast<v1::Role>(1 + Below(3)));
      AddFields(duty->mutable_disclose());
    }
  }

  void AddCondition(v1::Condition* when) {
    do {
      if (Below(2) == 0) when->add_category(kCategories[1 + Below(kCategories.size() - 1)]);
      if (Below(3) == 0) when->set_severity_at_least(static_cast<v1::Severity>(1 + Below(4)));
      if (Below(4) == 0)
        when->add_division(Below(3) == 0 ? "339921" : std::string(kDivisions[1 + Below(2)]).substr(0, 9));
      if (Below(4) == 0) when->add_any_word(AnyOf(kWords));
      if (Below(6) == 0) when->add_source(AnyOf(kHotlines));
    } while (when->ByteSizeLong() == 0);
  }

  std::mt19937& random_;
};

enum class Holds { kNo, kPerhaps, kYes };

Holds And(Holds a, Holds b) { return std::min(a, b); }
Holds Or(Holds a, Holds b) { return std::max(a, b); }

bool Below(const std::string& category, const std::string& of) {
  return category == of || category.rfind(of + ".", 0) == 0;
}

Holds HoldsOf(const v1::Condition& when, const Known& known) {
  Holds all = Holds::kYes;
  if (when.category_size() > 0) {
    Holds any = known.category.empty() ? Holds::kPerhaps : Holds::kNo;
    for (const std::string& category : when.category()) {
      if (!known.category.empty() && Below(known.category, category)) any = Holds::kYes;
    }
    all = And(all, any);
  }
  if (when.severity_at_least() != v1::SEVERITY_UNKNOWN) {
    all = And(all, known.severity == v1::SEVERITY_UNKNOWN       ? Holds::kPerhaps
                   : known.severity >= when.severity_at_least() ? Holds::kYes
                                                                : Holds::kNo);
  }
  if (when.division_size() > 0) {
    Holds any = known.division.empty() ? Holds::kPerhaps : Holds::kNo;
    for (const std::string& division : when.division()) {
      if (!known.division.empty() && known.division.rfind(division, 0) == 0) any = Holds::kYes;
    }
    all = And(all, any);
  }
  if (when.any_word_size() > 0) {
    Holds any = Holds::kNo;
    for (const std::string& word : when.any_word()) {
      if (known.text.find(word) != std::string::npos) any = Holds::kYes;
    }
    all = And(all, any);
  }
  if (when.source_size() > 0) {
    Holds any = Holds::kNo;
    for (const std::string& source : when.source()) {
      if (known.sources.count(source) > 0) any = Holds::kYes;
    }
    all = And(all, any);
  }
  return all;
}

}  // namespace

v1::SiteSet RandomPapers(std::mt19937& random) { return Writer(random).Write(); }

std::map<std::string, Fields> DisclosedBy(const v1::SiteSet& papers, const Known& known) {
  std::map<std::string, Fields> out;
  for (const v1::Agreement& agreement : papers.agreement()) {
    for (const v1::Clause& clause : agreement.clause()) {
      Holds holds = clause.when_size() == 0 ? Holds::kYes : Holds::kNo;
      for (const v1::Condition& when : clause.when()) holds = Or(holds, HoldsOf(when, known));
      if (holds == Holds::kNo) continue;
      for (const v1::DutySpec& duty : clause.duty()) {
        std::string party = duty.party();
        if (party == "@township") {
          party.clear();
          for (const v1::Party& one : papers.party()) {
            if (one.kind() == v1::TOWNSHIP && one.division() == known.division) party = one.id();
          }
        }
        for (const int field : duty.disclose()) {
          if (holds == Holds::kYes || field == v1::PLACE) out[party].insert(static_cast<v1::Field>(field));
        }
      }
    }
  }
  return out;
}

}  // namespace liandong::disclosure
