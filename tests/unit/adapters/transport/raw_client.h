// A TCP client that says exactly what a test wants.
#ifndef LIANDONG_TESTS_UNIT_ADAPTERS_TRANSPORT_RAW_CLIENT_H_
#define LIANDONG_TESTS_UNIT_ADAPTERS_TRANSPORT_RAW_CLIENT_H_

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <string>

namespace liandong::adapters {

class RawClient {
 public:
  explicit RawClient(const std::string& address) {
    const size_t colon = address.rfind(':');
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<uint16_t>(std::stoi(address.substr(colon + 1))));
    inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr);
    fd_ = socket(AF_INET, SOCK_STREAM, 0);
    EXPECT_EQ(connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to), 0) << address;
  }
  ~RawClient() { Close(); }
  void Close() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }
  bool Send(const std::string& bytes) {
    return ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
  }
  // Reads until `count` bytes are there or the other side has closed (see closed()).
  std::string Receive(size_t count) {
    while (received_.size() < count && !closed_) {
      pollfd waiting{fd_, POLLIN, 0};
      if (poll(&waiting, 1, 60'000) <= 0) break;
      char chunk[4096];
      const ssize_t got = recv(fd_, chunk, sizeof chunk, 0);
      if (got <= 0) {
        closed_ = true;
      } else {
        received_.append(chunk, static_cast<size_t>(got));
      }
    }
    const std::string result = received_.substr(0, count);
    received_.erase(0, count);
    return result;
  }
  std::string ReceiveAll() { return Receive(SIZE_MAX); }
  bool closed() const { return closed_; }

 private:
  int fd_ = -1;
  bool closed_ = false;
  std::string received_;
};

}  // namespace liandong::adapters

#endif  // LIANDONG_TESTS_UNIT_ADAPTERS_TRANSPORT_RAW_CLIENT_H_
