// One small target for each reader of bytes from outside. Two programs run them: libFuzzer (tests/fuzz/run.sh), and a
// plain one that replays the seeds and all that was ever found, then changes them for a moment (fuzz_short_test).
//
//   FUZZ_SEEDS(json) { return {R"({"a":1})"}; }
//   FUZZ_TARGET(json) { ... Expect(holds, "what was promised"); }
//
// A target must come to the same result for the same bytes, whatever ran before it.
#ifndef LIANDONG_TESTS_FUZZ_TARGET_H_
#define LIANDONG_TESTS_FUZZ_TARGET_H_

#include <string>
#include <string_view>
#include <vector>

namespace liandong::fuzz {

struct Target {
  std::string name;
  void (*run)(std::string_view bytes) = nullptr;
  std::vector<std::string> (*seeds)() = nullptr;
};

// Every target of the program, by name.
const std::vector<Target>& Targets();
// nullptr: there is none.
const Target* FindTarget(std::string_view name);

// Ends the process when `holds` is false: that is a finding.
void Expect(bool holds, std::string_view what);

// A file of the tree. Programs of this folder run from its root.
std::string ReadFile(const std::string& path);
std::vector<std::string> ReadFiles(const std::string& folder);

struct Registrar {
  Registrar(const char* name, void (*run)(std::string_view), std::vector<std::string> (*seeds)());
};

#define FUZZ_SEEDS(name) static std::vector<std::string> Seeds_##name()
#define FUZZ_TARGET(name)                                                                      \
  static void Run_##name(std::string_view bytes);                                              \
  static const ::liandong::fuzz::Registrar kRegistrar_##name(#name, Run_##name, Seeds_##name); \
  static void Run_##name(std::string_view bytes)

}  // namespace liandong::fuzz

#endif  // LIANDONG_TESTS_FUZZ_TARGET_H_
