// The spool draws its key and its nonces from OpenSSL. In this program OpenSSL's source is a counter that each run sets
// anew, so that a run can be had again byte for byte. The dynamic linker takes a program's own symbol before a
// library's; only calls from our code come here, and only in this program.
#include "tests/simulation/deterministic_random.h"

#include <cstddef>

namespace liandong::sim {
namespace {
uint64_t g_state = 1;
}
void SetDeterministicRandom(uint64_t seed) { g_state = seed; }
unsigned char NextDeterministicByte() {
  g_state = g_state * 6364136223846793005u + 1442695040888963407u;
  return static_cast<unsigned char>(g_state >> 56);
}
}  // namespace liandong::sim

extern "C" int RAND_bytes_ex(void*, unsigned char* out, size_t count, unsigned int) {
  for (size_t i = 0; i < count; ++i) out[i] = liandong::sim::NextDeterministicByte();
  return 1;
}
extern "C" int RAND_bytes(unsigned char* out, int count) {
  return RAND_bytes_ex(nullptr, out, static_cast<size_t>(count), 0);
}
