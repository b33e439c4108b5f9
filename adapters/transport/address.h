// Addresses that may be listened on, and ranges from which unprotected connections are taken. Pure, safe in any thread.
#ifndef LIANDONG_ADAPTERS_TRANSPORT_ADDRESS_H_
#define LIANDONG_ADAPTERS_TRANSPORT_ADDRESS_H_

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace liandong::adapters {

// "127.0.0.1:8110" or "[::1]:8110"; port 0: any free one. InvalidArgument for names: a listener is an address.
absl::StatusOr<boost::asio::ip::tcp::endpoint> ParseEndpoint(const std::string& text);
std::string EndpointText(const boost::asio::ip::tcp::endpoint& endpoint);

class AddressRanges {
 public:
  // "10.1.2.0/24", "10.1.2.3", "fd00::/8". InvalidArgument for what is none, and for ranges wider than /8 (IPv4) or
  // /16 (IPv6): "from anywhere" cannot be written.
  static absl::StatusOr<AddressRanges> Parse(const std::vector<std::string>& texts);

  // Loopback, or inside of a range. IPv4 addresses inside IPv6 count as IPv4.
  bool Allows(const boost::asio::ip::address& address) const;
  bool empty() const { return ranges_.empty(); }

 private:
  struct Range {
    boost::asio::ip::address address;
    unsigned bits = 0;
  };
  std::vector<Range> ranges_;
};

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_TRANSPORT_ADDRESS_H_
