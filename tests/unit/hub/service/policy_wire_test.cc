// The gate as a client meets it: every method of every service, with every kind of party, and without one.
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "liandong/v1/account.pb.h"
#include "liandong/v1/audit.pb.h"
#include "liandong/v1/feed.pb.h"
#include "security/policy.h"
#include "tests/unit/hub/service/test_hub.h"

namespace liandong::service {
namespace {

std::vector<std::string> OwnMethods() {
  std::vector<std::string> out;
  for (const auto* file : {v1::ReportRequest::descriptor()->file(), v1::LinkUp::descriptor()->file(),
                           v1::ListIncidentsRequest::descriptor()->file(), v1::SignInRequest::descriptor()->file(),
                           v1::FeedWhereRequest::descriptor()->file(), v1::TrailRequest::descriptor()->file()}) {
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m) {
        out.push_back("/" + file->service(s)->full_name() + "/" + file->service(s)->method(m)->name());
      }
    }
  }
  return out;
}

// One empty message, then the end of the call; streaming methods take it too.
grpc::Status CallOnce(const std::shared_ptr<grpc::Channel>& channel, const std::string& method) {
  grpc::GenericStub stub(channel);
  Call context;
  // Where it is allowed it goes on for ever: not to be refused until then is the answer.
  if (method == "/liandong.v1.Desk/Watch") {
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(5));
  }
  grpc::CompletionQueue queue;
  const auto call = stub.PrepareCall(&context, method, &queue);
  void* tag = nullptr;
  bool ok = false;
  call->StartCall(nullptr);
  queue.Next(&tag, &ok);
  grpc::Slice empty;
  call->Write(grpc::ByteBuffer(&empty, 1), grpc::WriteOptions().set_last_message(), nullptr);
  queue.Next(&tag, &ok);
  grpc::ByteBuffer reply;  // at most one comes to one empty message
  call->Read(&reply, nullptr);
  queue.Next(&tag, &ok);
  grpc::Status status;
  call->Finish(&status, nullptr);
  queue.Next(&tag, &ok);
  return status;
}

TEST(Policy, NamesEveryMethodOfTheContract) {
  std::set<std::string> rules;
  for (const auto& rule : security::MethodRules()) rules.insert(std::string(rule.method));
  const auto methods = OwnMethods();
  EXPECT_GE(methods.size(), 26u);
  for (const std::string& method : methods) EXPECT_TRUE(rules.contains(method)) << method;
  // And nothing of ours that the contract does not have.
  for (const std::string& rule : rules) {
    if (rule.rfind("/liandong.v1.", 0) != 0) continue;
    EXPECT_NE(std::find(methods.begin(), methods.end(), rule), methods.end()) << rule;
  }
}

TEST(Policy, HoldsOnTheWireForEveryMethodAndKind) {
  TestHub hub;
  const std::pair<const char*, security::PartyKind> parties[] = {{"police-110", security::PartyKind::kHotline},
                                                                 {"power", security::PartyKind::kAgency},
                                                                 {"town-one", security::PartyKind::kTownship},
                                                                 {"command-two", security::PartyKind::kCommand}};
  for (const auto& [party, kind] : parties) {
    const auto channel = hub.Channel(party);
    for (const std::string& method : OwnMethods()) {
      const grpc::Status status = CallOnce(channel, method);
      const bool denied = status.error_code() == grpc::PERMISSION_DENIED && DetailOf(status).reason() == "NOT_ALLOWED";
      EXPECT_EQ(denied, !security::May(kind, method)) << party << " " << method << ": " << status.error_message();
      // Whatever the answer, it never comes without its reason.
      if (!status.ok() && status.error_code() != grpc::DEADLINE_EXCEEDED) {
        EXPECT_NE(DetailOf(status).reason(), "(none)") << party << " " << method << " " << status.error_message();
      }
    }
    EXPECT_EQ(CallOnce(channel, "/liandong.v1.Desk/Invented").error_code(), grpc::UNIMPLEMENTED);
  }
}

TEST(Policy, WhoIsNotInTheSiteSetGetsNowhere) {
  TestHub hub;
  for (const std::string& method : OwnMethods()) {
    const grpc::Status status = CallOnce(hub.Channel("stranger"), method);
    EXPECT_EQ(status.error_code(), grpc::PERMISSION_DENIED) << method;
    EXPECT_EQ(DetailOf(status).reason(), "UNKNOWN_PARTY") << method;
  }
  // Nor to what gRPC brings itself.
  for (const char* method :
       {"/grpc.health.v1.Health/Check", "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"}) {
    EXPECT_FALSE(CallOnce(hub.Channel("stranger"), method).ok()) << method;
  }
}

TEST(Tls, NobodyComesInWithoutACertificateOfThisCa) {
  TestHub hub;
  const std::string ca = hub.folder() + "/pki/ca.crt";
  const std::string foreign = hub.folder() + "/foreign";
  ASSERT_TRUE(security::InitCa(foreign, "small.example").ok());
  ASSERT_TRUE(security::Issue(foreign, "command").ok());
  // The same CA, the name of another trust domain.
  for (const auto& channel : {ChannelTo(hub.address(), ca, "", ""), ChannelTo(hub.address(), ca, foreign, "command")}) {
    v1::ReportRequest request;
    *request.mutable_report() = Flood("J1");
    v1::ReportReply reply;
    Call call;
    const grpc::Status status = v1::Intake::NewStub(channel)->Report(&call, request, &reply);
    EXPECT_EQ(status.error_code(), grpc::UNAVAILABLE) << status.error_message();
  }
  // No plaintext either.
  Call call;
  v1::ReportReply reply;
  const auto plain = grpc::CreateChannel(hub.address(), grpc::InsecureChannelCredentials());
  EXPECT_EQ(v1::Intake::NewStub(plain)->Report(&call, v1::ReportRequest(), &reply).error_code(), grpc::UNAVAILABLE);
  EXPECT_EQ(hub.Report("police-110", Flood("J1")).outcome(), v1::NEW_INCIDENT);
}

// Field 1 of the message is a string; both protocols need no more here.
grpc::ByteBuffer StringField(int field, const std::string& text) {
  std::string bytes;
  bytes.push_back(static_cast<char>(field << 3 | 2));
  bytes.push_back(static_cast<char>(text.size()));
  bytes += text;
  grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

std::string ReadOne(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                    const grpc::ByteBuffer& request) {
  grpc::GenericStub stub(channel);
  Call context;
  grpc::CompletionQueue queue;
  const auto call = stub.PrepareCall(&context, method, &queue);
  void* tag = nullptr;
  bool ok = false;
  call->StartCall(nullptr);
  queue.Next(&tag, &ok);
  call->Write(request, grpc::WriteOptions().set_last_message(), nullptr);
  queue.Next(&tag, &ok);
  grpc::ByteBuffer reply;
  call->Read(&reply, nullptr);
  queue.Next(&tag, &ok);
  std::string out;
  std::vector<grpc::Slice> slices;
  if (ok && reply.Dump(&slices).ok()) {
    for (const auto& slice : slices) out.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  grpc::Status status;
  call->Finish(&status, nullptr);
  queue.Next(&tag, &ok);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return out;
}

TEST(Server, HealthAndReflectionAnswerAParty) {
  TestHub hub;
  const auto channel = hub.Channel("town-one");
  // HealthCheckResponse { status: SERVING }
  EXPECT_EQ(ReadOne(channel, "/grpc.health.v1.Health/Check", StringField(1, "")), std::string("\x08\x01"));
  // ServerReflectionRequest { list_services: "*" } (field 7)
  const std::string listed =
      ReadOne(channel, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", StringField(7, "*"));
  for (const char* service : {"liandong.v1.Intake", "liandong.v1.Link", "liandong.v1.Desk", "grpc.health.v1.Health"}) {
    EXPECT_NE(listed.find(service), std::string::npos) << service;
  }
}

}  // namespace
}  // namespace liandong::service
