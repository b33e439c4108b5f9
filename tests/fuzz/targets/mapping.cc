// The county's profiles over whatever their systems may send, and over whatever the hub may deliver. What a profile
// makes of a message, the hub takes: nothing becomes a dead letter behind the adapter's back.
#include <array>
#include <memory>

#include "adapters/fire_119/gb26875_adu.h"
#include "adapters/fire_119/incident_json.h"
#include "adapters/hotline_12345/codec.h"
#include "adapters/mapping/mapper.h"
#include "adapters/mapping/profile.h"
#include "adapters/medical_120/codec.h"
#include "adapters/police_110/codec.h"
#include "adapters/text/json.h"
#include "adapters/text/reason.h"
#include "google/protobuf/text_format.h"
#include "hub/core/decide.h"
#include "tests/fuzz/target.h"

namespace liandong::adapters {
namespace {

using fuzz::Expect;

constexpr std::array kProfiles = {"police-110",    "police-110-deal12345", "hotline-12345",
                                  "fire-119-json", "fire-119-gb26875",     "medical-120"};

struct Link {
  Mapper mapper;
  std::unique_ptr<Codec> codec;  // null: frames
};

std::unique_ptr<Codec> CodecOf(const v1::Profile& profile) {
  if (profile.codec() == "police_110") return MakePolice110Codec();
  if (profile.codec() == "hotline_12345") return MakeHotline12345Codec();
  if (profile.codec() == "fire_119_incident") return MakeFire119IncidentCodec();
  if (profile.codec() == "medical_120") return MakeMedical120Codec();
  return nullptr;
}

const Link& LinkOf(unsigned choice) {
  static const auto& links = *[] {
    auto* out = new std::vector<Link>();
    for (const char* name : kProfiles) {
      absl::StatusOr<v1::Profile> profile = LoadProfile(std::string("deploy/county/profiles/") + name + ".textproto");
      Expect(profile.ok(), "the county's profile is good: " + profile.status().ToString());
      out->push_back({Mapper(*profile), CodecOf(*profile)});
    }
    return out;
  }();
  return links[choice % links.size()];
}

void ExpectTaken(const Mapped& mapped) {
  Expect(!mapped.empty() || !mapped.ignored.empty(), "a message becomes something, or it is said why not");
  for (const ReportDraft& draft : mapped.reports) {
    v1::Report report = draft.report;
    Expect(report.external_id().empty() == draft.id_from_spool, "a report has an id");
    if (draft.id_from_spool) report.set_external_id("spool-1");
    const absl::Status status = core::CheckReport(report);
    Expect(status.ok(), "the hub takes the report: " + status.ToString());
    core::Normalize(&report);
  }
  for (const AckDraft& draft : mapped.acks) {
    Expect(draft.ack.delivery_id() != 0 || !draft.keys.empty(), "an acknowledgment says of what");
    const absl::Status status = core::CheckAcknowledgment(draft.ack);
    Expect(status.ok(), "the hub takes the acknowledgment: " + status.ToString());
  }
}

void Take(const Link& link, const NativeMessage& message) {
  const absl::StatusOr<Mapped> mapped = link.mapper.Map(message);
  if (mapped.ok()) {
    ExpectTaken(*mapped);
  } else {
    Expect(mapped.status().code() == absl::StatusCode::kInvalidArgument && !ReasonOf(mapped.status()).empty(),
           "a refusal has a reason: " + mapped.status().ToString());
  }
  (void)Describe(link.mapper, message);
}

std::string SeedOf(int profile, const std::string& message) {
  return std::string(1, static_cast<char>(profile)) + message;
}

}  // namespace

FUZZ_SEEDS(mapping_in) {
  return {
      SeedOf(
          0,
          R"({"header":{"type":"JJDB"},"body":{"JJDBH":"J1","XZQHDM":"339921","JQLBDM":"060100","JQDJDM":"1","BJSJ":"20260713021400","GXSJ":"20260713021530","BJNR":"x","BKRYQKSM":"2人","SSRYQKSM":"1","SFBM":"0","BJRXZB":119.9,"BJRYZB":28.4,"JJLYH":"LD1","JQLYFS":"09","GLZJJDBH":"J0","BJRXBDM":"1","WXBS":"0"}})"),
      SeedOf(0,
             R"({"body":{"PJDBH":"P1","JJDBH":"LD1","PDQSSJ":"20260713021700","TDSJ":"20260713021800","CXYY":"x"}})"),
      SeedOf(
          0,
          R"({"body":{"FKDBH":"F1","JJDBH":"LD1","FKSJ":"20260713021700","XCCLWBSJ":"20260713021800","SSRS":1,"YJDWDM":"33992150001","CJCZQK":"x"}})"),
      SeedOf(1, R"({"DYYY":"1","JJDBH":"LD1","HFSJ":"20260713021700","CLJGDM":"1"})"),
      SeedOf(
          2,
          R"({"order_no":"G1","raise_category":"路灯","raise_time":"2026-07-13 02:15:30","is_secrecy":0,"content":"x"})"),
      SeedOf(2, R"({"JJDBH":"LD1","RECEIVE":"1","RECEIVETIME":"20260713021700"})"),
      SeedOf(
          3,
          R"({"warningCode":"F1","warningType":"10000","warningLevel":"1","trappedPerson":"1","warningDate":"2026-07-13 02:15:30","longitude":119.9,"latitude":28.4})"),
      SeedOf(3, R"({"warningCode":"LD1","vehicleCode":"V","vehicleState":"22","stateTime":"20260713021700"})"),
      SeedOf(4,
             std::string(
                 "\x02\x01\x01\x01\x1C\x01\x00\x02\x00\x02\x00xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\x1E\x0F\x02\x0D\x07\x1A",
                 48)),
      SeedOf(
          5,
          R"({"SJH":"E1","SJLX":"救治","SGDJ":"1","SGLX":"1","XZBM":"339921","SCLDSJ":"20260713021400","HCYY":"x","FLAG":"LD2"})"),
      SeedOf(5, R"({"SJH":"LD1","CLBH":"V","CLZT":"3","ZTSJ":"20260713021700"})")};
}
// First byte: the profile; then the message, or the content of a frame.
FUZZ_TARGET(mapping_in) {
  if (bytes.empty()) return;
  const Link& link = LinkOf(static_cast<unsigned char>(bytes[0]));
  bytes.remove_prefix(1);
  if (link.codec != nullptr) {
    if (const auto message = link.codec->Decode("", bytes, Encoding::kAuto); message.ok()) Take(link, *message);
    return;
  }
  gb26875::Frame frame;
  frame.command = static_cast<uint8_t>(gb26875::Command::kSend);
  frame.time = {30, 15, 2, 13, 7, 26};
  frame.adu = std::string(bytes.substr(0, kGb26875AduBytesMax));
  for (const nlohmann::json& event : gb26875::DecodeAdu(frame).events) Take(link, {event.value("kind", ""), event});
}

FUZZ_SEEDS(mapping_out) {
  std::vector<std::string> seeds;
  for (int kind = v1::TASK; kind <= v1::UPWARD_REPORT; ++kind) {
    v1::Delivery delivery;
    Expect(google::protobuf::TextFormat::ParseFromString(R"pb(
                                                           envelope {
                                                             delivery_id: 7
                                                             party: "police-110"
                                                             lane: URGENT
                                                             sequence: 3
                                                             incident_id: 5
                                                             purpose: ACTUAL
                                                             duty_id: 9
                                                           }
                                                           body {
                                                             incident {
                                                               incident_id: 5
                                                               category: "natural.flood"
                                                               severity: LARGE
                                                               division: "339921100000"
                                                               holder: "fire-119"
                                                               opened_at_ms: 1783900800000
                                                               counts { dead: 1 trapped: 2 }
                                                               reports {
                                                                 party: "fire-119"
                                                                 external_id: "F1"
                                                                 caller_name: "甲"
                                                                 caller_phone: "13900001234"
                                                                 address: "某路1号"
                                                                 point { has_wgs84: true lat: 28.4 lng: 119.9 }
                                                                 description: "水进屋了"
                                                                 details { name: "被困" value: "2" }
                                                               }
                                                             }
                                                             duty {
                                                               duty_id: 9
                                                               role: LEAD
                                                               clauses {
                                                                 ref { agreement: "a" clause: "1" }
                                                                 title: "协议"
                                                                 text: "条款"
                                                               }
                                                             }
                                                             feedback {
                                                               at_ms: 1783900800000
                                                               party: "power-supply"
                                                               party_zh: "供电"
                                                               state: ON_SCENE
                                                               note: "到了"
                                                               what: "ACK"
                                                             }
                                                             text: "文字"
                                                           })pb",
                                                         &delivery),
           "the seed is a delivery");
    delivery.mutable_envelope()->set_kind(static_cast<v1::DeliveryKind>(kind));
    for (size_t profile = 0; profile < kProfiles.size(); ++profile) {
      seeds.push_back(SeedOf(static_cast<int>(profile), delivery.SerializeAsString()));
    }
  }
  return seeds;
}
// First byte: the profile; then a Delivery.
FUZZ_TARGET(mapping_out) {
  if (bytes.empty()) return;
  const Link& link = LinkOf(static_cast<unsigned char>(bytes[0]));
  bytes.remove_prefix(1);
  v1::Delivery delivery;
  if (!delivery.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;
  const absl::StatusOr<Rendered> rendered = link.mapper.Render(delivery);
  (void)DescribeRender(link.mapper, delivery);
  if (!rendered.ok() || !rendered->skip.empty() || link.codec == nullptr) return;
  for (Format format : {Format::kJson, Format::kXml}) {
    const auto written = link.codec->Encode({rendered->kind, rendered->tree}, Encoding::kGb18030, format);
    if (!written.ok()) continue;
    Expect(written->size() <= 4 * (bytes.size() + kNativeMessageBytesMax), "what is sent is bounded");
    if (format == Format::kJson) {
      Expect(link.codec->Decode(rendered->path, *written, Encoding::kGb18030).ok(), "what is sent can be read");
    }
  }
  const Judgement judged = link.mapper.JudgeReply(*rendered, 200, delivery.body().text());
  Expect(judged.keys.size() <= 64, "keys are bounded");
}

FUZZ_SEEDS(profile_text) { return fuzz::ReadFiles("deploy/county/profiles"); }
FUZZ_TARGET(profile_text) {
  const absl::StatusOr<v1::Profile> profile = ParseProfile("fuzz.textproto", std::string(bytes));
  if (!profile.ok()) {
    Expect(profile.status().message().find("fuzz.textproto:") != std::string::npos,
           "an error names its place: " + profile.status().ToString());
    return;
  }
  // A profile that was checked works on anything.
  const Mapper mapper(*profile);
  (void)CategoriesOf(*profile);
  for (const char* text : {R"({"a":1})", R"({"body":{"JJDBH":"J1","JJDBH2":[1,{"x":null}]}})"}) {
    for (const v1::InboundRule& rule : profile->inbound()) {
      for (const std::string& kind : rule.kind()) {
        const absl::StatusOr<Mapped> mapped = mapper.Map({kind, *ParseJson(text)});
        if (!mapped.ok()) Expect(!ReasonOf(mapped.status()).empty(), "a refusal has a reason");
      }
    }
  }
}

}  // namespace liandong::adapters
