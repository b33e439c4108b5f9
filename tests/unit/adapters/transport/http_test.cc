#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <mutex>
#include <vector>

#include "adapters/transport/http_peer.h"
#include "adapters/transport/http_server.h"
#include "security/pki.h"
#include "security/tls.h"
#include "tests/unit/adapters/transport/support.h"

namespace liandong::adapters {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::unique_ptr<HttpServer> Serve(HttpServer::Handler handler, HttpServerOptions options = {}) {
  options.listen = "127.0.0.1:0";
  auto server = HttpServer::Start(std::move(options), std::move(handler), [](int status) {
    return HttpAnswer{status, "application/json", "{\"code\":\"" + std::to_string(status) + "\"}", 0};
  });
  EXPECT_TRUE(server.ok()) << server.status();
  return *std::move(server);
}

HttpServer::Handler Echo() {
  return [](const HttpCall& call) {
    return HttpAnswer{200, "text/plain", call.method + " " + call.path + " " + call.body, 0};
  };
}

std::unique_ptr<HttpPeer> PeerOf(const HttpServer& server, std::string base = "") {
  HttpPeerOptions options;
  options.base_url = "http://" + server.address() + base;
  auto peer = HttpPeer::Create(std::move(options));
  EXPECT_TRUE(peer.ok()) << peer.status();
  return *std::move(peer);
}

TEST(HttpTest, ACallAndItsAnswer) {
  auto server = Serve([](const HttpCall& call) {
    EXPECT_EQ(HeaderValue(call.headers, "X-Token"), "secret");
    EXPECT_EQ(call.peer, "127.0.0.1");
    return HttpAnswer{503, "application/json", call.path + call.body, 30};
  });
  auto peer = PeerOf(*server, "/base/");
  EXPECT_EQ(peer->FullPath("/push"), "/base/push");
  auto answer = peer->Send("POST", peer->FullPath("/push?x=1"), {{"x-token", "secret"}}, "application/json", "警情");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->status, 503);
  EXPECT_EQ(answer->body, "/base/push警情");
  RawClient raw(server->address());
  raw.Send("GET /a HTTP/1.1\r\nHost: x\r\nX-Token: secret\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(raw.ReceiveAll(), HasSubstr("Retry-After: 30\r\n"));
}

TEST(HttpTest, SeveralCallsOverOneConnectionAndSeveralAtOnce) {
  auto server = Serve(Echo());
  std::vector<std::thread> threads;
  std::atomic<int> good{0};
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      auto peer = PeerOf(*server);
      for (int i = 0; i < 20; ++i) {
        const std::string body = std::to_string(t) + "/" + std::to_string(i);
        auto answer = peer->Send("POST", "/p", {}, "text/plain", body);
        if (answer.ok() && answer->body == "POST /p " + body) ++good;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good.load(), 160);
}

TEST(HttpTest, WhatIsNoHttpIsRefusedAndTheServerGoesOn) {
  auto server = Serve(Echo());
  const auto answer_to = [&](const std::string& bytes) {
    RawClient raw(server->address());
    raw.Send(bytes);
    return raw.ReceiveAll();
  };
  EXPECT_THAT(answer_to("\x40\x40\x01\x02 no http at all\r\n\r\n"), StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(answer_to("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\nabc"), StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(answer_to("POST /x HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n"),
              StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(answer_to("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n"),
              testing::AllOf(StartsWith("HTTP/1.1 413"), HasSubstr("{\"code\":\"413\"}")));
  // All of it is sent before the answer is read: the connection must not be reset meanwhile.
  EXPECT_THAT(answer_to("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000\r\n\r\n" + std::string(4'000'000, 'a')),
              StartsWith("HTTP/1.1 413"));
  EXPECT_THAT(answer_to("GET /x HTTP/1.1\r\nHost: x\r\nX: " + std::string(20'000, 'a') + "\r\n\r\n"),
              StartsWith("HTTP/1.1 431"));
  EXPECT_EQ(PeerOf(*server)->Send("POST", "/x", {}, "", "still here")->body, "POST /x still here");
}

TEST(HttpTest, ASlowCallerIsDropped) {
  HttpServerOptions options;
  options.header_ms = 200;
  options.body_ms = 200;
  std::atomic<int> handled{0};
  auto server = Serve(
      [&](const HttpCall&) {
        ++handled;
        return HttpAnswer{};
      },
      options);
  RawClient header(server->address());
  RawClient body(server->address());
  body.Send("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n");
  // A byte at a time, for as long as the server bears it.
  EXPECT_TRUE(Eventually([&] { return !header.Send("G"); }));
  EXPECT_TRUE(Eventually([&] { return !body.Send("a"); }));
  EXPECT_EQ(handled.load(), 0);
}

TEST(HttpTest, WhoSaysNothingMakesRoomForWhoCalls) {
  HttpServerOptions options;
  options.connections_max = 2;
  auto server = Serve(Echo(), options);
  RawClient silent(server->address()), slow(server->address());
  slow.Send("GET /slow HTTP/1.1\r\nHost: x\r\nX-Never-End");
  RawClient caller(server->address());
  caller.Send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(caller.Receive(12), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(silent.ReceiveAll(), "");
  EXPECT_TRUE(silent.closed()) << "the one that has waited longest goes first";
  RawClient another(server->address());
  another.Send("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(another.Receive(12), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(slow.ReceiveAll(), "");
  EXPECT_TRUE(slow.closed()) << "and before those that have called";
  RawClient third(server->address());
  third.Send("GET /3 HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(third.Receive(12), StartsWith("HTTP/1.1 200")) << "a connection that is kept for later goes too";
}

TEST(HttpTest, WhoIsBeingAnsweredIsNotDisturbed) {
  HttpServerOptions options;
  options.connections_max = 2;
  std::atomic<int> entered = 0;
  std::promise<void> release;
  auto released = release.get_future().share();
  auto server = Serve(
      [&](const HttpCall&) {
        ++entered;
        released.wait();
        return HttpAnswer{200, "", "stored", 0};
      },
      options);
  RawClient first(server->address()), second(server->address());
  first.Send("POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  second.Send("POST /2 HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(Eventually([&] { return entered == 2; }));
  RawClient third(server->address());
  EXPECT_EQ(third.ReceiveAll(), "") << "there is no room";
  release.set_value();
  EXPECT_THAT(first.ReceiveAll(), HasSubstr("stored"));
  EXPECT_THAT(second.ReceiveAll(), HasSubstr("stored"));
  EXPECT_TRUE(Eventually([&] {
    RawClient again(server->address());
    again.Send("GET /3 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    return !again.ReceiveAll().empty();
  }));
}

TEST(HttpTest, ExpectContinueIsAnswered) {
  auto server = Serve(Echo());
  RawClient raw(server->address());
  raw.Send("POST /x HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: 2\r\n\r\n");
  EXPECT_THAT(raw.Receive(12), StartsWith("HTTP/1.1 100"));
  raw.Send("ok");
  EXPECT_THAT(raw.ReceiveAll(), HasSubstr("POST /x ok"));
}

TEST(HttpTest, PlainListensOnLoopbackOrWhereARangeIsNamed) {
  const auto start = [](std::vector<std::string> ranges) {
    HttpServerOptions options;
    options.listen = "0.0.0.0:0";
    options.allow_plain = *AddressRanges::Parse(ranges);
    return HttpServer::Start(options, Echo(), [](int) { return HttpAnswer{}; }).status();
  };
  EXPECT_TRUE(absl::IsInvalidArgument(start({})));
  EXPECT_TRUE(start({"10.1.2.0/24"}).ok());
  HttpPeerOptions peer;
  for (const char* bad : {"http://10.1.2.3/", "http://example.com/", "ftp://127.0.0.1/", "127.0.0.1", "http://",
                          "http://127.0.0.1:0/", "http://a@127.0.0.1/"}) {
    peer.base_url = bad;
    EXPECT_FALSE(HttpPeer::Create(peer).ok()) << bad;
  }
  peer.base_url = "http://10.1.2.3/";
  peer.allow_plain_to = {"10.1.2.0/24"};
  EXPECT_TRUE(HttpPeer::Create(peer).ok());
}

TEST(HttpTest, ATakenPortIsAnError) {
  auto server = Serve(Echo());
  HttpServerOptions options;
  options.listen = server->address();
  EXPECT_TRUE(absl::IsUnavailable(HttpServer::Start(options, Echo(), [](int) { return HttpAnswer{}; }).status()));
}

TEST(HttpTest, APeerThatIsNotThereOrSaysTooMuchIsAnError) {
  std::string address;
  {
    auto server = Serve([](const HttpCall&) {
      return HttpAnswer{200, "", std::string(kPeerAnswerBytesMax + 1, 'x'), 0};
    });
    address = server->address();
    EXPECT_TRUE(absl::IsResourceExhausted(PeerOf(*server)->Send("POST", "/x", {}, "", "").status()));
  }
  HttpPeerOptions options;
  options.base_url = "http://" + address;
  auto peer = HttpPeer::Create(options);
  const absl::Status status = (*peer)->Send("POST", "/x", {}, "", "").status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
}

TEST(HttpTest, StopAnswersWhatIsUnderWay) {
  std::promise<void> entered;
  std::promise<void> release;
  auto server = Serve([&](const HttpCall&) {
    entered.set_value();
    release.get_future().wait();
    return HttpAnswer{200, "", "stored", 0};
  });
  RawClient raw(server->address());
  raw.Send("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
  entered.get_future().wait();
  std::thread stopper([&] { server->Stop(); });
  release.set_value();
  EXPECT_THAT(raw.ReceiveAll(), HasSubstr("stored"));
  stopper.join();
}

// A stream that a test feeds.
class TestStream final : public HttpStream {
 public:
  void Open(std::function<void()> wake) override {
    const std::lock_guard lock(mutex_);
    wake_ = std::move(wake);
  }
  bool Take(std::vector<std::shared_ptr<const std::string>>* pieces) override {
    const std::lock_guard lock(mutex_);
    pieces->swap(pieces_);
    pieces_.clear();
    return !ended_;
  }
  void Close() override { closed = true; }

  void Push(const std::string& text, bool last = false) {
    std::function<void()> wake;
    {
      const std::lock_guard lock(mutex_);
      pieces_.push_back(std::make_shared<const std::string>(text));
      ended_ = last;
      wake = wake_;
    }
    if (wake) wake();
  }
  std::atomic<bool> closed = false;

 private:
  std::mutex mutex_;
  std::function<void()> wake_;
  std::vector<std::shared_ptr<const std::string>> pieces_;
  bool ended_ = false;
};

// Up to the word, or to the end of the connection.
std::string ReadUntil(RawClient& raw, const std::string& word) {
  std::string got;
  while (got.find(word) == std::string::npos) {
    const std::string one = raw.Receive(1);
    if (one.empty()) break;
    got += one;
  }
  return got;
}

TEST(HttpStreamTest, PiecesAreSentAsTheyComeUntilTheEnd) {
  const auto stream = std::make_shared<TestStream>();
  HttpServerOptions options;
  options.io_threads = 2;
  auto server = Serve(
      [&](const HttpCall& call) {
        HttpAnswer answer{200, "text/event-stream"};
        answer.headers.emplace_back("X-Query", call.query);
        answer.stream = stream;
        return answer;
      },
      options);
  RawClient raw(server->address());
  stream->Push("before");
  raw.Send("GET /events?after=5 HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string got = ReadUntil(raw, "before");
  EXPECT_THAT(got, HasSubstr("X-Query: after=5"));
  EXPECT_THAT(got, HasSubstr("chunked"));
  stream->Push("during");
  EXPECT_THAT(ReadUntil(raw, "during"), HasSubstr("during"));
  stream->Push("last", true);
  EXPECT_THAT(raw.ReceiveAll(), HasSubstr("4\r\nlast\r\n0\r\n"));
  EXPECT_TRUE(Eventually([&] { return stream->closed.load(); }));
}

TEST(HttpStreamTest, ACallerThatGoesIsNoticed) {
  const auto stream = std::make_shared<TestStream>();
  auto server = Serve([&](const HttpCall&) {
    HttpAnswer answer{200, "text/event-stream"};
    answer.stream = stream;
    return answer;
  });
  {
    RawClient raw(server->address());
    raw.Send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
    stream->Push("hello");
    EXPECT_THAT(ReadUntil(raw, "hello"), HasSubstr("hello"));
  }
  EXPECT_TRUE(Eventually([&] { return stream->closed.load(); }));
}

TEST(HttpAnswerTest, HeadersSharedBodiesAndHead) {
  const auto body = std::make_shared<const std::string>("shared by many");
  auto server = Serve([&](const HttpCall&) {
    HttpAnswer answer{200, "text/plain"};
    answer.headers = {{"ETag", "\"x\""}};
    answer.shared_body = body;
    return answer;
  });
  RawClient raw(server->address());
  raw.Send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const std::string got = raw.ReceiveAll();
  EXPECT_THAT(got, HasSubstr("ETag: \"x\""));
  EXPECT_EQ(got.find("shared by many"), got.rfind("shared by many")) << "HEAD has no body";
  EXPECT_THAT(got, HasSubstr("Content-Length: 14"));
}

class TlsTest : public testing::Test {
 protected:
  TlsTest() {
    EXPECT_TRUE(security::InitCa(folder_.path() + "/pki", "county.example").ok());
    security::IssueOptions options;
    options.ip_addresses = {"127.0.0.1"};
    auto issued = security::Issue(folder_.path() + "/pki", "police-110", options);
    EXPECT_TRUE(issued.ok()) << issued.status();
    files_ = *issued;
  }
  std::unique_ptr<HttpServer> ServeTls(bool require_client_cert, bool optional = false) {
    HttpServerOptions options;
    auto context = security::MakeServerContext({files_.ca, files_.cert, files_.key}, require_client_cert,
                                               {.client_cert_optional = optional});
    EXPECT_TRUE(context.ok()) << context.status();
    options.tls = *context;
    return Serve(
        [](const HttpCall& call) {
          const std::string shown = call.peer_certificate.empty() ? "" : " with a certificate";
          return HttpAnswer{200, "text/plain", call.method + " " + call.path + " " + call.body + shown, 0};
        },
        options);
  }
  absl::StatusOr<HttpPeerAnswer> Call(const HttpServer& server, const std::string& ca, bool with_cert,
                                      const std::string& host = "127.0.0.1") {
    HttpPeerOptions options;
    options.base_url = "https://" + host + server.address().substr(server.address().rfind(':'));
    options.ca = ca;
    if (with_cert) {
      options.cert = files_.cert;
      options.key = files_.key;
    }
    auto peer = HttpPeer::Create(options);
    if (!peer.ok()) return peer.status();
    return (*peer)->Send("POST", "/x", {}, "", "hello");
  }
  Folder folder_;
  security::IssuedFiles files_;
};

TEST_F(TlsTest, BothSidesKnowEachOther) {
  auto server = ServeTls(true);
  auto answer = Call(*server, files_.ca, true);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->body, "POST /x hello with a certificate");
  EXPECT_FALSE(Call(*server, files_.ca, false).ok());
}

TEST_F(TlsTest, ACertificateMayBeShownOrNot) {
  auto server = ServeTls(true, /*optional=*/true);
  auto shown = Call(*server, files_.ca, true), anonymous = Call(*server, files_.ca, false);
  ASSERT_TRUE(shown.ok() && anonymous.ok()) << shown.status() << anonymous.status();
  EXPECT_EQ(shown->body, "POST /x hello with a certificate");
  EXPECT_EQ(anonymous->body, "POST /x hello");
}

TEST_F(TlsTest, AnotherCaAnotherNameOrNoTlsIsRefused) {
  auto server = ServeTls(false);
  EXPECT_TRUE(Call(*server, files_.ca, false).ok());
  ASSERT_TRUE(security::InitCa(folder_.path() + "/other", "other.example").ok());
  EXPECT_FALSE(Call(*server, folder_.path() + "/other/ca.crt", false).ok());
  EXPECT_FALSE(Call(*server, files_.ca, false, "localhost").ok());
  RawClient raw(server->address());
  raw.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(raw.ReceiveAll(), testing::Not(HasSubstr("HTTP/1.1 200")));
}

}  // namespace
}  // namespace liandong::adapters
