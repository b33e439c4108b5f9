// Value tables of profiles, in both directions.
#ifndef LIANDONG_ADAPTERS_MAPPING_TABLE_H_
#define LIANDONG_ADAPTERS_MAPPING_TABLE_H_

#include <optional>
#include <string>
#include <string_view>

#include "liandong/v1/profile.pb.h"

namespace liandong::adapters {

// A table of the profile, or one of ours ("@state_zh" ...); nullptr when there is none of that name.
const v1::ValueTable* FindTable(const v1::Profile& profile, std::string_view name);

struct TableResult {
  enum Kind {
    kFound,
    kNothing,   // the table says on purpose that this value means nothing for us
    kUnmapped,  // no row; `otherwise` and KEEP are for the caller, who may have another source
  };
  Kind kind = kUnmapped;
  std::string value;
};

TableResult TableToOurs(const v1::ValueTable& table, std::string_view native);
// A dotted code takes its nearest ancestor's row. Does apply `otherwise_native`.
std::optional<std::string> TableToNative(const v1::ValueTable& table, std::string_view ours);

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_MAPPING_TABLE_H_
