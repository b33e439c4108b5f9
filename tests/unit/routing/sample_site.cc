#include "tests/unit/routing/sample_site.h"

#include <gtest/gtest.h>

#include "google/protobuf/text_format.h"
#include "liandong/v1/record.pb.h"

namespace liandong::routing::testing {

template <typename Message>
Message FromText(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

template v1::SiteSet FromText<v1::SiteSet>(const std::string&);
template v1::Agreement FromText<v1::Agreement>(const std::string&);
template v1::Decision FromText<v1::Decision>(const std::string&);
template v1::Post FromText<v1::Post>(const std::string&);

v1::SiteSet SampleSet() {
  return FromText<v1::SiteSet>(R"pb(
    version: 7
    settings {
      name: "云溪县"
      trust_domain: "yunxi.liandong.example"
      command_party: "command"
      utc_offset_minutes: 480
      escalation_wait_s: 120
      lead_receive_s: 10
      lead_accept_s: 300
      lead_arrive_s: 3600
      support_receive_s: 20
      support_accept_s: 600
      inform_receive_s: 60
    }
    party { id: "command" kind: COMMAND name_zh: "县应急指挥中心" name_en: "Command centre" }
    party { id: "police" kind: HOTLINE name_zh: "110" }
    party { id: "fire" kind: HOTLINE name_zh: "119" }
    party { id: "power" kind: AGENCY name_zh: "供电公司" name_en: "Power company" }
    party { id: "water" kind: AGENCY name_zh: "水利局" }
    party { id: "qingshi" kind: TOWNSHIP name_zh: "青石镇" division: "339921100000" }
    party { id: "baiyun" kind: TOWNSHIP name_zh: "白云镇" division: "339921101000" }
    post { id: "power-leader" party: "power" title_zh: "供电值班领导" }
    post { id: "county-leader" party: "command" title_zh: "县带班领导" }
    division { code: "339921000000" name_zh: "云溪县" }
    division { code: "339921100000" name_zh: "青石镇" }
    division { code: "339921100201" name_zh: "上村" }
    division { code: "339921101000" name_zh: "白云镇" }
    category { code: "natural" name_zh: "自然灾害" }
    category { code: "natural.flood" name_zh: "洪涝" name_en: "Flood" danger_to_life: YES }
    category { code: "natural.flood.urban" name_zh: "城市内涝" }
    category { code: "natural.landslide" name_zh: "滑坡" }
    category { code: "accident" name_zh: "事故灾难" }
    category { code: "accident.fire" name_zh: "火灾" }
    category { code: "service" name_zh: "公共服务" danger_to_life: NO }
    category { code: "service.streetlight" name_zh: "路灯" }
  )pb");
}

void AddAgreement(const std::string& clauses, v1::SiteSet* set) {
  v1::Agreement* agreement = set->add_agreement();
  *agreement = FromText<v1::Agreement>(clauses);
  agreement->set_id("power-2022");
  agreement->set_title("电力保障合作框架协议");
  for (const char* party : {"power", "water", "fire"}) agreement->add_party(party);
  if (agreement->effective_from().empty()) agreement->set_effective_from("2022-03-01");
}

std::shared_ptr<const Site> Compiled(const v1::SiteSet& set) {
  auto site = Site::Compile(set);
  EXPECT_TRUE(site.ok()) << site.status();
  // A broken set still gives a site, so that the test fails at the line above and not by a crash.
  return site.ok() ? *site : Site::CompileAdopted(set);
}

std::shared_ptr<const Site> WithClauses(const std::string& clauses) {
  v1::SiteSet set = SampleSet();
  AddAgreement(clauses, &set);
  return Compiled(set);
}

}  // namespace liandong::routing::testing
