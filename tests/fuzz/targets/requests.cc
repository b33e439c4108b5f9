// What parties send over gRPC, through the gate and the checks of the services into the sequencer, without a network.
#include "hub/requests.h"

#include <utility>

#include "google/protobuf/text_format.h"
#include "hub/core/decide.h"
#include "hub/core/limits.h"
#include "hub/core/print.h"
#include "hub/service/auth.h"
#include "liandong/v1/intake.pb.h"
#include "tests/fuzz/one_hub.h"
#include "tests/fuzz/pieces.h"
#include "tests/fuzz/small_site.h"
#include "tests/fuzz/target.h"

namespace liandong::fuzz {
namespace {

constexpr std::string_view kParties[] = {"command", "police-110", "hotline-12345", "power",
                                         "telecom", "town-one",   "screen",        "stranger"};

// An answer is a result or a refusal with a reason; never that something inside is wrong.
void ExpectSound(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kDataLoss:
    case absl::StatusCode::kUnimplemented:
      Expect(false, "a sound answer: " + status.ToString());
      break;
    default:
      break;
  }
}

template <typename T>
hub::Done<T> Answered() {
  return [](const absl::StatusOr<T>& answer) { ExpectSound(answer.status()); };
}

class Session {
 public:
  Session() : hub_(SmallSite()), directory_(routing::Site::CompileAdopted(SmallSite())), gate_(&directory_) {}

  // One request: which, of whom, its bytes.
  void Take(uint8_t what, std::string_view party, std::string_view bytes) {
    switch (what) {
      case 0:
        return Report(party, bytes);
      case 1:
        return Act<v1::AcknowledgeRequest>("Link/Acknowledge", party, bytes, [](auto actor, auto request) {
          return hub::AcknowledgeWork(actor, request, Answered<v1::AcknowledgeReply>());
        });
      case 2:
        return Fetch(party, bytes);
      case 3:
        return Act<v1::TransferRequest>("Link/Transfer", party, bytes, [](auto actor, auto request) {
          return hub::TransferWork(actor, request, /*by_desk=*/false, Answered<v1::ActionReply>());
        });
      case 4:
        return Act<v1::CloseRequest>("Link/Close", party, bytes, [](auto actor, auto request) {
          return hub::CloseWork(actor, request, /*by_desk=*/false, /*cancel=*/false, Answered<v1::ActionReply>());
        });
      case 5:
        return Desk<v1::CorrectIncidentRequest, v1::ActionReply>("CorrectIncident", party, bytes, hub::CorrectWork);
      case 6:
        return Act<v1::MarkFalseAlarmRequest>("Desk/MarkFalseAlarm", party, bytes, [](auto actor, auto request) {
          const auto verification = request.reason().empty() ? v1::VERIFIED : v1::FALSE_ALARM;
          return hub::VerifyWork(actor, request.incident_id(), verification, request.reason(),
                                 Answered<v1::ActionReply>());
        });
      case 7:
        return Desk<v1::OrderPartiesRequest, v1::OrderPartiesReply>("OrderParties", party, bytes, hub::OrderWork);
      case 8:
        return Desk<v1::ReassignRequest, v1::ActionReply>("Reassign", party, bytes, hub::ReassignWork);
      case 9:
        return Desk<v1::MergeRequest, v1::ActionReply>("Merge", party, bytes, hub::MergeWork);
      case 10:
        return Desk<v1::SplitRequest, v1::ActionReply>("Split", party, bytes, hub::SplitWork);
      case 11:
        return Desk<v1::CorrectAcknowledgmentRequest, v1::ActionReply>("CorrectAcknowledgment", party, bytes,
                                                                       hub::CorrectAckWork);
      case 12:
        return Desk<v1::AcknowledgeForRequest, v1::AckReply>("AcknowledgeFor", party, bytes, hub::AcknowledgeForWork);
      case 13:
        return Desk<v1::AddNoteRequest, v1::ActionReply>("AddNote", party, bytes, hub::NoteWork);
      case 14:
        return Desk<v1::AssignIncidentRequest, v1::ActionReply>("AssignIncident", party, bytes, hub::AssignWork);
      case 15:
        return Desk<v1::ReviewReturnRequest, v1::ActionReply>("ReviewReturn", party, bytes, hub::ReviewWork);
      case 16:
        return Desk<v1::StartResponseRequest, v1::ResponseReply>("StartResponse", party, bytes, hub::StartResponseWork);
      case 17:
        return Desk<v1::AdjustResponseRequest, v1::ResponseReply>("AdjustResponse", party, bytes,
                                                                  hub::AdjustResponseWork);
      case 18:
        return Desk<v1::EndResponseRequest, v1::ResponseReply>("EndResponse", party, bytes, hub::EndResponseWork);
      case 19:
        return Desk<v1::HandOverPostRequest, v1::HandOverPostReply>("HandOverPost", party, bytes, hub::HandOverWork);
      case 20:
        return Desk<v1::DismissSuggestionRequest, v1::ActionReply>("DismissSuggestion", party, bytes, hub::DismissWork);
      case 21:
        return Desk<v1::FileUpwardReportRequest, v1::ActionReply>("FileUpwardReport", party, bytes,
                                                                  hub::FileUpwardWork);
      case 22:
        return Adopt(party, bytes);
      case 23:
        return Line(party, bytes);
      default:
        return Wait(bytes);
    }
  }
  static constexpr uint8_t kWhats = 25;

  // Whatever it has come to, everybody can be told of it.
  void TellEverybody() {
    hub_.Do([](hub::Turn& turn) {
      for (const std::string_view party : kParties) {
        v1::FetchRequest request;
        request.set_max(256);
        const std::string name(party);
        (void)turn.streams().Fetch(turn.state(), turn.renderer(), name, request);
        if (turn.state().site()->FindParty(name) == nullptr) continue;
        turn.state().incidents().Ascend(
            [&](uint64_t, const v1::IncidentState& incident) { (void)turn.renderer().Summary(incident, name); });
      }
    });
  }
  void Finish() { hub_.StopAndFold(); }

 private:
  // The gate, as every call meets it. nullopt: refused.
  std::optional<service::Caller> Admit(std::string_view party, const std::string& method) {
    auto caller = gate_.Admit({"spiffe://small.example/party/" + std::string(party)}, "/liandong.v1." + method);
    if (!caller.ok()) {
      ExpectSound(caller.status());
      return std::nullopt;
    }
    return *std::move(caller);
  }

  template <typename Request>
  static bool Parse(std::string_view bytes, Request* request) {
    return request->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  }

  template <typename Request, typename Make>
  void Act(const std::string& method, std::string_view party, std::string_view bytes, Make make) {
    Request request;
    if (!Parse(bytes, &request)) return;
    const auto caller = Admit(party, method);
    if (!caller.has_value()) return;
    v1::Actor given;
    if constexpr (requires { request.actor(); }) given = request.actor();
    const absl::StatusOr<v1::Actor> actor = caller->ActorFrom(given);
    if (!actor.ok()) return ExpectSound(actor.status());
    Expect(actor->party() == party, "who acts is the certificate's word");
    hub_.Do(make(*actor, std::move(request)));
  }

  template <typename Request, typename Reply>
  void Desk(const std::string& method, std::string_view party, std::string_view bytes,
            hub::Work (*make)(v1::Actor, Request, hub::Done<Reply>)) {
    Act<Request>("Desk/" + method, party, bytes,
                 [make](auto actor, auto request) { return make(actor, request, Answered<Reply>()); });
  }

  void Report(std::string_view party, std::string_view bytes) {
    v1::ReportRequest request;
    if (!Parse(bytes, &request)) return;
    const auto caller = Admit(party, "Intake/Report");
    if (!caller.has_value()) return;
    v1::Report& report = *request.mutable_report();
    if (const absl::Status status = core::CheckReport(report); !status.ok()) return ExpectSound(status);
    core::Normalize(&report);
    const absl::StatusOr<v1::Actor> actor = caller->ActorFrom(report.actor());
    if (!actor.ok()) return ExpectSound(actor.status());
    (void)core::LaneOf(&caller->site(), report.open());
    hub_.Do(hub::ReportWork(*actor, report, Answered<v1::Receipt>()));
  }

  void Fetch(std::string_view party, std::string_view bytes) {
    v1::FetchRequest request;
    if (!Parse(bytes, &request) || !Admit(party, "Link/Fetch").has_value()) return;
    hub_.Do([&](hub::Turn& turn) {
      const auto reply = turn.streams().Fetch(turn.state(), turn.renderer(), std::string(party), request);
      for (const v1::Delivery& delivery : reply.delivery()) {
        Expect(delivery.envelope().party() == party, "everybody gets their own");
      }
      Expect(reply.ByteSizeLong() <= 4 * limits::kRequestBytes, "an answer is bounded");
    });
  }

  // A line's Hello, and the frames that follow it at once.
  void Line(std::string_view party, std::string_view bytes) {
    struct Sink : hub::StreamSink {
      void Send(std::shared_ptr<const v1::Deliveries> frame) override {
        Expect(frame->delivery_size() > 0, "a frame has deliveries");
      }
    };
    v1::Hello hello;
    if (!Parse(bytes, &hello) || !Admit(party, "Link/Connect").has_value()) return;
    uint64_t stream = 0;
    hub_.Do([&](hub::Turn& turn) {
      v1::Welcome welcome;
      const auto attached =
          turn.streams().Attach(turn.state(), std::string(party), hello, std::make_shared<Sink>(), &welcome);
      if (!attached.ok()) return ExpectSound(attached.status());
      stream = *attached;
      Expect(welcome.window() <= limits::kWindowMax, "the window is bounded");
    });
    if (stream != 0) hub_.Do([&](hub::Turn& turn) { turn.streams().Detach(stream); });
  }

  void Adopt(std::string_view party, std::string_view bytes) {
    v1::AdoptSiteSetRequest request;
    if (!Parse(bytes, &request)) return;
    const auto caller = Admit(party, "Desk/AdoptSiteSet");
    if (!caller.has_value()) return;
    const absl::StatusOr<v1::Actor> actor = caller->ActorFrom(request.actor());
    if (!actor.ok()) return ExpectSound(actor.status());
    hub_.Do(hub::AdoptWork(*actor, request.site(), Answered<v1::AdoptSiteSetReply>()));
    hub_.Do([&](hub::Turn& turn) { directory_.Set(turn.state().shared_site()); });
  }

  void Wait(std::string_view bytes) {
    int64_t seconds = 0;
    for (const char c : bytes.substr(0, 2)) seconds = seconds << 8 | static_cast<uint8_t>(c);
    hub_.clock().Forward(seconds * 1000);
    hub_.Do([](hub::Turn&) {});
  }

  OneHub hub_;
  service::SiteDirectory directory_;
  service::Gate gate_;
};

template <typename Message>
std::string Step(int what, int party, const std::string& text) {
  Message message;
  Expect(google::protobuf::TextFormat::ParseFromString(text, &message), "a seed is protobuf text: " + text);
  return std::string{static_cast<char>(what), static_cast<char>(party)} + PieceOf(message.SerializeAsString());
}

std::string Told(int party, const std::string& id, const std::string& open, const std::string& words = "水进屋了") {
  return Step<v1::ReportRequest>(
      0, party,
      "report { external_id: \"" + id + "\" open { purpose: ACTUAL " + open + " } sealed { description: \"" + words +
          "\" caller_phone: \"13900001234\" point { has_wgs84: true lat: 28.4 lng: 119.9 } } }");
}
std::string Said(int party, int delivery, const std::string& what) {
  return Step<v1::AcknowledgeRequest>(
      1, party, "acknowledgment { delivery_id: " + std::to_string(delivery) + " state: " + what + " }");
}
std::string Later(int seconds) {
  return std::string("\x18\0", 2) +
         PieceOf(std::string{static_cast<char>(seconds >> 8), static_cast<char>(seconds & 0xFF)});
}

const char kFlood[] = R"(category: "natural.flood" severity: LARGE division: "339921100000" danger_to_life: YES)";

}  // namespace

FUZZ_SEEDS(requests) {
  const std::string flood = Told(1, "J1", kFlood), lamp = Told(2, "G1", R"(category: "service" danger_to_life: NO)");
  return {
      flood + Said(3, 1, "RECEIVED") + Said(3, 1, "ACCEPTED") + Said(3, 1, "ON_SCENE") + Said(3, 1, "COMPLETED") +
          Later(700),
      flood + Later(40) + Later(400) + Later(2000) + Step<v1::FetchRequest>(2, 0, "max: 10") +
          Step<v1::Hello>(23, 3, "window: 4"),
      flood + flood + Told(1, "J1", std::string(kFlood) + " counts { dead: 1 }") +
          Told(0, "M1", R"(references { party: "police-110" external_id: "J1" })"),
      lamp + Step<v1::TransferRequest>(3, 2, R"(incident_id: 1 to: "power" reason: "归他")") +
          Said(3, 2, R"(REFUSED reason: "属地不符")") + Later(400),
      lamp + Step<v1::CloseRequest>(4, 2, R"(incident_id: 1 reason: "done")"),
      flood + Step<v1::CorrectIncidentRequest>(5, 0, R"(incident_id: 1 category: "service" reason: "更正")") +
          Step<v1::MarkFalseAlarmRequest>(6, 0, "incident_id: 1") +
          Step<v1::MarkFalseAlarmRequest>(6, 0, R"(incident_id: 1 reason: "演习")") +
          Step<v1::AddNoteRequest>(13, 0, R"(incident_id: 1 text: "备注")"),
      flood +
          Step<v1::OrderPartiesRequest>(
              7, 0, R"(incident_id: 1 all_townships: true text: "转移" given_by: "甲" purpose: ACTUAL)") +
          Step<v1::ReassignRequest>(8, 0, R"(duty_id: 1 to: "telecom" reason: "改派")") +
          Step<v1::CorrectAcknowledgmentRequest>(11, 0, R"(duty_id: 1 reason: "误")"),
      flood + lamp + Step<v1::MergeRequest>(9, 0, "older: 1 younger: 2") +
          Step<v1::SplitRequest>(10, 0, "incident_id: 2") +
          Step<v1::DismissSuggestionRequest>(20, 0, "older: 1 younger: 2"),
      flood + Step<v1::AcknowledgeForRequest>(12, 0, R"(duty_id: 1 acknowledgment { state: ACCEPTED } told_by: "乙")"),
      lamp +
          Step<v1::AssignIncidentRequest>(14, 0, R"(incident_id: 1 lead: "power" support: "telecom" reason: "指定")") +
          Said(3, 2, R"(REFUSED reason: "属地不符")") +
          Step<v1::ReviewReturnRequest>(15, 0, R"(duty_id: 2 grant: true to: "telecom")"),
      Step<v1::StartResponseRequest>(
          16, 0,
          R"(level: LEVEL_III purpose: ACTUAL category: "natural" matters: "防汛" measures: "转移" expected_until_ms: 1783987200000)") +
          flood + Step<v1::AdjustResponseRequest>(17, 0, R"(response_id: 1 level: LEVEL_I reason: "升级")") +
          Step<v1::EndResponseRequest>(18, 0, R"(response_id: 1 reason: "止")"),
      Step<v1::HandOverPostRequest>(19, 3, R"(post: "power-leader" person: "丙")"),
      flood + Step<v1::FileUpwardReportRequest>(21, 0, "incident_id: 1") + Step<v1::FetchRequest>(2, 5, ""),
      flood + Told(1, "J2", kFlood) + Told(1, "J3", kFlood) + Told(1, "J4", kFlood) + Later(60) +
          Told(2, "J5", kFlood) + Later(700),
      flood + std::string("\x16\0", 2) + PieceOf([] {
        v1::AdoptSiteSetRequest request;
        *request.mutable_site() = SmallSite();
        request.mutable_site()->mutable_party()->RemoveLast();
        request.mutable_site()->mutable_agreement(0)->mutable_clause()->RemoveLast();
        return request.SerializeAsString();
      }()) +
          Later(400)};
}
// What, of whom, and the message; again and again.
FUZZ_TARGET(requests) {
  constexpr int kStepsMax = 40;
  Session session;
  Pieces pieces(bytes);
  for (int step = 0; step < kStepsMax && !pieces.empty(); ++step) {
    const uint8_t what = pieces.Byte() % Session::kWhats;
    const std::string_view party = kParties[pieces.Byte() % std::size(kParties)];
    session.Take(what, party, pieces.Piece());
  }
  session.TellEverybody();
  session.Finish();
}

FUZZ_SEEDS(gate) {
  return {"spiffe://small.example/party/power\n/liandong.v1.Link/Fetch",
          "spiffe://small.example/party/hub\n/grpc.health.v1.Health/Check",
          "spiffe://other.example/party/command\n/liandong.v1.Desk/Status",
          "spiffe://small.example/party/../command\n//"};
}
// The names in a certificate, one a line; the last line is the method.
FUZZ_TARGET(gate) {
  static const service::SiteDirectory& directory =
      *new service::SiteDirectory(routing::Site::CompileAdopted(SmallSite()));
  std::vector<std::string> lines;
  while (true) {
    const size_t end = bytes.find('\n');
    lines.emplace_back(bytes.substr(0, end));
    if (end == std::string_view::npos) break;
    bytes.remove_prefix(end + 1);
  }
  const std::string method = lines.back();
  lines.pop_back();
  const service::Gate gate(&directory);
  const auto caller = gate.Admit(lines, method);
  if (!caller.ok()) return ExpectSound(caller.status());
  Expect(lines.size() == 1 && lines[0] == "spiffe://small.example/party/" + caller->party(),
         "who comes in has exactly one name, and it is a party's");
  Expect(SmallSite().settings().trust_domain() == "small.example", "of this site");
}

}  // namespace liandong::fuzz
