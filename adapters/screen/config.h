// The settings of liandong-screen (liandong/v1/screen_config.proto), read and checked as a whole.
#ifndef LIANDONG_ADAPTERS_SCREEN_CONFIG_H_
#define LIANDONG_ADAPTERS_SCREEN_CONFIG_H_

#include <string>

#include "absl/status/statusor.h"
#include "liandong/v1/screen_config.pb.h"

namespace liandong::screen {

// Defaults filled in, all paths absolute. InvalidArgument: everything that is wrong, one a line, Chinese and English,
// each naming the place and the mend. The files that it names are not opened yet.
absl::StatusOr<v1::ScreenConfig> LoadConfig(const std::string& path);

}  // namespace liandong::screen

#endif  // LIANDONG_ADAPTERS_SCREEN_CONFIG_H_
