#include "adapters/mapping/template.h"

#include <utility>

namespace liandong::adapters {
namespace {

struct Piece {
  std::string literal;
  std::optional<TemplateValue> value;
  bool optional = false;  // stands in brackets
  size_t section = 0;     // which bracket
};

absl::StatusOr<std::vector<Piece>> Parse(std::string_view text) {
  std::vector<Piece> pieces;
  size_t section = 0;
  bool inside = false;
  const auto literal = [&](char c) {
    if (pieces.empty() || pieces.back().value || pieces.back().section != section || pieces.back().optional != inside) {
      pieces.push_back({"", std::nullopt, inside, section});
    }
    pieces.back().literal.push_back(c);
  };
  for (size_t at = 0; at < text.size(); ++at) {
    switch (text[at]) {
      case '\\':
        if (++at == text.size())
          return absl::InvalidArgumentError("模板末尾的 \\ 之后缺字符 (nothing after the last \\)");
        literal(text[at]);
        break;
      case '[':
        if (inside) return absl::InvalidArgumentError("模板的 [ 不能嵌套 (a [ within a [ of the template)");
        inside = true;
        ++section;
        break;
      case ']':
        if (!inside) return absl::InvalidArgumentError("模板的 ] 没有对应的 [ (a ] without its [ in the template)");
        inside = false;
        ++section;
        break;
      case '{': {
        const size_t close = text.find('}', at);
        if (close == std::string_view::npos || close == at + 1) {
          return absl::InvalidArgumentError("模板的 { 没有 } 或其中为空 (a { without } or with nothing in it)");
        }
        const std::string_view inner = text.substr(at + 1, close - at - 1);
        const size_t bar = inner.find('|');
        TemplateValue value{std::string(inner.substr(0, bar)), ""};
        if (bar != std::string_view::npos) value.filter = std::string(inner.substr(bar + 1));
        pieces.push_back({"", std::move(value), inside, section});
        at = close;
        break;
      }
      default:
        literal(text[at]);
    }
  }
  if (inside) return absl::InvalidArgumentError("模板的 [ 没有对应的 ] (a [ without its ] in the template)");
  return pieces;
}

}  // namespace

absl::StatusOr<std::vector<TemplateValue>> TemplateValues(std::string_view text) {
  absl::StatusOr<std::vector<Piece>> pieces = Parse(text);
  if (!pieces.ok()) return pieces.status();
  std::vector<TemplateValue> values;
  for (Piece& piece : *pieces) {
    if (piece.value) values.push_back(*std::move(piece.value));
  }
  return values;
}

std::optional<std::string> RenderTemplate(
    std::string_view text, const std::function<std::optional<std::string>(const TemplateValue&)>& value) {
  absl::StatusOr<std::vector<Piece>> pieces = Parse(text);
  if (!pieces.ok()) return std::nullopt;
  std::string rendered;
  bool any_asked = false;
  bool any_there = false;
  for (size_t at = 0; at < pieces->size();) {
    const size_t section = (*pieces)[at].section;
    const bool optional = (*pieces)[at].optional;
    std::string part;
    bool whole = true;
    bool there = false;
    for (; at < pieces->size() && (*pieces)[at].section == section; ++at) {
      const Piece& piece = (*pieces)[at];
      if (!piece.value) {
        part += piece.literal;
        continue;
      }
      any_asked = true;
      if (std::optional<std::string> found = value(*piece.value)) {
        part += *found;
        there = true;
      } else {
        whole = false;
      }
    }
    if (optional && !whole) continue;
    any_there |= there;
    rendered += part;
  }
  if (any_asked && !any_there) return std::nullopt;
  return rendered;
}

}  // namespace liandong::adapters
