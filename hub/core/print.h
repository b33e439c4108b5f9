// Records in words, for timelines, the board and scenario failures.
#ifndef LIANDONG_HUB_CORE_PRINT_H_
#define LIANDONG_HUB_CORE_PRINT_H_

#include <string>

#include "liandong/v1/record.pb.h"
#include "routing/site.h"

namespace liandong::core {

// Stable token of the record's kind, for example "REPORT", "ACKNOWLEDGED".
std::string WhatToken(const v1::Record& record);

struct Words {
  std::string zh;
  std::string en;
};
// One line; holds nothing that is sealed. `site` may be nullptr.
Words InWords(const v1::Record& record, const routing::Site* site);

std::string StateZh(v1::AckState state);

}  // namespace liandong::core

#endif  // LIANDONG_HUB_CORE_PRINT_H_
