// One device's connection, for frame_server.cc only. Everything runs on the server's one thread, apart from on_frame.
#ifndef LIANDONG_ADAPTERS_TRANSPORT_FRAME_CONNECTION_H_
#define LIANDONG_ADAPTERS_TRANSPORT_FRAME_CONNECTION_H_

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/transport/frame_server.h"

namespace liandong::adapters {

class FrameConnection : public std::enable_shared_from_this<FrameConnection> {
 public:
  struct Shared {
    const FrameServerOptions& options;
    const FrameServer::Handlers& handlers;
    boost::asio::io_context& context;
    boost::asio::thread_pool& workers;
  };

  FrameConnection(const Shared& shared, boost::asio::ip::tcp::socket socket, std::string peer);

  void Run();
  void Close();
  bool closed() const { return closed_; }
  std::optional<uint64_t> device() const { return device_; }
  void SendCommand(gb26875::Command command, std::string adu, FrameServer::Done done);

 private:
  struct Command {
    std::string bytes;
    FrameServer::Done done;
    int tries = 0;
    std::unique_ptr<boost::asio::steady_timer> timer;
  };

  void Read();
  void OnRead(boost::system::error_code error, size_t count);
  void Drain();
  void Pump();
  void OnGood(gb26875::Frame frame);
  void Verdict(const gb26875::Frame& frame, FrameVerdict verdict);
  void ArmIdle();
  void ArmIncomplete();
  void ArmPeriodic(size_t index);
  void Write(const gb26875::Frame& frame);
  void WriteBytes(std::string bytes);
  void Flush();
  void TryCommand(uint16_t serial);
  void Answered(uint16_t serial, const absl::Status& status);
  gb26875::TimeTag Now() const;

  Shared shared_;
  boost::asio::ip::tcp::socket socket_;
  const std::string peer_;
  gb26875::FrameReader reader_;
  std::array<char, 4096> chunk_{};
  std::deque<gb26875::Reading> readings_;
  std::deque<std::string> writes_;
  boost::asio::steady_timer idle_;
  boost::asio::steady_timer incomplete_;
  std::optional<uint64_t> incomplete_at_;
  std::vector<std::unique_ptr<boost::asio::steady_timer>> periodic_;
  std::map<uint16_t, Command> commands_;
  std::optional<uint64_t> device_;
  uint64_t centre_ = 0;
  uint16_t next_serial_ = 0;
  bool reading_ = false;
  bool busy_ = false;
  bool writing_ = false;
  bool ended_ = false;  // the device has closed its side
  bool closed_ = false;
};

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_TRANSPORT_FRAME_CONNECTION_H_
