#include <stdlib.h>

#include <atomic>
#include <csignal>
#include <iostream>
#include <string>
#include <vector>

#include "adapters/cli/cli.h"

namespace {

std::atomic<bool> g_interrupted = false;

void Interrupt(int) { g_interrupted = true; }

}  // namespace

int main(int argc, char** argv) {
  // gRPC writes handshake failures to standard error on its own; ours say more.
  setenv("GRPC_VERBOSITY", "NONE", /*overwrite=*/0);
  std::signal(SIGINT, Interrupt);
  std::signal(SIGTERM, Interrupt);
  return liandong::cli::Run(std::vector<std::string>(argv + 1, argv + argc), {std::cin, std::cout, std::cerr},
                            &g_interrupted);
}
