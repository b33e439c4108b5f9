#include "routing/source_text.h"

#include <algorithm>
#include <utility>

namespace liandong::routing {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::TextFormat;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr int kTabWidth = 8;  // of the protobuf tokenizer

bool BeginsCharacter(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

// The tokenizer's position of element index of a field; the last one before it when several were written in one
// bracket, which the parser records once. line is -1 when the field was not written.
TextFormat::ParseLocation LocationOf(const TextFormat::ParseInfoTree& tree, const FieldDescriptor& field, int index) {
  if (!field.is_repeated()) return tree.GetLocation(&field, -1);
  for (int i = std::max(index, 0); i >= 0; --i) {
    TextFormat::ParseLocation location = tree.GetLocation(&field, i);
    if (location.line >= 0) return location;
  }
  return TextFormat::ParseLocation();
}

}  // namespace

SourceText::SourceText(std::string name, std::string text) : name_(std::move(name)), text_(std::move(text)) {
  if (text_.starts_with(kByteOrderMark)) text_.erase(0, kByteOrderMark.size());
  line_begin_.push_back(0);
  for (size_t i = 0; i < text_.size(); ++i) {
    if (text_[i] == '\n') line_begin_.push_back(i + 1);
  }
}

Place SourceText::At(size_t offset) const {
  offset = std::min(offset, text_.size());
  auto after = std::upper_bound(line_begin_.begin(), line_begin_.end(), offset);
  auto begin = static_cast<std::ptrdiff_t>(*(after - 1));
  auto characters =
      std::count_if(text_.begin() + begin, text_.begin() + static_cast<std::ptrdiff_t>(offset), BeginsCharacter);
  return {name_, static_cast<int>(after - line_begin_.begin()), static_cast<int>(characters) + 1};
}

size_t SourceText::Offset(int line, int column) const {
  if (line < 0 || static_cast<size_t>(line) >= line_begin_.size()) return text_.size();
  size_t offset = line_begin_[static_cast<size_t>(line)];
  for (int at = 0; at < column && offset < text_.size() && text_[offset] != '\n'; ++offset) {
    at += text_[offset] == '\t' ? kTabWidth - at % kTabWidth : 1;
  }
  return offset;
}

void SourceText::Overwrite(size_t offset, size_t length, std::string_view by) {
  for (size_t i = 0; i < length; ++i) text_[offset + i] = i < by.size() ? by[i] : ' ';
}

void Places::Register(const Message& message, const Parsed& parsed) {
  Walk(message, {parsed.source.get(), parsed.tree.get(), -1, -1});
}

void Places::RegisterElements(const FieldDescriptor& field, const std::vector<const Message*>& elements,
                              const Parsed& parsed) {
  Node file{parsed.source.get(), parsed.tree.get(), -1, -1};
  for (size_t i = 0; i < elements.size(); ++i) WalkNested(file, field, static_cast<int>(i), *elements[i]);
}

void Places::WalkNested(const Node& parent, const FieldDescriptor& field, int index, const Message& nested) {
  Node node{parent.source, nullptr, parent.line, parent.column};
  if (parent.tree != nullptr) {
    TextFormat::ParseLocation location = LocationOf(*parent.tree, field, index);
    if (location.line >= 0) {
      node.line = location.line;
      node.column = location.column;
    }
    node.tree = parent.tree->GetTreeForNested(&field, index);
  }
  Walk(nested, node);
}

void Places::Walk(const Message& message, const Node& node) {
  nodes_[&message] = node;
  const Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      WalkNested(node, *field, -1, reflection.GetMessage(message, field));
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      WalkNested(node, *field, i, reflection.GetRepeatedMessage(message, field, i));
    }
  }
}

Place Places::Find(const Message& message, std::string_view field_name, int index) const {
  auto found = nodes_.find(&message);
  if (found == nodes_.end()) return {};
  const Node& node = found->second;
  int line = node.line, column = node.column;
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(std::string(field_name));
  if (field != nullptr && node.tree != nullptr) {
    TextFormat::ParseLocation location = LocationOf(*node.tree, *field, index);
    if (location.line >= 0) {
      line = location.line;
      column = location.column;
    }
  }
  if (line < 0) return {node.source->name(), 0, 0};
  return node.source->At(node.source->Offset(line, column));
}

}  // namespace liandong::routing
