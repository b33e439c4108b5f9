#include "adapters/police_110/codec.h"

#include "absl/strings/ascii.h"
#include "adapters/police_110/fields.h"
#include "adapters/text/reason.h"
#include "adapters/text/value.h"

namespace liandong::adapters {
namespace {

using nlohmann::json;

class Police110Codec : public RecordCodec {
 public:
  explicit Police110Codec(Police110Options options)
      : RecordCodec("police_110", Police110Kinds(), options.reply), options_(std::move(options)) {
    for (const auto& [said, kind] : std::initializer_list<std::pair<const char*, const char*>>{{"JJDB", "JJDB"},
                                                                                               {"PJDB", "PJDB"},
                                                                                               {"FKDB", "FKDB"},
                                                                                               {"TD", "TD"},
                                                                                               {"TDD", "TD"},
                                                                                               {"接警单", "JJDB"},
                                                                                               {"派警单", "PJDB"},
                                                                                               {"反馈单", "FKDB"},
                                                                                               {"退单", "TD"}}) {
      types_[said] = kind;
    }
    for (const auto& [said, kind] : options_.header_types) types_[absl::AsciiStrToUpper(said)] = kind;
  }

  absl::StatusOr<NativeMessage> Decode(std::string_view, std::string_view bytes, Encoding encoding) const override {
    std::string root;
    absl::StatusOr<json> tree = DecodeObject(bytes, encoding, &root);
    if (!tree.ok()) return tree.status();
    json header = json::object();
    json body;
    if (tree->contains("body") || tree->contains("header")) {
      if (absl::Status status = TakePart(*tree, "header", /*required=*/false, header); !status.ok()) return status;
      if (absl::Status status = TakePart(*tree, "body", /*required=*/true, body); !status.ok()) return status;
      body.erase(std::string(kDerivedMember));
    } else {
      body = *std::move(tree);
    }
    const KindRule* rule = KindOfHeader(header);
    if (rule == nullptr) rule = KindOfType(root);
    if (rule == nullptr) rule = KindOfBody(body);
    if (rule == nullptr) return UnknownKind();
    if (absl::Status status = CheckRecord(*rule, "body.", body); !status.ok()) return status;
    json message = {{"kind", rule->kind}};
    message["header"] = std::move(header);
    message["body"] = std::move(body);
    return NativeMessage{rule->kind, std::move(message)};
  }

  absl::StatusOr<std::string> Encode(const NativeMessage& message, Encoding encoding, Format format) const override {
    const KindRule* rule = FindKind(message.kind);
    if (rule == nullptr || !message.tree.is_object()) return UnknownKind();
    json header = json::object();
    json body;
    json tree = message.tree;
    if (absl::Status status = TakePart(tree, "header", /*required=*/false, header); !status.ok()) return status;
    if (absl::Status status = TakePart(tree, "body", /*required=*/true, body); !status.ok()) return status;
    if (absl::Status status = CheckRecord(*rule, "body.", body); !status.ok()) return status;
    body.erase(std::string(kDerivedMember));
    for (auto it = body.begin(); it != body.end();) it = it->is_null() ? body.erase(it) : std::next(it);
    if (KindOfHeader(header) == nullptr && !options_.header_type_fields.empty()) {
      header[options_.header_type_fields.front()] = rule->kind;
    }
    json whole = json::object();
    whole["header"] = std::move(header);
    whole["body"] = std::move(body);
    return EncodeObject(whole, rule->kind, encoding, format);
  }

  std::map<std::string, std::string> KeyIds(const NativeMessage& message) const override {
    const json* body = FindValue(message.tree, "body");
    if (body == nullptr) return {};
    return RecordCodec::KeyIds(NativeMessage{message.kind, *body});
  }

 private:
  static absl::Status TakePart(json& tree, const std::string& name, bool required, json& part) {
    auto it = tree.find(name);
    if (it == tree.end() || IsAbsent(*it)) {
      if (!required) return absl::OkStatus();
      return BadMessage(kReasonMissingField, "报文缺少 " + name, "the message lacks " + name);
    }
    if (!it->is_object()) return BadMessage(kReasonWrongType, name + " 应为一个对象", name + " must be an object");
    part = std::move(*it);
    return absl::OkStatus();
  }

  const KindRule* KindOfType(const std::string& said) const {
    auto it = types_.find(absl::AsciiStrToUpper(absl::StripAsciiWhitespace(said)));
    return it == types_.end() ? nullptr : FindKind(it->second);
  }

  const KindRule* KindOfHeader(const json& header) const {
    for (const std::string& field : options_.header_type_fields) {
      const json* value = FindValue(header, field);
      if (value == nullptr) continue;
      if (const KindRule* rule = KindOfType(TextOf(*value).value_or(""))) return rule;
    }
    return nullptr;
  }

  const KindRule* KindOfBody(const json& body) const {
    if (FindValue(body, "FKDBH") != nullptr) return FindKind("FKDB");
    if (FindValue(body, "PJDBH") != nullptr) return FindKind(FindValue(body, "TDSJ") != nullptr ? "TD" : "PJDB");
    if (FindValue(body, "JJDBH") != nullptr) return FindKind("JJDB");
    return nullptr;
  }

  Police110Options options_;
  std::map<std::string, std::string> types_;
};

}  // namespace

std::unique_ptr<Codec> MakePolice110Codec(Police110Options options) {
  return std::make_unique<Police110Codec>(std::move(options));
}

}  // namespace liandong::adapters
