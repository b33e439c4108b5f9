// A site set of some lines: quick to compile, so that every input can begin with a hub of its own.
#ifndef LIANDONG_TESTS_FUZZ_SMALL_SITE_H_
#define LIANDONG_TESTS_FUZZ_SMALL_SITE_H_

#include "liandong/v1/site.pb.h"

namespace liandong::fuzz {

const v1::SiteSet& SmallSite();

}  // namespace liandong::fuzz

#endif  // LIANDONG_TESTS_FUZZ_SMALL_SITE_H_
