// The fields of 110's records, as DOMAIN 4.1 lists them.
#ifndef LIANDONG_ADAPTERS_POLICE_110_FIELDS_H_
#define LIANDONG_ADAPTERS_POLICE_110_FIELDS_H_

#include <vector>

#include "adapters/text/record_codec.h"

namespace liandong::adapters {

// JJDB, PJDB, TD and FKDB. They apply to the body.
std::vector<KindRule> Police110Kinds();

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_POLICE_110_FIELDS_H_
