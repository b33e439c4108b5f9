// A real etcd in a folder of its own, with mutual TLS, that ends with the test; and a store before it that loses
// answers.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "hub/cluster/etcd_store.h"
#include "hub/cluster/limits.h"
#include "hub/cluster/store.h"
#include "security/pki.h"
#include "tests/unit/hub/log/log_testing.h"

namespace liandong::cluster {

inline int FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  const bool bound = bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  close(fd);
  return bound ? ntohs(address.sin_port) : 0;
}

class EtcdProcess {
 public:
  EtcdProcess() {
    const std::string pki = folder_.path() + "/pki";
    security::IssueOptions options;
    options.dns_names = {"localhost"};
    options.ip_addresses = {"127.0.0.1"};
    EXPECT_TRUE(security::InitCa(pki, "etcd.example").ok());
    const auto files = security::Issue(pki, "etcd", options);
    EXPECT_TRUE(files.ok()) << files.status();
    config_.mutable_etcd_tls()->set_ca(files->ca);
    config_.mutable_etcd_tls()->set_cert(files->cert);
    config_.mutable_etcd_tls()->set_key(files->key);
    const std::string client = absl::StrCat("127.0.0.1:", FreePort()), peer = absl::StrCat("127.0.0.1:", FreePort());
    config_.add_etcd(client);
    for (const char* member : {"hub-1", "hub-2", "hub-3"}) config_.add_member(member);
    config_.set_node("hub-1");
    Start({"/usr/bin/etcd",
           "--name",
           "etcd-1",
           "--data-dir",
           folder_.path() + "/data",
           "--listen-client-urls",
           "https://" + client,
           "--advertise-client-urls",
           "https://" + client,
           "--listen-peer-urls",
           "http://" + peer,
           "--initial-advertise-peer-urls",
           "http://" + peer,
           "--initial-cluster",
           "etcd-1=http://" + peer,
           "--client-cert-auth",
           "--trusted-ca-file",
           files->ca,
           "--cert-file",
           files->cert,
           "--key-file",
           files->key,
           "--logger",
           "zap"});
  }
  ~EtcdProcess() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }

  v1::ClusterConfig Config(const std::string& node) const {
    v1::ClusterConfig config = config_;
    config.set_node(node);
    return config;
  }
  // Waits until etcd answers.
  std::unique_ptr<Store> Connect() const {
    auto store = MakeEtcdStore(config_);
    etcdserverpb::TxnRequest nothing;
    Get(nothing.add_success(), "nothing");
    for (const absl::Time until = absl::Now() + absl::Minutes(1); absl::Now() < until;) {
      if (store->Txn(nothing, kTry).ok()) return store;
      absl::SleepFor(absl::Milliseconds(20));
    }
    ADD_FAILURE() << "etcd does not answer; is etcd-server installed?";
    return store;
  }

 private:
  void Start(const std::vector<std::string>& arguments) {
    std::vector<char*> argv;
    for (const std::string& one : arguments) argv.push_back(const_cast<char*>(one.c_str()));
    argv.push_back(nullptr);
    pid_ = fork();
    if (pid_ != 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (freopen((folder_.path() + "/etcd.log").c_str(), "w", stderr) == nullptr) _exit(126);
    execv(argv[0], argv.data());
    _exit(127);
  }

  log::TempFolder folder_;
  v1::ClusterConfig config_;
  pid_t pid_ = -1;
};

// Between a node and etcd: what the network may do to a request.
class BadNetwork : public Store {
 public:
  enum class Fate { kDelivered, kAnswerLost, kLost, kLate };

  explicit BadNetwork(Store* store) : store_(store) {}

  // For the next requests that write, in order; then everything is delivered.
  void Next(std::vector<Fate> fates) {
    std::lock_guard lock(mutex_);
    fates_ = std::move(fates);
  }
  // What was late arrives now. How many of them did something.
  int DeliverLate() {
    std::lock_guard lock(mutex_);
    int done = 0;
    for (const auto& request : late_) {
      const auto answer = store_->Txn(request, absl::Seconds(30));
      EXPECT_TRUE(answer.ok()) << answer.status();
      if (answer.ok() && answer->succeeded()) ++done;
    }
    late_.clear();
    return done;
  }

  absl::StatusOr<etcdserverpb::TxnResponse> Txn(const etcdserverpb::TxnRequest& request,
                                                absl::Duration timeout) override {
    Fate fate = Fate::kDelivered;
    {
      std::lock_guard lock(mutex_);
      if (request.compare_size() > 0 && !fates_.empty()) {
        fate = fates_.front();
        fates_.erase(fates_.begin());
      }
      if (fate == Fate::kLate) late_.push_back(request);
    }
    if (fate == Fate::kDelivered) return store_->Txn(request, timeout);
    if (fate == Fate::kAnswerLost) (void)store_->Txn(request, absl::Seconds(30));
    return absl::UnavailableError("the network");
  }
  absl::Status Compact(int64_t revision, absl::Duration timeout) override { return store_->Compact(revision, timeout); }

 private:
  Store* const store_;
  std::mutex mutex_;
  std::vector<Fate> fates_;
  std::vector<etcdserverpb::TxnRequest> late_;
};

}  // namespace liandong::cluster
