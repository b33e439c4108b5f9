// Folders and waiting, for the tests of adapters/transport.
#ifndef LIANDONG_TESTS_UNIT_ADAPTERS_TRANSPORT_SUPPORT_H_
#define LIANDONG_TESTS_UNIT_ADAPTERS_TRANSPORT_SUPPORT_H_

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>

#include "tests/unit/adapters/transport/raw_client.h"

namespace liandong::adapters {

inline bool Eventually(const std::function<bool()>& condition) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (std::chrono::steady_clock::now() < until) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return condition();
}

class Folder {
 public:
  Folder() {
    std::string name = testing::TempDir() + "/transport.XXXXXX";
    path_ = mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace liandong::adapters

#endif  // LIANDONG_TESTS_UNIT_ADAPTERS_TRANSPORT_SUPPORT_H_
