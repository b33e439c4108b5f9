// What no hub on this machine can go below: the disk's sync and one bare round trip over mutual TLS. Prints one line of
// JSON for each.
#include <fcntl.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "tests/bench/course.h"

namespace liandong::bench {
namespace {

void Print(const std::string& name, std::vector<int64_t> took) {
  std::sort(took.begin(), took.end());
  auto at = [&took](double share) {
    return took.empty() ? 0.0 : static_cast<double>(took[static_cast<size_t>(share * (took.size() - 1))]) / 1000.0;
  };
  std::printf("{\"phase\":\"%s\",\"p50_ms\":%.3f,\"p99_ms\":%.3f}\n", name.c_str(), at(0.5), at(0.99));
}

// Append 4 KiB and wait for it, into a file that grows and into one that was written with zeros before.
void MeasureSync(const std::string& folder, bool written_before) {
  constexpr int kTimes = 500;
  const std::string path = folder + "/sync-probe";
  const int file = open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  const std::string zeros(4096, '\0'), block(4096, 'x');
  std::vector<int64_t> took;
  for (int i = 0; written_before && i < kTimes; ++i) {
    if (write(file, zeros.data(), zeros.size()) < 0) break;
  }
  if (fdatasync(file) == 0 && lseek(file, 0, SEEK_SET) == 0) {
    for (int i = 0; i < kTimes; ++i) {
      const int64_t begin = NowUs();
      if (write(file, block.data(), block.size()) < 0 || fdatasync(file) != 0) break;
      took.push_back(NowUs() - begin);
    }
  }
  close(file);
  unlink(path.c_str());
  Print(written_before ? "fdatasync_written_before" : "fdatasync", std::move(took));
}

// Answers any call with what it was asked.
class Echo : public grpc::CallbackGenericService {
  class Reactor : public grpc::ServerGenericBidiReactor {
   public:
    Reactor() { StartRead(&buffer_); }
    void OnReadDone(bool ok) override {
      if (ok) return StartWriteAndFinish(&buffer_, {}, grpc::Status::OK);
      Finish(grpc::Status::OK);
    }
    void OnDone() override { delete this; }

   private:
    grpc::ByteBuffer buffer_;
  };
  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext*) override { return new Reactor; }
};

std::string Read(const std::string& path) {
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

int MeasureCall(const std::string& pki, double rate, int times) {
  Echo echo;
  grpc::SslServerCredentialsOptions server_tls(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  server_tls.pem_root_certs = Read(pki + "/ca.crt");
  server_tls.pem_key_cert_pairs.push_back({Read(pki + "/hub.key"), Read(pki + "/hub.crt")});
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(server_tls), &port);
  builder.RegisterCallbackGenericService(&echo);
  auto server = builder.BuildAndStart();
  if (server == nullptr) return std::fprintf(stderr, "the echo server did not start\n"), 1;
  auto channel = grpc::CreateChannel(
      absl::StrCat("127.0.0.1:", port),
      grpc::SslCredentials({Read(pki + "/ca.crt"), Read(pki + "/hotline.key"), Read(pki + "/hotline.crt")}));
  grpc::GenericStub stub(channel);
  const std::string body(kBodyBytes, 'x');
  std::vector<int64_t> took;
  const int64_t first = NowUs();
  for (int i = 0; i < times; ++i) {
    const int64_t due = first + static_cast<int64_t>(i * 1e6 / rate);
    while (NowUs() < due) std::this_thread::sleep_for(std::chrono::microseconds(std::max<int64_t>(1, due - NowUs())));
    const int64_t begin = NowUs();
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    grpc::Slice slice(body);
    grpc::ByteBuffer request(&slice, 1), reply;
    std::mutex mu;
    std::condition_variable changed;
    bool done = false;
    grpc::Status status;
    stub.UnaryCall(&context, "/bench.Floor/Echo", {}, &request, &reply, [&](grpc::Status result) {
      std::lock_guard lock(mu);
      status = std::move(result);
      done = true;
      changed.notify_one();
    });
    std::unique_lock lock(mu);
    changed.wait(lock, [&] { return done; });
    if (!status.ok()) return std::fprintf(stderr, "echo: %s\n", status.error_message().c_str()), 1;
    if (i >= times / 10) took.push_back(NowUs() - begin);  // the first connect and warm up
  }
  server->Shutdown();
  Print("unary_mtls", std::move(took));
  return 0;
}

int Main(int argc, char** argv) {
  CLI::App app{"The floor under every latency here; see tests/bench/run.sh"};
  std::string pki, probe;
  double rate = 200, seconds = 3;
  app.add_option("--pki", pki, "folder with ca.crt and the certificates of hub and hotline")->required();
  app.add_option("--probe", probe, "folder on the disk that the systems write to")->required();
  app.add_option("--rate", rate, "calls a second");
  app.add_option("--seconds", seconds, "how long");
  CLI11_PARSE(app, argc, argv);
  MeasureSync(probe, false);
  MeasureSync(probe, true);
  return MeasureCall(pki, rate, static_cast<int>(rate * seconds));
}

}  // namespace
}  // namespace liandong::bench

int main(int argc, char** argv) { return liandong::bench::Main(argc, argv); }
