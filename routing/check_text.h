// The small checks that every part of a set shares: ids, counts, lengths, letters, seconds.
#ifndef LIANDONG_ROUTING_CHECK_TEXT_H_
#define LIANDONG_ROUTING_CHECK_TEXT_H_

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/message.h"
#include "routing/finding.h"

namespace liandong::routing {

// Every text of the message and what it holds: well-formed UTF-8, no control characters but line breaks and tabs, not
// longer than its field may be; every enum value one that this version knows.
void CheckTexts(const google::protobuf::Message& message, Findings* out);

// The field "id" of a thing: spelled as an id, and not there yet. kind: "party", kind_zh: "单位".
void CheckNewId(const google::protobuf::Message& at, const std::string& kind, const std::string& kind_zh,
                const std::string& id, std::set<std::string>* seen, Findings* out);
void CheckPresent(const google::protobuf::Message& at, const std::string& field, std::string_view value,
                  const std::string& what, const std::string& what_zh, Findings* out);
void CheckCount(const google::protobuf::Message& at, const std::string& field, int count, int max,
                const std::string& what, const std::string& what_zh, Findings* out);
void Duplicate(const google::protobuf::Message& at, const std::string& field, const std::string& what,
               const std::string& what_zh, Findings* out);
void UnknownId(const google::protobuf::Message& at, const std::string& field, int index, const std::string& what,
               const std::string& what_zh, const std::string& id, const std::vector<std::string>& known, Findings* out);
// All fields whose name ends in _s: seconds, at most limits::kDeadlineSecondsMax.
void CheckSecondsFields(const google::protobuf::Message& at, const std::string& what, const std::string& what_zh,
                        Findings* out);

}  // namespace liandong::routing

#endif  // LIANDONG_ROUTING_CHECK_TEXT_H_
