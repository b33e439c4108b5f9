// A codec made from tables: formats whose messages are flat records with known fields differ in their tables only.
#ifndef LIANDONG_ADAPTERS_TEXT_RECORD_CODEC_H_
#define LIANDONG_ADAPTERS_TEXT_RECORD_CODEC_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/text/codec.h"

namespace liandong::adapters {

// Sorts of fields. All but kList and kObject also come as text, because XML and many JSON writers know nothing else.
enum class FieldType {
  kId,     // identifier: text or integer
  kCode,   // short code: text or integer
  kTime,   // text or digits. Only its length is checked: a slip in a clock must not cost the report; the profile parses
  kName,   // one line: names, numbers, addresses
  kText,   // narrative
  kFlag,   // 0/1, true/false or a short word
  kCount,  // whole number of people or things, 0..kFieldCountMax
  kNumber,  // decimal: coordinates, amounts
  kList,    // array; a single object or scalar (XML with one element) is made an array of one
  kObject,
};

struct FieldRule {
  std::string name;
  FieldType type = FieldType::kName;
  bool required = false;
  // Not empty: the only values, as text.
  std::vector<std::string> allowed = {};
};

// Adds {"_derived": {"<as>_code": 3, "<as>_name": "到达现场"}} for a coded field. A code that is not in the table is an
// error where `closed`, else only the name is missing.
struct CodeNames {
  std::string field;
  std::string as;
  std::map<std::string, std::string> names;
  bool closed = false;
};

struct KindRule {
  std::string kind;
  std::vector<std::string> paths;     // the message came to one of these: the last part of a path, any case
  std::vector<std::string> wrappers;  // {"<wrapper>": {...}} or an XML root of that name; the wrapper is taken off
  // Each inner list is one way to know the message: all its fields must have a value.
  std::vector<std::vector<std::string>> signatures;
  std::vector<FieldRule> fields;
  std::vector<std::string> one_of;  // at least one of these must have a value (besides fields with `required`)
  std::vector<std::string> keys;    // ids for echoes and links
  std::vector<CodeNames> codes;
  std::string send_path;
};

// The answer's field names and codes. The default is the form of the deployed 110-12345 interface (DOMAIN 4.2).
struct ReplyRule {
  std::string code_field = "code";
  std::string message_field = "message";
  std::string data_field = "data";
  std::string accepted_code = "200";
  std::string duplicate_code = "200";
  std::string bad_code = "400";
  std::string busy_code = "503";
};

// Decodes bytes (JSON or XML by the first character; an XML declaration's encoding counts when `encoding` is kAuto) to
// an object; `root` gets the XML root's name, or "" for JSON.
absl::StatusOr<nlohmann::json> DecodeObject(std::string_view bytes, Encoding encoding, std::string* root);

// Writes an object without its "_derived" member and without null members.
absl::StatusOr<std::string> EncodeObject(const nlohmann::json& object, std::string_view root, Encoding encoding,
                                         Format format);

// Checks the known fields of `object` (its "where" in errors: field names are prefixed by it) and makes lists of kList
// fields. Adds derived names.
absl::Status CheckRecord(const KindRule& rule, std::string_view where, nlohmann::json& object);

class RecordCodec : public Codec {
 public:
  // Kinds are tried in this order: by path, then by wrapper, then by signature.
  RecordCodec(std::string name, std::vector<KindRule> kinds, ReplyRule reply);

  std::string_view Name() const override { return name_; }
  absl::StatusOr<NativeMessage> Decode(std::string_view path, std::string_view bytes, Encoding encoding) const override;
  absl::StatusOr<std::string> Encode(const NativeMessage& message, Encoding encoding, Format format) const override;
  absl::StatusOr<std::string> EncodeReply(const Reply& reply, Encoding encoding, Format format) const override;
  absl::StatusOr<NativeReply> DecodeReply(std::string_view bytes, Encoding encoding) const override;
  std::map<std::string, std::string> KeyIds(const NativeMessage& message) const override;
  std::string PathFor(std::string_view kind) const override;

 protected:
  const KindRule* FindKind(std::string_view kind) const;
  const KindRule* MatchPath(std::string_view path) const;
  const KindRule* MatchSignature(const nlohmann::json& object) const;
  absl::Status UnknownKind() const;

 private:
  std::string name_;
  std::vector<KindRule> kinds_;
  ReplyRule reply_;
};

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_TEXT_RECORD_CODEC_H_
