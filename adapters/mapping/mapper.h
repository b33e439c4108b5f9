// Native trees into our messages and back, driven by a profile only. Pure: no clock, no I/O.
#ifndef LIANDONG_ADAPTERS_MAPPING_MAPPER_H_
#define LIANDONG_ADAPTERS_MAPPING_MAPPER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "adapters/text/codec.h"
#include "liandong/v1/acknowledgment.pb.h"
#include "liandong/v1/delivery.pb.h"
#include "liandong/v1/link.pb.h"
#include "liandong/v1/profile.pb.h"
#include "liandong/v1/report.pb.h"

namespace liandong::adapters {

// A name by which the peer speaks of one of our deliveries: ("JJDBH", "339921..."). The runtime keeps, durably, which
// delivery each key belongs to; a key that is remembered again belongs to the later delivery (but see
// Rendered::keep_known_keys).
struct DeliveryKey {
  std::string name;
  std::string value;
  bool operator==(const DeliveryKey&) const = default;
  std::string Text() const { return name + "=" + value; }
};
using DeliveryLookup = std::function<std::optional<uint64_t>(const DeliveryKey&)>;

struct ReportDraft {
  v1::Report report;
  // The spool gives external_id. same_as not empty: a report of this link that had the same same_as at most
  // same_within_s ago keeps its id (and this is a revision of it).
  bool id_from_spool = false;
  std::string same_as;
  uint32_t same_within_s = 0;
};

// ack.delivery_id is set, or the first of `keys` that the runtime knows says it.
struct AckDraft {
  v1::Acknowledgment ack;
  std::vector<DeliveryKey> keys;
  bool drop_if_unknown = false;  // never found: not an error, the message spoke of the peer's own business
};

struct KeyAlias {
  DeliveryKey known;
  DeliveryKey also;  // from now on names the same delivery
};

// incident_id is left for the runtime: the receipt of the party's own report with this external id holds it. No such
// receipt: nothing to do.
struct TransferDraft {
  std::string external_id;
  v1::TransferRequest request;
};
struct CloseDraft {
  std::string external_id;
  v1::CloseRequest request;
};

// Something that was left out or changed, for the operator. Never holds a value of the message.
struct MapNote {
  std::string field;   // native path
  std::string reason;  // stable token
  std::string zh;
  std::string en;
};

struct Mapped {
  std::vector<ReportDraft> reports;
  std::vector<KeyAlias> aliases;  // to be stored before the acknowledgments are resolved
  std::vector<AckDraft> acks;     // in the order in which they are to be sent
  std::vector<TransferDraft> transfers;
  std::vector<CloseDraft> closes;
  std::string ignored;  // why the profile passes nothing on
  std::vector<MapNote> notes;

  bool empty() const {
    return reports.empty() && acks.empty() && aliases.empty() && transfers.empty() && closes.empty();
  }
};

struct Rendered {
  std::string skip;  // not empty: nothing is to be sent, because ...; show it and acknowledge RECEIVED
  std::string kind;
  std::string method;
  std::string path;  // empty: the codec's PathFor(kind)
  std::vector<std::pair<std::string, std::string>> headers;
  nlohmann::json tree;
  std::vector<DeliveryKey> keys;  // remember before sending: the peer may be quick
  // An UPDATE speaks of a duty that began before: a key that is known keeps its delivery. Else the later one has it.
  bool keep_known_keys = false;
  int rule = -1;  // of the profile, for JudgeReply
};

enum class Verdict { kAccepted, kDuplicate, kTransient, kRejected };
struct Judgement {
  Verdict verdict = Verdict::kTransient;
  std::vector<DeliveryKey> keys;  // ids that the peer gave in its answer
};

// Reasons of Render, at the start of the status message.
inline constexpr std::string_view kReasonExerciseNotCarried = "EXERCISE_NOT_CARRIED";
inline constexpr std::string_view kReasonPurposeMismatch = "PURPOSE_MISMATCH";
inline constexpr std::string_view kReasonNoOutboundRule = "NO_OUTBOUND_RULE";
// Reasons of Map, beside those of adapters/text/reason.h.
inline constexpr std::string_view kReasonUnmappedValue = "unmapped_value";
inline constexpr std::string_view kReasonNoRule = "no_rule";

// Immutable after construction: every method may be called from any thread.
class Mapper {
 public:
  // `profile` as LoadProfile gave it.
  explicit Mapper(v1::Profile profile);

  const v1::Profile& profile() const { return profile_; }

  // InvalidArgument "<reason>: <zh> (<en>)" that names the native field and the mend, never its value: missing_field,
  // bad_value, bad_time, unmapped_value, no_rule, too_long. A value that is not required and cannot be read is left out
  // with a note: a slip in one field must not cost the report.
  absl::StatusOr<Mapped> Map(const NativeMessage& message) const;

  // FailedPrecondition EXERCISE_NOT_CARRIED / PURPOSE_MISMATCH: would reach people as what it is not. NotFound
  // NO_OUTBOUND_RULE: the profile has none for this delivery. InvalidArgument missing_field / unmapped_value.
  absl::StatusOr<Rendered> Render(const v1::Delivery& delivery) const;

  // What the peer's answer to `sent` means. `body` in the profile's encoding, JSON or XML; may be anything at all.
  // `http_status` 0: no answer came (transient). For files, receipts judge with status 200.
  Judgement JudgeReply(const Rendered& sent, int http_status, std::string_view body) const;

 private:
  v1::Profile profile_;
};

// Fills ack.delivery_id by the first key that is known. NotFound (UNKNOWN_DELIVERY) names the keys, which are record
// ids, not personal.
absl::Status ResolveDelivery(const DeliveryLookup& lookup, AckDraft* draft);

struct DescribeOptions {
  bool show_personal = false;  // else names, numbers, addresses and texts stand as their length
};
// What a sample becomes, line by line, Chinese with English; lists the fields that stay in the adapter.
std::string Describe(const Mapper& mapper, const NativeMessage& message, const DescribeOptions& options = {});
// The same for one delivery and the native message it becomes.
std::string DescribeRender(const Mapper& mapper, const v1::Delivery& delivery, const DescribeOptions& options = {});

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_MAPPING_MAPPER_H_
