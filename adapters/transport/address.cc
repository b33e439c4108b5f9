#include "adapters/transport/address.h"

#include <cstdint>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace liandong::adapters {
namespace {

namespace ip = boost::asio::ip;

ip::address Unmapped(const ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, address.to_v6());
  return address;
}

template <typename Bytes>
bool SamePrefix(const Bytes& a, const Bytes& b, unsigned bits) {
  for (size_t i = 0; i < a.size() && bits > 0; ++i) {
    const unsigned take = bits < 8 ? bits : 8;
    const auto mask = static_cast<uint8_t>(0xff << (8 - take));
    if ((a[i] & mask) != (b[i] & mask)) return false;
    bits -= take;
  }
  return true;
}

}  // namespace

absl::StatusOr<ip::tcp::endpoint> ParseEndpoint(const std::string& text) {
  const size_t colon = text.rfind(':');
  uint32_t port = 0;
  boost::system::error_code error;
  std::string host = colon == std::string::npos ? "" : text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  const ip::address address = ip::make_address(host, error);
  if (colon == std::string::npos || error || !absl::SimpleAtoi(text.substr(colon + 1), &port) || port > 65535) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", text,
                     "\" 不是监听地址,例如 \"127.0.0.1:8110\" (not an address to listen on, "
                     "for example \"127.0.0.1:8110\")"));
  }
  return ip::tcp::endpoint(address, static_cast<uint16_t>(port));
}

std::string EndpointText(const ip::tcp::endpoint& endpoint) {
  const std::string host = endpoint.address().to_string();
  return endpoint.address().is_v6() ? absl::StrCat("[", host, "]:", endpoint.port())
                                    : absl::StrCat(host, ":", endpoint.port());
}

absl::StatusOr<AddressRanges> AddressRanges::Parse(const std::vector<std::string>& texts) {
  AddressRanges result;
  for (const std::string& text : texts) {
    const size_t slash = text.find('/');
    boost::system::error_code error;
    Range range;
    range.address = ip::make_address(text.substr(0, slash), error);
    const unsigned whole = !error && range.address.is_v6() ? 128 : 32;
    const unsigned least = whole == 128 ? 16 : 8;
    uint32_t bits = whole;
    const bool number = slash == std::string::npos || absl::SimpleAtoi(text.substr(slash + 1), &bits);
    if (error || !number || bits > whole || bits < least) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", text,
                       "\" 不是可用的地址段,例如 \"10.1.2.0/24\",且不得宽于 /8 "
                       "(not a usable address range, for example \"10.1.2.0/24\", no wider than /8)"));
    }
    range.bits = bits;
    result.ranges_.push_back(range);
  }
  return result;
}

bool AddressRanges::Allows(const ip::address& peer) const {
  const ip::address address = Unmapped(peer);
  if (address.is_loopback()) return true;
  for (const Range& range : ranges_) {
    if (range.address.is_v4() != address.is_v4()) continue;
    const bool inside = address.is_v4()
                            ? SamePrefix(address.to_v4().to_bytes(), range.address.to_v4().to_bytes(), range.bits)
                            : SamePrefix(address.to_v6().to_bytes(), range.address.to_v6().to_bytes(), range.bits);
    if (inside) return true;
  }
  return false;
}

}  // namespace liandong::adapters
