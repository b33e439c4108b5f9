// One target as a libFuzzer program; LIANDONG_FUZZ_TARGET names it. `--write-seeds FOLDER` writes the seeds and ends.
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>

#include "tests/fuzz/target.h"

namespace {

const liandong::fuzz::Target& Ours() {
  static const liandong::fuzz::Target* const kTarget = liandong::fuzz::FindTarget(LIANDONG_FUZZ_TARGET);
  return *kTarget;
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* count, char*** arguments) {
  if (*count != 3 || std::string_view((*arguments)[1]) != "--write-seeds") return 0;
  int number = 0;
  for (const std::string& seed : Ours().seeds()) {
    std::ofstream((*arguments)[2] + ("/seed-" + std::to_string(number++)), std::ios::binary) << seed;
  }
  std::exit(0);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Ours().run(std::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
