// Personal fields shown in part (Field CALLER_NAME_MASKED, CALLER_PHONE_MASKED): enough to tell two callers apart, not
// to find or to call one. Pure functions, thread-safe.
#ifndef LIANDONG_HUB_CORE_MASK_H_
#define LIANDONG_HUB_CORE_MASK_H_

#include <string>
#include <string_view>

#include "liandong/v1/common.pb.h"

namespace liandong::core {

// "13812341234" is "138****1234". Blanks and hyphens within a number do not count; of a number under 11 digits, which
// could be guessed from its ends, and of anything that is not a number, no more than "****" is left.
std::string MaskPhone(std::string_view phone);
// "张三" is "张**", a name of one character "**". UTF-8.
std::string MaskName(std::string_view name);

// The field that this one shows a part of; FIELD_UNSPECIFIED for a field that is shown whole.
v1::Field WholeOf(v1::Field field);

}  // namespace liandong::core

#endif  // LIANDONG_HUB_CORE_MASK_H_
