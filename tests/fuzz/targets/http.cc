// What browsers and hotlines send: a connection's bytes through our HTTP server's own session, and the JSON of
// requests.
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "adapters/screen/gzip.h"
#include "adapters/screen/json.h"
#include "adapters/transport/http_session.h"
#include "liandong/v1/account.pb.h"
#include "liandong/v1/desk.pb.h"
#include "liandong/v1/report.pb.h"
#include "tests/fuzz/pieces.h"
#include "tests/fuzz/target.h"

namespace liandong::fuzz {
namespace {

constexpr size_t kBodyBytesMax = 8192;

// What HttpSession needs of a server; answers at once.
class OneServer {
 public:
  OneServer() { options_.body_bytes_max = kBodyBytesMax; }
  const adapters::HttpServerOptions& options() const { return options_; }
  std::function<adapters::HttpAnswer(int)> refusal() const {
    return [](int status) { return adapters::HttpAnswer{status, "text/plain", "no"}; };
  }
  bool stopping() const { return false; }
  void Opened() { ++open_; }
  void Closed() { --open_; }
  void Answered() { ++answered_; }
  uint64_t Waits(bool, const std::function<void()>&) { return ++waits_; }
  void NoLongerWaits(uint64_t ticket) { Expect(ticket <= waits_, "a ticket is one that was given"); }
  template <typename Executor, typename Then>
  void Handle(adapters::HttpCall call, Executor executor, Then then) {
    ++handled_;
    Expect(call.body.size() <= kBodyBytesMax, "a body is bounded");
    size_t head = call.path.size() + call.query.size();
    for (const auto& [name, value] : call.headers) head += name.size() + value.size();
    Expect(head <= adapters::kHttpHeaderBytesMax, "headers are bounded");
    Expect(call.path.find('?') == std::string::npos, "a path has no query");
    (void)screen::AcceptsGzip(std::string(adapters::HeaderValue(call.headers, "accept-encoding")));
    boost::asio::post(executor, [then = std::move(then)]() mutable { then({200, "text/plain", "yes"}); });
  }
  int open() const { return open_; }
  int handled() const { return handled_; }
  int answered() const { return answered_; }

 private:
  adapters::HttpServerOptions options_;
  int open_ = 0, handled_ = 0, answered_ = 0;
  uint64_t waits_ = 0;
};

}  // namespace

FUZZ_SEEDS(http) {
  return {
      "GET /api/view?after=7 HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip;q=0.5, br\r\nCookie: liandong_session=x; "
      "y=z\r\n\r\n",
      "POST /110/jjd HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{\"a\":1}GET / "
      "HTTP/1.0\r\n\r\n",
      "POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n5;x=y\r\nhello\r\n0\r\nT: "
      "v\r\n\r\n",
      "HEAD / HTTP/1.1\r\nConnection: close\r\n\r\n",
      "POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
      "GET / HTTP/9.9\r\n\r\n",
      "GET / HTTP/1.1\r\n" + std::string(17000, 'h') + ": v\r\n\r\n"};
}
// Everything that one connection says before it closes its side.
FUZZ_TARGET(http) {
  int ends[2];
  Expect(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0, "a pair of sockets");
  const ssize_t sent = send(ends[0], bytes.data(), bytes.size(), MSG_NOSIGNAL);
  (void)shutdown(ends[0], SHUT_WR);
  OneServer server;
  {
    boost::asio::io_context context;
    boost::asio::ip::tcp::socket socket(context);
    socket.assign(boost::asio::ip::tcp::v4(), ends[1]);
    std::make_shared<adapters::HttpSession<boost::beast::tcp_stream, OneServer>>(server, "127.0.0.1", std::move(socket))
        ->Run();
    // Nothing is left to wait for when the connection's bytes are at their end.
    context.run();
  }
  Expect(server.open() == 0, "the connection is over");
  Expect(server.answered() == server.handled(), "every call was answered or given up");
  Expect(sent < 0 || server.handled() <= sent / 16 + 1, "a call is a line at the least");
  char answer[13] = "";
  if (const ssize_t got = read(ends[0], answer, 12); got > 0) {
    Expect(std::string_view(answer).substr(0, 7) == "HTTP/1.", "an answer is HTTP");
  }
  close(ends[0]);
}

namespace {

template <typename Message>
void ReadJson(const std::string& json) {
  Message message;
  if (const absl::Status status = screen::FromJson(json, &message); !status.ok()) {
    Expect(screen::HttpStatusOf(status) == 400, "what is no request is a bad one");
    (void)screen::ErrorJson(status);
    return;
  }
  Message again;
  Expect(screen::FromJson(screen::ToJson(message), &again).ok(),
         "what is written can be read: " + screen::ToJson(message));
  Expect(again.SerializeAsString() == message.SerializeAsString(), "and is the same");
}

}  // namespace

FUZZ_SEEDS(screen_json) {
  return {std::string("\0", 1) +
              R"({"external_id":"a","open":{"purpose":"ACTUAL","counts":{"dead":0}},"sealed":{"point":{"lat":1e3}}})",
          "\1"
          R"({"delivery_id":"7","state":"ACCEPTED","deferred_until_ms":"-1"})",
          "\2"
          R"({"incident_id":18446744073709551615,"party":["a"]})",
          "\3"
          R"({"name":"a","password":"\ud83d\ude00"})",
          "\4"
          R"({"fields":{"counts":{"loss_yuan":"9"}},"kind":99})",
          std::string("\0", 1) + std::string(200, '{') + "\"open\":"};
}
FUZZ_TARGET(screen_json) {
  Pieces pieces(bytes);
  const uint8_t kind = pieces.Byte() % 6;
  const std::string json(pieces.Rest());
  (void)screen::Quoted(json);
  switch (kind) {
    case 0:
      return ReadJson<v1::Report>(json);
    case 1:
      return ReadJson<v1::Acknowledgment>(json);
    case 2:
      return ReadJson<v1::OrderPartiesRequest>(json);
    case 3:
      return ReadJson<v1::SignInRequest>(json);
    case 4:
      return ReadJson<v1::FileUpwardReportRequest>(json);
    default:
      return ReadJson<v1::AcknowledgeForRequest>(json);
  }
}

}  // namespace liandong::fuzz
