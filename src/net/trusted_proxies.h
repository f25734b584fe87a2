// Whose word counts on where a request came from.
#pragma once

#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "apitoolkit/result.h"

namespace apitoolkit::net {

// Networks of proxies, given as "10.0.0.0/8", "::1/128" or a single address. Immutable.
class TrustedProxies {
 public:
  // kInvalidArgument quotes the text that is no network.
  static Result<TrustedProxies> parse(const std::vector<std::string>& networks);

  bool contains(std::string_view address) const;

  // The client of a request that came from `peer`: `peer` itself unless that is one of these; then
  // the last address of X-Forwarded-For that is none of them, which is what the outermost of these
  // saw. What stands before it, anybody may have written.
  std::string client_of(const std::string& peer, std::string_view forwarded_for) const;

 private:
  std::vector<boost::asio::ip::network_v4> v4_;
  std::vector<boost::asio::ip::network_v6> v6_;
};

}  // namespace apitoolkit::net
