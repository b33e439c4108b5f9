#include "adapters/text/xml.h"

#include <pugixml.hpp>
#include <set>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "adapters/text/reason.h"
#include "adapters/text/value.h"

namespace liandong::adapters {
namespace {

using nlohmann::json;

constexpr std::string_view kBlanks = " \t\r\n";

bool IsNameStart(char c) {
  unsigned char u = static_cast<unsigned char>(c);
  return absl::ascii_isalpha(u) || c == '_' || u >= 0x80;
}

bool IsNameChar(char c) {
  return IsNameStart(c) || absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '-' || c == '.' || c == ':';
}

bool IsName(std::string_view name) {
  if (name.empty() || name.size() > kFieldNameBytesMax || !IsNameStart(name[0])) return false;
  for (char c : name) {
    if (!IsNameChar(c)) return false;
  }
  return true;
}

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 && kBlanks.find(c) == std::string_view::npos; }

// Walks the text once before the parser does: the parser is lenient (it skips a DOCTYPE, leaves unknown entities in the
// text and takes several roots), and bounds must hold before it spends memory.
class Scanner {
 public:
  Scanner(std::string_view text, const ParseLimits& limits) : text_(text), limits_(limits) {}

  absl::Status Run() {
    for (size_t i = 0; i < text_.size(); ++i) {
      if (IsControl(text_[i])) return Bad(i, "控制字符", "control character");
    }
    while (at_ < text_.size()) {
      absl::Status status = text_[at_] == '<' ? Markup() : Text();
      if (!status.ok()) return status;
    }
    if (depth_ != 0 || roots_ != 1) return Bad(at_, "文档不完整", "the document ends before its root element does");
    return absl::OkStatus();
  }

 private:
  absl::Status Bad(size_t offset, std::string_view zh, std::string_view en, std::string_view reason = kReasonBadXml) {
    size_t line = 1;
    size_t line_start = 0;
    for (size_t i = 0; i < offset && i < text_.size(); ++i) {
      if (text_[i] != '\n') continue;
      ++line;
      line_start = i + 1;
    }
    size_t column = offset - line_start + 1;
    return BadMessage(reason, absl::StrCat("XML 第 ", line, " 行第 ", column, " 列:", std::string(zh)),
                      absl::StrCat("XML line ", line, ", column ", column, ": ", std::string(en)));
  }

  bool Starts(std::string_view token) const { return text_.substr(at_, token.size()) == token; }

  absl::Status SkipPast(std::string_view opening, std::string_view closing) {
    size_t end = text_.find(closing, at_ + opening.size());
    if (end == std::string_view::npos) return Bad(at_, "标记没有结束", "markup without its end");
    at_ = end + closing.size();
    return absl::OkStatus();
  }

  absl::Status Count() {
    if (++values_ <= limits_.values_max) return absl::OkStatus();
    return Bad(at_, absl::StrCat("元素和属性超过 ", limits_.values_max, " 个"),
               absl::StrCat("more than ", limits_.values_max, " elements and attributes"), kReasonTooManyValues);
  }

  // `at_` is on '&'.
  absl::Status Entity() {
    size_t end = text_.find(';', at_);
    constexpr size_t kLongest = 10;  // &#1114111;
    if (end == std::string_view::npos || end - at_ > kLongest) return Bad(at_, "不完整的实体", "incomplete entity");
    std::string_view name = text_.substr(at_ + 1, end - at_ - 1);
    bool ok = name == "amp" || name == "lt" || name == "gt" || name == "quot" || name == "apos";
    if (!ok && name.size() > 1 && name[0] == '#') {
      bool hex = name[1] == 'x';
      std::string_view digits = name.substr(hex ? 2 : 1);
      uint32_t value = 0;
      ok = !digits.empty();
      for (char c : digits) {
        unsigned char u = static_cast<unsigned char>(c);
        if (hex ? !absl::ascii_isxdigit(u) : !absl::ascii_isdigit(u)) ok = false;
        uint32_t digit = absl::ascii_isdigit(u) ? u - '0' : (absl::ascii_tolower(u) - 'a' + 10);
        if (ok) value = value * (hex ? 16 : 10) + digit;
      }
      bool blank = value == '\t' || value == '\n' || value == '\r';
      ok = ok && (value >= 0x20 || blank) && value <= 0x10FFFF && !(value >= 0xD800 && value <= 0xDFFF);
    }
    if (!ok) return Bad(at_, "不允许的实体", "only the five entities of XML and character references are allowed");
    at_ = end + 1;
    return absl::OkStatus();
  }

  absl::Status Text() {
    while (at_ < text_.size() && text_[at_] != '<') {
      if (depth_ == 0 && kBlanks.find(text_[at_]) == std::string_view::npos) {
        return Bad(at_, "根元素之外有文字", "text outside of the root element");
      }
      if (text_[at_] == '&') {
        if (absl::Status status = Entity(); !status.ok()) return status;
      } else {
        ++at_;
      }
    }
    return absl::OkStatus();
  }

  absl::Status Markup() {
    if (Starts("<!--")) return SkipPast("<!--", "-->");
    if (Starts("<![CDATA[")) {
      if (depth_ == 0) return Bad(at_, "根元素之外有文字", "text outside of the root element");
      return SkipPast("<![CDATA[", "]]>");
    }
    if (Starts("<!")) return Bad(at_, "不允许 DOCTYPE 声明", "DOCTYPE and other declarations are refused");
    if (Starts("<?")) return SkipPast("<?", "?>");
    if (Starts("</")) {
      if (depth_ == 0) return Bad(at_, "多余的结束标签", "an end tag without its start");
      --depth_;
      return SkipPast("</", ">");
    }
    return StartTag();
  }

  absl::Status StartTag() {
    size_t start = at_++;
    if (at_ >= text_.size() || !IsNameStart(text_[at_])) return Bad(start, "标签名无效", "bad element name");
    size_t name_start = at_;
    while (at_ < text_.size() && IsNameChar(text_[at_])) ++at_;
    if (at_ - name_start > kFieldNameBytesMax) return Bad(start, "标签名过长", "element name too long", kReasonTooLong);
    if (depth_ == 0 && ++roots_ > 1) return Bad(start, "有多个根元素", "more than one root element");
    if (absl::Status status = Count(); !status.ok()) return status;
    if (depth_ >= limits_.depth_max) {
      return Bad(start, absl::StrCat("嵌套超过 ", limits_.depth_max, " 层"),
                 absl::StrCat("nested deeper than ", limits_.depth_max), kReasonTooDeep);
    }
    std::set<std::string_view> seen;
    while (true) {
      while (at_ < text_.size() && kBlanks.find(text_[at_]) != std::string_view::npos) ++at_;
      if (at_ >= text_.size()) return Bad(start, "标签没有结束", "a tag without its end");
      if (text_[at_] == '>') {
        ++at_;
        ++depth_;
        return absl::OkStatus();
      }
      if (Starts("/>")) {
        at_ += 2;
        return absl::OkStatus();
      }
      if (absl::Status status = Attribute(seen); !status.ok()) return status;
    }
  }

  absl::Status Attribute(std::set<std::string_view>& seen) {
    size_t start = at_;
    while (at_ < text_.size() && IsNameChar(text_[at_])) ++at_;
    std::string_view name = text_.substr(start, at_ - start);
    if (!IsName(name)) return Bad(start, "属性名无效", "bad attribute name");
    if (!seen.insert(name).second) return Bad(start, "属性重复", "an attribute repeats", kReasonDuplicateKey);
    if (absl::Status status = Count(); !status.ok()) return status;
    while (at_ < text_.size() && kBlanks.find(text_[at_]) != std::string_view::npos) ++at_;
    if (at_ >= text_.size() || text_[at_++] != '=') return Bad(start, "属性没有值", "an attribute without a value");
    while (at_ < text_.size() && kBlanks.find(text_[at_]) != std::string_view::npos) ++at_;
    if (at_ >= text_.size() || (text_[at_] != '"' && text_[at_] != '\'')) {
      return Bad(start, "属性值没有引号", "an attribute value without quotes");
    }
    char quote = text_[at_++];
    while (at_ < text_.size() && text_[at_] != quote) {
      if (text_[at_] == '<') return Bad(at_, "属性值中有 <", "'<' in an attribute value");
      if (text_[at_] == '&') {
        if (absl::Status status = Entity(); !status.ok()) return status;
      } else {
        ++at_;
      }
    }
    if (at_ >= text_.size()) return Bad(start, "属性值没有结束", "an attribute value without its end");
    ++at_;
    return absl::OkStatus();
  }

  std::string_view text_;
  const ParseLimits& limits_;
  size_t at_ = 0;
  int depth_ = 0;
  int roots_ = 0;
  size_t values_ = 0;
};

json ElementToTree(const pugi::xml_node& node) {
  json tree = json::object();
  std::string text;
  for (const pugi::xml_attribute& attribute : node.attributes()) {
    tree[absl::StrCat("@", attribute.name())] = attribute.value();
  }
  for (const pugi::xml_node& child : node.children()) {
    if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) text += child.value();
    if (child.type() != pugi::node_element) continue;
    auto it = tree.find(child.name());
    if (it == tree.end()) {
      tree[child.name()] = ElementToTree(child);
      continue;
    }
    // A child's tree is never an array itself, so an array here is one of repeats.
    if (!it->is_array()) *it = json::array({std::move(*it)});
    it->push_back(ElementToTree(child));
  }
  std::string stripped(absl::StripAsciiWhitespace(text));
  if (tree.empty()) return stripped;
  if (!stripped.empty()) tree["#text"] = stripped;
  return tree;
}

absl::Status CannotWrite(std::string_view zh, std::string_view en) {
  return BadMessage(kReasonBadValue, absl::StrCat("无法写成 XML:", std::string(zh)),
                    absl::StrCat("cannot be written as XML: ", std::string(en)));
}

absl::StatusOr<std::string> XmlText(const json& value) {
  if (value.is_null()) return "";
  std::string text;
  if (value.is_string()) {
    text = value.get<std::string>();
  } else {
    absl::StatusOr<std::string> dumped = DumpJson(value);
    if (!dumped.ok()) return dumped;
    text = *std::move(dumped);
  }
  for (char c : text) {
    if (IsControl(c)) return CannotWrite("文字中有控制字符", "a text holds a control character");
  }
  if (FirstInvalidUtf8(text)) return CannotWrite("文字不是 UTF-8", "a text is not UTF-8");
  return text;
}

absl::Status FillElement(pugi::xml_node node, const json& value, int depth);

absl::Status AddChild(pugi::xml_node node, const std::string& name, const json& value, int depth) {
  if (value.is_null()) return absl::OkStatus();
  if (value.is_array()) return CannotWrite("数组中的数组", "an array inside an array");
  return FillElement(node.append_child(name.c_str()), value, depth + 1);
}

absl::Status FillElement(pugi::xml_node node, const json& value, int depth) {
  if (depth > kTreeDepthMax) return CannotWrite("嵌套过深", "nested too deep");
  if (!value.is_object()) {
    absl::StatusOr<std::string> text = XmlText(value);
    if (!text.ok()) return text.status();
    if (!text->empty()) node.append_child(pugi::node_pcdata).set_value(text->c_str());
    return absl::OkStatus();
  }
  for (const auto& [name, member] : value.items()) {
    if (name == "#text" || (name.size() > 1 && name[0] == '@')) {
      if (member.is_structured()) return CannotWrite("属性或文字不是单值", "an attribute or a text is not a scalar");
      if (member.is_null()) continue;
      absl::StatusOr<std::string> text = XmlText(member);
      if (!text.ok()) return text.status();
      if (name == "#text") {
        node.append_child(pugi::node_pcdata).set_value(text->c_str());
        continue;
      }
      if (!IsName(std::string_view(name).substr(1))) return CannotWrite("属性名无效", "bad attribute name");
      node.append_attribute(name.c_str() + 1).set_value(text->c_str());
      continue;
    }
    if (!IsName(name)) return CannotWrite("字段名不是有效的 XML 名称", "a field name is no XML name");
    absl::Status status;
    if (member.is_array()) {
      for (const json& item : member) {
        if (status.ok()) status = AddChild(node, name, item, depth);
      }
    } else {
      status = AddChild(node, name, member, depth);
    }
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<json> ParseXml(std::string_view utf8, const ParseLimits& limits) {
  if (utf8.size() > limits.bytes_max) {
    return BadMessage(kReasonTooLarge, absl::StrCat("XML 有 ", utf8.size(), " 字节,上限 ", limits.bytes_max),
                      absl::StrCat("XML of ", utf8.size(), " bytes, at most ", limits.bytes_max));
  }
  if (std::optional<size_t> invalid = FirstInvalidUtf8(utf8)) {
    return BadMessage(kReasonBadEncoding, absl::StrCat("XML 第 ", *invalid, " 字节不是有效的 UTF-8"),
                      absl::StrCat("XML byte offset ", *invalid, " is not valid UTF-8"));
  }
  if (absl::Status status = Scanner(utf8, limits).Run(); !status.ok()) return status;
  pugi::xml_document document;
  unsigned flags = pugi::parse_cdata | pugi::parse_escapes | pugi::parse_wconv_attribute | pugi::parse_eol;
  pugi::xml_parse_result result = document.load_buffer(utf8.data(), utf8.size(), flags, pugi::encoding_utf8);
  if (!result) {
    return BadMessage(kReasonBadXml, absl::StrCat("XML 第 ", result.offset, " 字节处有语法错误"),
                      absl::StrCat("XML byte offset ", result.offset, ": ", result.description()));
  }
  pugi::xml_node root = document.document_element();
  json tree = json::object();
  tree[root.name()] = ElementToTree(root);
  return tree;
}

std::optional<Encoding> DeclaredXmlEncoding(std::string_view bytes) {
  if (bytes.substr(0, 3) == "\xEF\xBB\xBF") bytes.remove_prefix(3);
  constexpr size_t kDeclarationBytesMax = 200;
  if (bytes.substr(0, 5) != "<?xml") return std::nullopt;
  std::string_view head = bytes.substr(0, std::min(bytes.find("?>"), kDeclarationBytesMax));
  size_t at = head.find("encoding");
  if (at == std::string_view::npos) return std::nullopt;
  size_t open = head.find_first_of("\"'", at);
  if (open == std::string_view::npos) return std::nullopt;
  size_t close = head.find(head[open], open + 1);
  if (close == std::string_view::npos) return std::nullopt;
  return EncodingFromName(head.substr(open + 1, close - open - 1));
}

absl::StatusOr<std::string> WriteXml(const json& content, std::string_view root, Encoding encoding) {
  if (!IsName(root)) return CannotWrite("根元素名无效", "bad root name");
  if (content.is_array()) return CannotWrite("根不能是数组", "the root cannot be an array");
  pugi::xml_document document;
  absl::Status status = FillElement(document.append_child(std::string(root).c_str()), content, 1);
  if (!status.ok()) return status;
  std::ostringstream out;
  document.save(out, "", pugi::format_raw | pugi::format_no_declaration, pugi::encoding_utf8);
  // A reader takes a bare carriage return for the end of a line; raw, it can only stand in a text.
  const std::string body = absl::StrReplaceAll(out.str(), {{"\r", "&#13;"}});
  return FromUtf8(absl::StrCat("<?xml version=\"1.0\" encoding=\"", std::string(EncodingName(encoding)), "\"?>", body),
                  encoding);
}

}  // namespace liandong::adapters
