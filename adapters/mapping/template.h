// Texts with values in them: "{/body/BJNR}[\n补充: {/body/BCJJNR}]". See Mapping.template in profile.proto.
#ifndef LIANDONG_ADAPTERS_MAPPING_TEMPLATE_H_
#define LIANDONG_ADAPTERS_MAPPING_TEMPLATE_H_

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace liandong::adapters {

struct TemplateValue {
  std::string path;
  std::string filter;  // "" or what stands after |
};

// The values that the template asks for. InvalidArgument when it cannot be read.
absl::StatusOr<std::vector<TemplateValue>> TemplateValues(std::string_view text);

// nullopt when none of its values is there (a template without values always is), or when it cannot be read.
std::optional<std::string> RenderTemplate(std::string_view text,
                                          const std::function<std::optional<std::string>(const TemplateValue&)>& value);

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_MAPPING_TEMPLATE_H_
