#include "src/net/trusted_proxies.h"

#include <gtest/gtest.h>

namespace apitoolkit::net {
namespace {

TEST(TrustedProxies, AreAskedFromTheNearestToTheFurthest) {
  const auto proxies = TrustedProxies::parse({"10.0.0.0/8", "::1", "192.0.2.7"});
  ASSERT_TRUE(proxies);
  struct Case {
    const char* peer;
    const char* forwarded_for;
    const char* client;
  };
  for (const Case& c : {Case{"10.1.2.3", "203.0.113.9", "203.0.113.9"},
                        {"10.1.2.3", "", "10.1.2.3"},
                        // What a client writes itself stands in front.
                        {"10.1.2.3", "6.6.6.6, 203.0.113.9", "203.0.113.9"},
                        {"10.1.2.3", "6.6.6.6, 203.0.113.9 ,10.9.9.9", "203.0.113.9"},
                        {"10.1.2.3", "10.9.9.9, 10.8.8.8", "10.9.9.9"},
                        {"10.1.2.3", "unknown", "10.1.2.3"},
                        {"10.1.2.3", "203.0.113.9, <script>", "10.1.2.3"},
                        {"::1", "2001:db8::1", "2001:db8::1"},
                        {"::ffff:10.0.0.1", "203.0.113.9", "203.0.113.9"},
                        {"192.0.2.7", "203.0.113.9", "203.0.113.9"},
                        // Not one of them: its word counts for nothing.
                        {"192.0.2.8", "203.0.113.9", "192.0.2.8"},
                        {"203.0.113.1", "127.0.0.1", "203.0.113.1"}}) {
    EXPECT_EQ(proxies->client_of(c.peer, c.forwarded_for), c.client)
        << c.peer << " " << c.forwarded_for;
  }
  EXPECT_EQ(TrustedProxies().client_of("10.1.2.3", "203.0.113.9"), "10.1.2.3");
}

TEST(TrustedProxies, AreNetworks) {
  for (const char* text : {"", "ten", "10.0.0.0/33", "10.0.0/8", "example.com", "::1/129"}) {
    EXPECT_FALSE(TrustedProxies::parse({text})) << text;
  }
}

}  // namespace
}  // namespace apitoolkit::net
