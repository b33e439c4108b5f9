// The targets without libFuzzer: seeds, everything that was ever found (tests/fuzz/findings/TARGET/), and changed seeds
// for a moment, in the same order on every run.
//
//   fuzz_short_test [--seconds S] [--target T] [FILE...]   FILE: only these, on target T
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "tests/fuzz/target.h"

namespace liandong::fuzz {
namespace {

constexpr size_t kBytesMax = 4096;
// No input may hold its reader up; a machine that stalls does not take so long.
constexpr unsigned kInputSecondsMax = 120;

// What is running: written to a file when it ends the process, so that it can be kept as a test.
std::string& Running() {
  static auto& bytes = *new std::string();
  return bytes;
}
const char* running_target = "";

void OnEnd(int signal_number) {
  char path[256];
  std::snprintf(path, sizeof path, "/tmp/liandong-fuzz-%s-%d", running_target, static_cast<int>(getpid()));
  if (FILE* file = std::fopen(path, "wb")) {
    std::fwrite(Running().data(), 1, Running().size(), file);
    std::fclose(file);
    std::fprintf(stderr, "target %s: the input is in %s; mend it and keep the file in tests/fuzz/findings/%s/\n",
                 running_target, path, running_target);
  }
  signal(signal_number, SIG_DFL);
  raise(signal_number);
}

void Run(const Target& target, const std::string& bytes) {
  running_target = target.name.c_str();
  Running() = bytes;
  alarm(kInputSecondsMax);
  target.run(Running());
  alarm(0);
}

// Some edits that keep much of what a seed says.
std::string Changed(std::string bytes, const std::string& other, std::mt19937& random) {
  for (unsigned edits = 1 + random() % 4; edits > 0; --edits) {
    const size_t at = bytes.empty() ? 0 : random() % bytes.size();
    switch (random() % 7) {
      case 0:
        if (!bytes.empty()) bytes[at] = static_cast<char>(random());
        break;
      case 1:
        if (!bytes.empty()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8));
        break;
      case 2:
        bytes.erase(at, 1 + random() % 8);
        break;
      case 3:
        bytes.insert(at, bytes.substr(at, 1 + random() % 32));
        break;
      case 4:
        bytes.resize(at);
        break;
      case 5:
        bytes.insert(at, 1 + random() % 16, static_cast<char>(random()));
        break;
      default:
        if (!other.empty()) bytes.insert(at, other.substr(random() % other.size(), 1 + random() % 64));
    }
  }
  if (bytes.size() > kBytesMax) bytes.resize(kBytesMax);
  return bytes;
}

int Short(const Target& target, double seconds) {
  std::vector<std::string> inputs = target.seeds();
  Expect(!inputs.empty(), "target " + target.name + " has no seed");
  for (std::string& found : ReadFiles("tests/fuzz/findings/" + target.name)) inputs.push_back(std::move(found));
  Run(target, "");
  for (const std::string& input : inputs) Run(target, input);
  std::mt19937 random(20220301);
  int changed = 0;
  using Clock = std::chrono::steady_clock;
  const auto until = Clock::now() + std::chrono::duration<double>(seconds);
  for (; Clock::now() < until; ++changed) {
    const std::string& seed = inputs[random() % inputs.size()];
    Run(target, Changed(seed, inputs[random() % inputs.size()], random));
  }
  std::printf("%-24s %4zu seeds and findings, %7d changed\n", target.name.c_str(), inputs.size(), changed);
  return 0;
}

int Main(int count, char** arguments) {
  for (int one : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGALRM}) signal(one, OnEnd);
  double seconds = 1;
  std::string only;
  std::vector<std::string> files;
  for (int i = 1; i < count; ++i) {
    if (std::strcmp(arguments[i], "--seconds") == 0 && i + 1 < count) {
      seconds = std::atof(arguments[++i]);
    } else if (std::strcmp(arguments[i], "--target") == 0 && i + 1 < count) {
      only = arguments[++i];
    } else {
      files.push_back(arguments[i]);
    }
  }
  const Target* one = only.empty() ? nullptr : FindTarget(only);
  if ((one == nullptr && !only.empty()) || (one == nullptr && !files.empty())) {
    std::fprintf(stderr, "no target %s; there are:\n", only.c_str());
    for (const Target& target : Targets()) std::fprintf(stderr, "  %s\n", target.name.c_str());
    return 2;
  }
  for (const std::string& file : files) Run(*one, ReadFile(file));
  if (!files.empty()) return 0;
  for (const Target& target : Targets()) {
    if (one == nullptr || one == &target) Short(target, seconds);
  }
  return 0;
}

}  // namespace
}  // namespace liandong::fuzz

int main(int count, char** arguments) { return liandong::fuzz::Main(count, arguments); }
