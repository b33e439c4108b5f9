// CHECK for the impossible: ends the process before a wrong State can answer anybody.
#ifndef LIANDONG_HUB_CORE_CHECK_H_
#define LIANDONG_HUB_CORE_CHECK_H_

#include <cstdio>
#include <cstdlib>

#define LIANDONG_CHECK(condition, what)                                                         \
  do {                                                                                          \
    if (!(condition)) {                                                                         \
      std::fprintf(stderr, "liandong: %s:%d: %s (%s)\n", __FILE__, __LINE__, what, #condition); \
      std::abort();                                                                             \
    }                                                                                           \
  } while (false)

#endif  // LIANDONG_HUB_CORE_CHECK_H_
