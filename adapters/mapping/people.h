// How many people a Chinese text speaks of.
#ifndef LIANDONG_ADAPTERS_MAPPING_PEOPLE_H_
#define LIANDONG_ADAPTERS_MAPPING_PEOPLE_H_

#include <cstdint>
#include <optional>
#include <string_view>

namespace liandong::adapters {

// "3", "3人", "三人受伤", "一名30岁男子" (1), "约十余人" (10: at least), "共5人,其中2人重伤" (5), "无", "无人受伤" (0).
// nullopt where the text leaves it open: "不详", "多人", "2人头部受伤,3人腿部受伤" (is the second number part of the
// first?). A wrong number is worse than none.
std::optional<uint32_t> CountPeople(std::string_view text);

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_MAPPING_PEOPLE_H_
