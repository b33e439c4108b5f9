#include "tests/simulation/apart.h"

#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "hub/core/check.h"

namespace liandong::sim {
namespace {

constexpr rlim_t kCpuSecondsMax = 900;  // of one run; the longest take a tenth of it in the slowest build
constexpr char kMark[] = "\n@result\n";

std::string Encode(const RunResult& result) {
  std::string out =
      absl::StrCat(kMark, "steps ", result.steps, "\ntrace ", result.trace, "\nrecords ", result.records, "\n");
  if (result.failure.any())
    absl::StrAppend(&out, "failed ", result.failure.checker, " ", absl::CEscape(result.failure.what), "\n");
  for (const auto& [kind, count] : result.faults.counts()) absl::StrAppend(&out, "fault ", count, " ", kind, "\n");
  for (const auto& [kind, count] : result.faults.effects()) absl::StrAppend(&out, "effect ", count, " ", kind, "\n");
  return absl::StrCat(out, "end\n");
}

// False: it ended before it had said all.
bool Decode(std::string_view said, RunResult* result) {
  const size_t at = said.rfind(kMark);
  if (at == std::string_view::npos || said.substr(said.size() - 4) != "end\n") return false;
  for (absl::string_view line : absl::StrSplit(absl::string_view(said.data() + at, said.size() - at), '\n')) {
    const std::vector<std::string> words = absl::StrSplit(line, absl::MaxSplits(' ', 2));
    uint64_t number = 0;
    if (words.size() > 1) (void)absl::SimpleAtoi(words[1], &number);
    if (words[0] == "steps") result->steps = number;
    if (words[0] == "trace") result->trace = number;
    if (words[0] == "records") result->records = number;
    if (words[0] == "fault") result->faults.Count(words[2], number);
    if (words[0] == "effect") result->faults.CountEffect(words[2], number);
    if (words[0] == "failed") {
      result->failure.checker = words[1];
      (void)absl::CUnescape(words[2], &result->failure.what);
    }
  }
  return true;
}

std::string LastLine(const std::string& said) {
  const std::vector<std::string> lines = absl::StrSplit(said, '\n', absl::SkipWhitespace());
  return lines.empty() ? "it said nothing" : lines.back();
}

[[noreturn]] void RunAsChild(const v1::SiteSet& site, const Job& job, int output, uint64_t* steps_done) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // a program that is ended leaves none of them behind
  const rlimit cpu = {kCpuSecondsMax, kCpuSecondsMax + 10};
  setrlimit(RLIMIT_CPU, &cpu);
  const rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  dup2(output, STDERR_FILENO);  // a CHECK's last words
  const std::string out = Encode(sim::Run(site, job, steps_done));
  for (size_t written = 0; written < out.size();) {
    const ssize_t n = write(output, out.data() + written, out.size() - written);
    if (n <= 0) _exit(1);
    written += static_cast<size_t>(n);
  }
  _exit(0);
}

}  // namespace

Apart::~Apart() {
  for (Child& child : children_) {
    kill(child.pid, SIGKILL);
    (void)Collect(child);
  }
}

void Apart::Launch(const Job& job) {
  int ends[2];
  LIANDONG_CHECK(pipe(ends) == 0, "no pipe");
  void* shared = mmap(nullptr, sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  LIANDONG_CHECK(shared != MAP_FAILED, "no memory");
  auto* steps_done = static_cast<uint64_t*>(shared);
  const pid_t pid = fork();
  LIANDONG_CHECK(pid >= 0, "no process");
  if (pid == 0) {
    close(ends[0]);
    RunAsChild(site_, job, ends[1], steps_done);
  }
  close(ends[1]);
  children_.push_back({job, pid, ends[0], steps_done, ""});
}

RunResult Apart::Collect(Child& child) {
  close(child.output);
  int how = 0;
  (void)waitpid(child.pid, &how, 0);
  RunResult result;
  if (!Decode(child.said, &result)) {
    const bool endless = WIFSIGNALED(how) && WTERMSIG(how) == SIGXCPU;
    result.steps = *child.steps_done;
    result.failure.checker = endless ? "endless" : "abort";
    result.failure.what = endless            ? absl::StrCat("it ran for ", kCpuSecondsMax, " s of CPU time")
                          : WIFSIGNALED(how) ? absl::StrCat(strsignal(WTERMSIG(how)), ": ", LastLine(child.said))
                                             : LastLine(child.said);
  }
  munmap(child.steps_done, sizeof(uint64_t));
  return result;
}

RunResult Apart::Next(Job* job) {
  while (true) {
    std::vector<pollfd> waiting;
    for (const Child& child : children_) waiting.push_back({child.output, POLLIN, 0});
    if (poll(waiting.data(), waiting.size(), -1) < 0) continue;
    auto child = children_.begin();
    for (const pollfd& one : waiting) {
      const auto here = child++;
      if (one.revents == 0) continue;
      char piece[4096];
      const ssize_t n = read(one.fd, piece, sizeof piece);
      if (n > 0) {
        here->said.append(piece, static_cast<size_t>(n));
        continue;
      }
      const RunResult result = Collect(*here);
      *job = here->job;
      children_.erase(here);
      return result;
    }
  }
}

RunResult Apart::Run(const Job& job) {
  Apart alone(site_);
  alone.Launch(job);
  Job same;
  return alone.Next(&same);
}

uint64_t Apart::ShortestFailingPrefix(const Job& job) {
  uint64_t good = 0, bad = job.steps;
  while (bad - good > 1) {
    const uint64_t middle = good + (bad - good) / 2;
    const RunResult result = Run({job.seed, middle, job.plant, ""});
    if (result.failure.any()) {
      bad = std::min(middle, std::max<uint64_t>(result.steps, good + 1));
    } else {
      good = middle;
    }
  }
  return bad;
}

}  // namespace liandong::sim
