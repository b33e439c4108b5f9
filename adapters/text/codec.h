// What the adapter's runtime sees of a record format: bytes to tree and back. A codec knows bytes and protocol; what a
// field means is the profile's business (adapters/mapping).
#ifndef LIANDONG_ADAPTERS_TEXT_CODEC_H_
#define LIANDONG_ADAPTERS_TEXT_CODEC_H_

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "adapters/text/encoding.h"

namespace liandong::adapters {

enum class Format { kJson, kXml };

// `kind` says which of a format's messages it is ("JJDB", "pushFkd", "EVENT_INFO", "vehicle_state" ...), `tree` is the
// message with its native field names, always an object. Unknown fields stay in the tree. A member "_derived", where
// there is one, holds what the codec added (names of codes); Encode leaves it out.
struct NativeMessage {
  std::string kind;
  nlohmann::json tree;
};

inline constexpr std::string_view kDerivedMember = "_derived";

enum class ReplyKind {
  kAccepted,   // stored in our spool
  kDuplicate,  // was stored before; senders that retry must read this as success
  kBad,        // cannot be read or mapped; kept for the operator; sending it again unchanged is useless
  kBusy,       // not stored; send again after retry_after_s
};

struct Reply {
  ReplyKind kind = ReplyKind::kAccepted;
  std::string code;                         // empty: the format's own code for `kind`
  std::string message;                      // empty: the format's own text for `kind`
  std::map<std::string, std::string> echo;  // ids of the message that is answered, from KeyIds
  int retry_after_s = 0;                    // kBusy: 0 when unknown
};

// A partner's answer to what we sent. What counts as success is in the profile.
struct NativeReply {
  std::string code;     // as text, "" when there is none
  std::string message;  // may hold personal text: never log it
  nlohmann::json tree;
};

// Immutable after construction, so every method may be called from any thread.
class Codec {
 public:
  virtual ~Codec() = default;

  // Stable name for configuration: "police_110", "hotline_12345", "fire_119_incident", "medical_120".
  virtual std::string_view Name() const = 0;

  // `path` is the HTTP path or the file name that the bytes came by; it may be empty. JSON and XML are told apart by
  // the first character. Errors: InvalidArgument with a reason of reason.h; never any content of the message.
  virtual absl::StatusOr<NativeMessage> Decode(std::string_view path, std::string_view bytes,
                                               Encoding encoding) const = 0;

  // Checks `message` by the same rules as Decode does and writes it. In XML the root element is the kind.
  virtual absl::StatusOr<std::string> Encode(const NativeMessage& message, Encoding encoding, Format format) const = 0;

  virtual absl::StatusOr<std::string> EncodeReply(const Reply& reply, Encoding encoding, Format format) const = 0;
  virtual absl::StatusOr<NativeReply> DecodeReply(std::string_view bytes, Encoding encoding) const = 0;

  // The ids that the message carries (JJDBH, FLOWID, SJH ...), by field name; for echoes and for linking.
  virtual std::map<std::string, std::string> KeyIds(const NativeMessage& message) const = 0;

  // The path that a message of this kind is sent to; "" where the format names none and the profile must.
  virtual std::string PathFor(std::string_view kind) const = 0;
};

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_TEXT_CODEC_H_
