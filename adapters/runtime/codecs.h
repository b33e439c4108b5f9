// The codec that a profile names, with the profile's options.
#ifndef LIANDONG_ADAPTERS_RUNTIME_CODECS_H_
#define LIANDONG_ADAPTERS_RUNTIME_CODECS_H_

#include <memory>

#include "absl/status/statusor.h"
#include "adapters/fire_119/gb26875.h"
#include "adapters/text/codec.h"
#include "liandong/v1/profile.pb.h"

namespace liandong::adapters {

inline constexpr char kFrameCodec[] = "gb26875";

// InvalidArgument for an unknown name, and for "gb26875", which speaks in frames (FrameOptions).
absl::StatusOr<std::unique_ptr<Codec>> MakeCodec(const v1::Profile& profile);

gb26875::Options FrameOptions(const v1::Profile& profile);

Encoding EncodingOf(const v1::Profile& profile);
Format FormatOf(const v1::Profile& profile);

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_RUNTIME_CODECS_H_
