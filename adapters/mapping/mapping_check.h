// Checks of single mappings and conditions, with their places in the file. Internal; see profile_check.h.
#ifndef LIANDONG_ADAPTERS_MAPPING_MAPPING_CHECK_H_
#define LIANDONG_ADAPTERS_MAPPING_MAPPING_CHECK_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/repeated_ptr_field.h>
#include <google/protobuf/text_format.h>

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "liandong/v1/profile.pb.h"

namespace liandong::adapters {

// A message of the profile and where it stands in the file.
class Place {
 public:
  Place(const google::protobuf::Descriptor* type, google::protobuf::TextFormat::ParseInfoTree* tree)
      : type_(type), tree_(tree) {}
  // The field, or its element `index`. Falls back to this place where the file does not say it.
  Place Child(const char* field, int index = -1) const;
  int line() const { return line_; }
  int column() const { return column_; }

 private:
  const google::protobuf::Descriptor* type_;
  google::protobuf::TextFormat::ParseInfoTree* tree_;
  int line_ = 1;
  int column_ = 1;
};

class MappingCheck {
 public:
  MappingCheck(std::string name, const v1::Profile& profile) : name_(std::move(name)), profile_(profile) {}

  void Error(const Place& place, std::string_view zh, std::string_view en);
  std::vector<std::string> TakeErrors() { return std::move(errors_); }

  struct Target {
    bool inbound = true;
    // Inbound: the message that `to` names a field of; nullptr: the mapping stands alone and `to` must be empty.
    const google::protobuf::Descriptor* root = nullptr;
    std::set<std::string> not_to = {};  // fields that have rules of their own
    bool revision = false;
  };
  void Mapping(const v1::Mapping& mapping, const Place& place, const Target& target);
  void Fields(const google::protobuf::RepeatedPtrField<v1::Mapping>& mappings, const Place& parent,
              const Target& target);
  void Whens(const google::protobuf::RepeatedPtrField<v1::When>& whens, const Place& parent, const char* field,
             bool inbound);
  void NativePath(const std::string& path, const Place& place);
  // nullptr when it does not exist or is no table.
  const v1::ValueTable* Table(const std::string& name, const Place& place);
  // Every value of the table must be one that `field` takes.
  void TableFits(const v1::ValueTable& table, const google::protobuf::FieldDescriptor* field, const Place& place);

 private:
  const google::protobuf::FieldDescriptor* SourcePath(const std::string& path, const Place& place, bool inbound,
                                                      const google::protobuf::Descriptor* item);
  void Template(const v1::Mapping& mapping, const Place& place, bool inbound, const google::protobuf::Descriptor* item);
  void InboundTarget(const v1::Mapping& mapping, const Place& place, const Target& target);
  void OutboundTarget(const v1::Mapping& mapping, const Place& place, const google::protobuf::Descriptor* item);

  std::string name_;
  const v1::Profile& profile_;
  std::vector<std::string> errors_;
};

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_MAPPING_MAPPING_CHECK_H_
