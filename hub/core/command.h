// What the core is asked, what it is told beside that, and what comes out. Plain data.
#ifndef LIANDONG_HUB_CORE_COMMAND_H_
#define LIANDONG_HUB_CORE_COMMAND_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "liandong/v1/desk.pb.h"
#include "liandong/v1/link.pb.h"
#include "liandong/v1/record.pb.h"
#include "liandong/v1/report.pb.h"

namespace liandong::core {

// Everything a decision reads beside State. Filled by the sequencer; its outcome is stored in the record.
struct Context {
  int64_t now_ms = 0;         // log time
  uint64_t index = 0;         // of the record to be made
  uint64_t fresh_key_id = 0;  // a durable data key that nothing uses yet, for a command that may open an incident
  std::string_view text;      // clear text of the reports of the incident at hand, for any_word; not stored
  v1::Actor actor;            // party is the certificate's
};

// Free text arrives sealed under the key of the incident that Locate named (or of Context.fresh_key_id).
struct ReportCommand {
  v1::Report report;        // with an empty sealed part
  std::string sealed;       // SealedPart, sealed
  uint32_t classes = 0;     // what it tells: ClassesOf (retention.h)
  std::string content_mac;  // of the whole content
};
struct AckCommand {
  v1::Acknowledgment ack;  // note empty
  std::string sealed_note;
  bool for_another = false;  // the command centre writes down what a party said by telephone
};
struct NoteCommand {
  uint64_t incident_id = 0;
  std::string sealed_text;
};
struct TransferCommand {
  uint64_t incident_id = 0;
  std::string to;
  std::string sealed_reason;
  bool by_desk = false;  // the command centre may offer any incident, others only what they hold
  v1::TransferWay way = v1::TRANSFER_WAY_UNSPECIFIED;
};
struct CloseCommand {
  uint64_t incident_id = 0;
  std::string reason;
  bool by_desk = false;
  bool cancel = false;
};
struct CorrectCommand {
  v1::CorrectIncidentRequest request;
};
struct VerifyCommand {
  uint64_t incident_id = 0;
  v1::Verification verification = v1::VERIFIED;
  std::string reason;
};
struct OrderCommand {
  v1::OrderPartiesRequest request;  // text empty
  std::string sealed_text;
};
struct ReassignCommand {
  v1::ReassignRequest request;
};
struct MergeCommand {
  v1::MergeRequest request;
};
struct SplitCommand {
  v1::SplitRequest request;
};
struct CorrectAckCommand {
  v1::CorrectAcknowledgmentRequest request;
};
struct AssignCommand {
  v1::AssignIncidentRequest request;
};
struct ReviewCommand {
  v1::ReviewReturnRequest request;
};
struct StartResponseCommand {
  v1::StartResponseRequest request;
};
struct AdjustResponseCommand {
  v1::AdjustResponseRequest request;
};
struct EndResponseCommand {
  v1::EndResponseRequest request;
};
struct HandOverCommand {
  v1::HandOverPostRequest request;
};
// Routes the next incidents of a response again (responses.h).
struct RouteAgainCommand {
  std::map<uint64_t, std::string> text;  // clear text of each, for any_word; not stored
};
struct AdoptCommand {
  v1::SiteSet site;  // version is given here
  std::string content_hash;
};
struct StartedCommand {
  int64_t wall_ms = 0;
  int64_t outage_ms = 0;
  std::string version;
};
struct ClockCommand {
  int64_t wall_ms = 0;
  int64_t jump_ms = 0;
};
// Whatever is due at Context.now_ms, at most limits::kDuePerRecord of it.
struct DueCommand {};
// Closed incidents that history holds leave memory.
struct EvictCommand {
  uint64_t history_index = 0;
};
// How alike two incidents are in what is sealed: computed where it may be opened.
struct Likeness {
  uint64_t incident_id = 0;
  double distance_m = -1;  // nearest reports; -1: one of the two has no point
  int words_percent = -1;  // likest reports; -1: one of the two has no text
};
// After a report: which open incidents may be the same one. See suggest.h.
struct SuggestCommand {
  uint64_t incident_id = 0;
  std::vector<Likeness> likeness;
};
struct DismissCommand {
  v1::DismissSuggestionRequest request;
};
// A storm begins around this incident, or its time to tell or to end has come. See storm.h.
struct StormCommand {
  uint64_t incident_id = 0;
};
// UpwardFields, sealed under the incident's key, and which of them say something.
struct FileUpwardCommand {
  v1::FileUpwardReportRequest request;  // fields hold the counts only
  std::string sealed_fields;
  std::vector<v1::UpwardField> present;
};
struct EraseCommand {
  v1::EraseIncidentRequest request;
};
struct HoldCommand {
  v1::SetLegalHoldRequest request;
};
// Whatever a rule's term is over for at Context.now_ms, at most limits::kErasePerRecord of it.
struct EraseDueCommand {};
// An evicted incident comes back, as history holds it.
struct RecallCommand {
  v1::Changes changes;
  std::string why;
};

using Command = std::variant<ReportCommand, AckCommand, TransferCommand, CloseCommand, CorrectCommand, VerifyCommand,
                             OrderCommand, ReassignCommand, MergeCommand, SplitCommand, CorrectAckCommand, NoteCommand,
                             AdoptCommand, StartedCommand, ClockCommand, DueCommand, EvictCommand, RecallCommand,
                             SuggestCommand, DismissCommand, StormCommand, FileUpwardCommand, AssignCommand,
                             ReviewCommand, StartResponseCommand, AdjustResponseCommand, EndResponseCommand,
                             HandOverCommand, RouteAgainCommand, EraseCommand, HoldCommand, EraseDueCommand>;

using Answer = std::variant<std::monostate, v1::Receipt, v1::AckReply, v1::ActionReply, v1::OrderPartiesReply,
                            v1::AdoptSiteSetReply, v1::ResponseReply, v1::HandOverPostReply>;

// record absent: nothing changed, and the answer rests on what is recorded already.
struct Outcome {
  std::optional<v1::Record> record;
  Answer answer;
};

}  // namespace liandong::core

#endif  // LIANDONG_HUB_CORE_COMMAND_H_
