#include "tests/fuzz/target.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "google/protobuf/stubs/logging.h"

namespace liandong::fuzz {
namespace {

std::vector<Target>& All() {
  static auto& targets = *new std::vector<Target>();
  return targets;
}

}  // namespace

Registrar::Registrar(const char* name, void (*run)(std::string_view), std::vector<std::string> (*seeds)()) {
  google::protobuf::SetLogHandler(nullptr);  // a line for each text that is not UTF-8
  All().push_back({name, run, seeds});
  std::sort(All().begin(), All().end(), [](const Target& a, const Target& b) { return a.name < b.name; });
}

const std::vector<Target>& Targets() { return All(); }

const Target* FindTarget(std::string_view name) {
  for (const Target& target : All()) {
    if (target.name == name) return &target;
  }
  return nullptr;
}

void Expect(bool holds, std::string_view what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %.*s\n", static_cast<int>(what.size()), what.data());
  std::abort();
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  Expect(file.good(), "cannot read " + path + "; run from the root of the tree");
  return bytes.str();
}

std::vector<std::string> ReadFiles(const std::string& folder) {
  std::vector<std::string> paths, contents;
  std::error_code missing;
  for (const auto& entry : std::filesystem::directory_iterator(folder, missing)) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  for (const std::string& path : paths) contents.push_back(ReadFile(path));
  return contents;
}

}  // namespace liandong::fuzz
