// Checks of a profile beyond its syntax. Internal; see ParseProfile.
#ifndef LIANDONG_ADAPTERS_MAPPING_PROFILE_CHECK_H_
#define LIANDONG_ADAPTERS_MAPPING_PROFILE_CHECK_H_

#include <google/protobuf/text_format.h>

#include <string>
#include <vector>

#include "liandong/v1/profile.pb.h"

namespace liandong::adapters {

// Every error as "name:line:column: text"; empty: none.
std::vector<std::string> CheckProfile(const std::string& name, const v1::Profile& profile,
                                      google::protobuf::TextFormat::ParseInfoTree* positions);

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_MAPPING_PROFILE_CHECK_H_
