// For promise_12 only: what a thief with a copy of the key store and its master key could do.
//   open_sealed key KEYS.DB MASTER.KEY KEY_ID                       the clear data key, in hexadecimal
//   open_sealed open KEYS.DB MASTER.KEY KEY_ID INCIDENT_ID SEALED   what was sealed; SEALED and the answer in
//   hexadecimal
// 0: done; 3: the key is destroyed; 1: anything else.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "hub/sealer.h"
#include "security/crypto.h"
#include "security/key_reader.h"

namespace {

int Failed(const absl::Status& status) {
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return absl::IsFailedPrecondition(status) ? 3 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  if ((what != "key" || argc != 5) && (what != "open" || argc != 7)) return 1;
  const auto keys = liandong::security::KeyReader::Open(argv[2], argv[3]);
  if (!keys.ok()) return Failed(keys.status());
  const auto key = (*keys)->Key(std::strtoull(argv[4], nullptr, 10));
  if (!key.ok()) return Failed(key.status());
  std::string out = *key;
  if (what == "open") {
    const auto sealed = liandong::security::FromHex(argv[6]);
    if (!sealed.ok()) return Failed(sealed.status());
    const auto opened = liandong::hub::OpenSealed(*key, std::strtoull(argv[5], nullptr, 10), *sealed);
    if (!opened.ok()) return Failed(opened.status());
    out = *opened;
  }
  std::printf("%s\n", liandong::security::Hex(out).c_str());
  return 0;
}
