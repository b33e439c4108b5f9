// Every bound of the adapters, with its reason. Bounds of the hub are in hub/core/limits.h.
#ifndef LIANDONG_ADAPTERS_LIMITS_H_
#define LIANDONG_ADAPTERS_LIMITS_H_

#include <cstddef>
#include <cstdint>

namespace liandong::adapters {

// --- native messages (adapters/text and the codecs) ---

// One native message, in bytes. A call record with a long narrative is some 20 kB; attachments are never inline.
inline constexpr size_t kNativeMessageBytesMax = 1024 * 1024;
// Nesting of a native message. The deepest known format has 4; pugixml and JSON destructors recurse by it.
inline constexpr int kTreeDepthMax = 32;
// Values of one message in all. A message of kNativeMessageBytesMax made of "0," would hold half a million.
inline constexpr size_t kTreeNodesMax = 20000;
// Length of one field name in bytes: the longest known one has 24.
inline constexpr size_t kFieldNameBytesMax = 128;
// Text of one known field in UTF-8 bytes, by its sort: an id, a code, a time, a name or address, a narrative.
inline constexpr size_t kFieldIdBytesMax = 128;
inline constexpr size_t kFieldCodeBytesMax = 64;
inline constexpr size_t kFieldTimeBytesMax = 40;
inline constexpr size_t kFieldNameTextBytesMax = 2048;
inline constexpr size_t kFieldTextBytesMax = 256 * 1024;
inline constexpr size_t kFieldFlagBytesMax = 8;
// Elements of a known list field (vehicles, units): a whole county has fewer engines and ambulances than this.
inline constexpr size_t kFieldListItemsMax = 1000;
// People in one count field; more is a slip of the keyboard, not an incident of one county.
inline constexpr int64_t kFieldCountMax = 10'000'000;

// --- GB/T 26875.3 (adapters/fire_119) ---

// Application data unit, in bytes (GB/T 26875.3-2011 6.3: at most 1024).
inline constexpr size_t kGb26875AduBytesMax = 1024;
// Bytes that a frame reader holds: some fifteen whole frames, so that one read of a socket fits.
inline constexpr size_t kGb26875BufferBytesMax = 16 * 1024;

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_LIMITS_H_
