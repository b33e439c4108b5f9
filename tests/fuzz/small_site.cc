#include "tests/fuzz/small_site.h"

#include "google/protobuf/text_format.h"
#include "tests/fuzz/target.h"

namespace liandong::fuzz {

const v1::SiteSet& SmallSite() {
  static const v1::SiteSet& site = *[] {
    auto* out = new v1::SiteSet();
    const bool parsed = google::protobuf::TextFormat::ParseFromString(
        R"pb(
          settings {
            name: "小县"
            trust_domain: "small.example"
            command_party: "command"
            utc_offset_minutes: 480
            quiet_close_s: 600
            lead_receive_s: 30
            lead_accept_s: 300
            lead_arrive_s: 900
            support_receive_s: 30
            support_accept_s: 300
            inform_receive_s: 60
            feedback_receive_s: 60
            transfer_answer_s: 300
            dispute_answer_s: 300
            return_review_s: 600
            storm_reports: 3
            storm_window_s: 600
            transfer_disclose: PLACE
            reason_word: "属地不符"
          }
          party { id: "command" kind: COMMAND name_zh: "指挥中心" }
          party { id: "police-110" kind: HOTLINE name_zh: "110" feedback_disclose: PLACE }
          party { id: "hotline-12345" kind: HOTLINE name_zh: "12345" secret_handler: "command" }
          party { id: "power" kind: AGENCY name_zh: "供电" }
          party { id: "telecom" kind: AGENCY name_zh: "电信" }
          party { id: "town-one" kind: TOWNSHIP name_zh: "一镇" division: "339921100000" }
          party { id: "screen" kind: SCREEN name_zh: "大屏" }
          post {
            id: "power-leader"
            party: "power"
            title_zh: "值班长"
            person: "甲"
            shift { person: "乙" day: MONDAY start: "08:00" end: "20:00" }
          }
          division { code: "339921000000" name_zh: "小县" }
          division { code: "339921100000" name_zh: "一镇" }
          category { code: "natural" name_zh: "自然灾害" }
          category { code: "natural.flood" name_zh: "洪涝" danger_to_life: YES storm: YES }
          category { code: "service" name_zh: "公共服务" danger_to_life: NO }
          holiday { date: "2026-10-01" }
          agreement {
            id: "flood"
            title: "防汛协议"
            party: "power"
            party: "telecom"
            party: "town-one"
            effective_from: "2022-01-01"
            clause {
              id: "1"
              text: "供电主责。"
              when { category: "natural.flood" }
              when { any_word: "停电" severity_at_least: LARGE }
              duty {
                party: "power"
                role: LEAD
                disclose: PLACE
                disclose: DESCRIPTION
                escalate { to: "power-leader" }
              }
              duty { party: "@township" role: INFORM disclose: PLACE }
              auto_merge_score: 90
            }
            clause {
              id: "2"
              text: "电信协办。"
              when {
                category: "natural"
                none_of { verified: ONLY_UNVERIFIED }
                response_level_at_least: LEVEL_IV
              }
              duty { party: "telecom" role: SUPPORT disclose: CASUALTIES verify_first: true complete_within_s: 7200 }
            }
            clause {
              id: "9"
              text: "兜底。"
              fallback: true
              duty { party: "town-one" role: LEAD }
            }
          }
        )pb",
        out);
    Expect(parsed, "the small site is protobuf text");
    return out;
  }();
  return site;
}

}  // namespace liandong::fuzz
