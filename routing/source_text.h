// Protobuf text with positions: where each field of a parsed message was written. Not thread-safe while parsing.
#ifndef LIANDONG_ROUTING_SOURCE_TEXT_H_
#define LIANDONG_ROUTING_SOURCE_TEXT_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "google/protobuf/message.h"
#include "google/protobuf/text_format.h"
#include "routing/finding.h"

namespace liandong::routing {

// One file's text. Lines and columns of the protobuf tokenizer count bytes, and a tab to the next multiple of 8; people
// and editors count characters.
class SourceText {
 public:
  // A byte order mark at the front is dropped: Windows editors put it there.
  SourceText(std::string name, std::string text);

  const std::string& name() const { return name_; }
  const std::string& text() const { return text_; }
  // Place of a byte of the text.
  Place At(size_t offset) const;
  // Byte at the tokenizer's line and column, both from 0; the end of the text when beyond it.
  size_t Offset(int line, int column) const;
  // Same length of bytes for same length, so that positions stay. Used to look for further errors behind one.
  void Overwrite(size_t offset, size_t length, std::string_view by);

 private:
  std::string name_;
  std::string text_;
  std::vector<size_t> line_begin_;
};

// A parsed message with the text that it came from.
struct Parsed {
  std::unique_ptr<SourceText> source;
  std::unique_ptr<google::protobuf::TextFormat::ParseInfoTree> tree;
  bool ok = false;  // no error; the message is whole
};

// Reports every unknown field and enum value, and the first error of syntax.
Parsed ParseSource(const std::string& name, const std::string& text, google::protobuf::Message* message,
                   std::vector<Finding>* findings);

// Remembers where messages were written. Messages are known by their address: register them where they finally stand.
class Places {
 public:
  // parsed outlives this. The message and everything in it.
  void Register(const google::protobuf::Message& message, const Parsed& parsed);
  // Messages of one repeated field that were moved out of the message that was parsed; element i of the file is
  // *elements[i].
  void RegisterElements(const google::protobuf::FieldDescriptor& field,
                        const std::vector<const google::protobuf::Message*>& elements, const Parsed& parsed);

  Place Find(const google::protobuf::Message& message, std::string_view field, int index) const;

 private:
  struct Node {
    const SourceText* source = nullptr;
    const google::protobuf::TextFormat::ParseInfoTree* tree = nullptr;  // may be nullptr
    int line = -1;                                                      // of the tokenizer; -1: the file as a whole
    int column = -1;
  };
  void Walk(const google::protobuf::Message& message, const Node& node);
  void WalkNested(const Node& parent, const google::protobuf::FieldDescriptor& field, int index,
                  const google::protobuf::Message& nested);

  std::unordered_map<const google::protobuf::Message*, Node> nodes_;  // only looked up
};

}  // namespace liandong::routing

#endif  // LIANDONG_ROUTING_SOURCE_TEXT_H_
