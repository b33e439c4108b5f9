#include "adapters/transport/address.h"

#include <gtest/gtest.h>

namespace liandong::adapters {
namespace {

using boost::asio::ip::make_address;

TEST(AddressTest, EndpointsAreAddressesWithAPort) {
  EXPECT_EQ(EndpointText(*ParseEndpoint("127.0.0.1:0")), "127.0.0.1:0");
  EXPECT_EQ(EndpointText(*ParseEndpoint("[::1]:8110")), "[::1]:8110");
  for (const char* bad : {"", "localhost:80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", ":80"}) {
    EXPECT_FALSE(ParseEndpoint(bad).ok()) << bad;
  }
}

TEST(AddressTest, LoopbackAlwaysAndTheRangesThatAreNamed) {
  const AddressRanges ranges = *AddressRanges::Parse({"10.1.2.0/24", "192.168.7.9", "fd12::/16"});
  for (const char* good :
       {"127.0.0.1", "127.8.9.1", "::1", "10.1.2.255", "192.168.7.9", "fd12:1::5", "::ffff:10.1.2.3"}) {
    EXPECT_TRUE(ranges.Allows(make_address(good))) << good;
  }
  for (const char* bad : {"10.1.3.0", "192.168.7.8", "8.8.8.8", "fd13::1", "::ffff:10.1.3.3"}) {
    EXPECT_FALSE(ranges.Allows(make_address(bad))) << bad;
  }
  EXPECT_FALSE(AddressRanges().Allows(make_address("10.1.2.3")));
}

TEST(AddressTest, FromAnywhereCannotBeWritten) {
  for (const char* bad : {"0.0.0.0/0", "10.0.0.0/7", "::/0", "10.1.2.0/33", "10.1.2", "ten/8", "10.1.2.0/", ""}) {
    EXPECT_FALSE(AddressRanges::Parse({bad}).ok()) << bad;
  }
}

}  // namespace
}  // namespace liandong::adapters
