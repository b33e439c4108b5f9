// A real hub in this process, over mutual TLS on a free port, with a small county of its own.
#pragma once

#include <grpcpp/grpcpp.h>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "hub/assembly.h"
#include "liandong/v1/desk.grpc.pb.h"
#include "liandong/v1/intake.grpc.pb.h"
#include "liandong/v1/link.grpc.pb.h"
#include "security/pki.h"

namespace liandong::service {

// Fails instead of hanging: every call ends within a minute.
struct Call : public grpc::ClientContext {
  Call() { set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60)); }
};

// Parties: police-110 (secret handler: command), hotline-12345, power (leads floods), telecom (supports them),
// town-one, town-two, command, command-two (of kind COMMAND too). Deadlines are long; a closed incident leaves memory
// after 1 s.
v1::SiteSet SmallCounty();

struct Client {
  std::unique_ptr<v1::Intake::Stub> intake;
  std::unique_ptr<v1::Link::Stub> link;
  std::unique_ptr<v1::Desk::Stub> desk;
};

// With a feed when a party of the site has a feed_key.
class TestHub {
 public:
  explicit TestHub(const v1::SiteSet& site = SmallCounty());
  ~TestHub();

  // On the same folder, with a new port.
  void Start();
  void Stop();

  int port() const { return hub_->port(); }
  std::string address() const { return hub_->address(); }
  const std::string& folder() const { return folder_; }
  v1::HubConfig config() const;
  bool with_crl = false;  // from the next Start on: the list is pki/ca.crl

  // With the party's certificate; issued when it has none yet.
  std::shared_ptr<grpc::Channel> Channel(const std::string& party);
  Client As(const std::string& party);

  // Reports and expects a receipt.
  v1::Receipt Report(const std::string& party, const v1::Report& report);

 private:
  std::string folder_;
  bool feed_ = false;
  std::unique_ptr<hub::Hub> hub_;
};

// With the certificate files of a folder; without `party` none is shown.
std::shared_ptr<grpc::Channel> ChannelTo(const std::string& address, const std::string& ca_file,
                                         const std::string& pki_folder, const std::string& party);

// What the server shows to whoever connects, as PEM; "" when it does not answer.
std::string CertificateOf(const std::string& address, const std::string& ca_file);

// A flood with danger to life: goes to power, telecom and the township.
v1::Report Flood(const std::string& external_id);

// The ErrorDetail of a refusal; the reason is "(none)" when there is none.
v1::ErrorDetail DetailOf(const grpc::Status& status);

bool Eventually(const std::function<bool()>& condition, absl::Duration limit = absl::Seconds(60));

// A party's line with blocking reads. Not thread-safe.
class Line {
 public:
  Line(v1::Link::Stub* stub, const v1::Hello& hello);
  ~Line();  // cancels

  const v1::Welcome& welcome() const { return welcome_; }
  // The next delivery; nothing when the line ended.
  std::optional<v1::Delivery> Next();
  // Sends, and waits for the answer. Deliveries that come meanwhile are kept for Next.
  v1::LinkDown Ask(v1::LinkUp up);
  v1::AckReply Acknowledge(uint64_t delivery_id, v1::AckState state, const std::string& reason = "");
  // The next message of any kind, heartbeats among them.
  std::optional<v1::LinkDown> Read();
  grpc::Status Finish();

 private:
  Call call_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::LinkUp, v1::LinkDown>> stream_;
  v1::Welcome welcome_;
  std::deque<v1::Delivery> waiting_;
  uint64_t last_tag_ = 0;
  bool finished_ = false;
};

}  // namespace liandong::service
