// XML of the hotlines and of file exchange, as the same tree that JSON gives. Pure functions, safe in any thread.
#ifndef LIANDONG_ADAPTERS_TEXT_XML_H_
#define LIANDONG_ADAPTERS_TEXT_XML_H_

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "adapters/text/encoding.h"
#include "adapters/text/json.h"

namespace liandong::adapters {

// Tree of one XML document in UTF-8: an object with one member, the root element's name. An element is a string when it
// has text only ("" when it is empty), else an object: attributes "@name", child elements by name (an array where the
// name repeats), own text "#text" (white space around it dropped). Comments and processing instructions are dropped.
// Refused: DOCTYPE, entities other than the five of XML and character references, control characters, more than
// one root, repeated attributes, and what exceeds the limits. Reasons: bad_xml, too_large, too_deep, too_many_values.
// An encoding named in the XML declaration is not looked at: convert first.
absl::StatusOr<nlohmann::json> ParseXml(std::string_view utf8, const ParseLimits& limits = {});

// The encoding that the XML declaration names, if there is one and it is one of ours.
std::optional<Encoding> DeclaredXmlEncoding(std::string_view bytes);

// The reverse of ParseXml: `content` becomes the element `root`, with an XML declaration that names `encoding`; the
// bytes are in that encoding. null members are left out; an array becomes repeated elements. InvalidArgument for what
// XML cannot say: a key that is no XML name, an array in an array, a control character.
absl::StatusOr<std::string> WriteXml(const nlohmann::json& content, std::string_view root,
                                     Encoding encoding = Encoding::kUtf8);

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_TEXT_XML_H_
