// A race on purpose: two threads count in one number without a lock. ThreadSanitizer must find it, or a clean run of
// the other tests under it would say nothing. Built for the `tsan` preset only.
#include <cstdio>
#include <thread>

namespace {
int counted = 0;
void Count() {
  for (int i = 0; i < 1000; ++i) ++counted;
}
}  // namespace

int main() {
  std::thread other(Count);
  Count();
  other.join();
  std::printf("%d\n", counted);
  return 0;
}
