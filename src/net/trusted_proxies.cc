#include "src/net/trusted_proxies.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>

namespace apitoolkit::net {
namespace {

namespace ip = boost::asio::ip;
using boost::system::error_code;

std::string_view trim(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

// An address of IPv4 in IPv6 counts as the former.
ip::address plain(const ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return ip::make_address_v4(ip::v4_mapped, address.to_v6());
  }
  return address;
}

template <class Network, class Address>
bool holds(const Network& network, const Address& address) {
  return Network(address, network.prefix_length()).canonical() == network.canonical();
}

}  // namespace

Result<TrustedProxies> TrustedProxies::parse(const std::vector<std::string>& networks) {
  TrustedProxies proxies;
  for (const std::string& text : networks) {
    error_code error;
    const auto address = ip::make_address(text, error);
    if (!error) {
      if (address.is_v4()) {
        proxies.v4_.emplace_back(address.to_v4(), 32);
      } else {
        proxies.v6_.emplace_back(address.to_v6(), 128);
      }
      continue;
    }
    const auto v4 = ip::make_network_v4(text, error);
    if (!error) {
      proxies.v4_.push_back(v4);
      continue;
    }
    const auto v6 = ip::make_network_v6(text, error);
    if (error) {
      return fail(ErrorCode::kInvalidArgument,
                  "\"" + text + "\" is no network, such as 10.0.0.0/8 or ::1");
    }
    proxies.v6_.push_back(v6);
  }
  return proxies;
}

bool TrustedProxies::contains(std::string_view text) const {
  error_code error;
  const auto address = ip::make_address(std::string(text), error);
  if (error) return false;
  const ip::address found = plain(address);
  if (found.is_v4()) {
    return std::any_of(v4_.begin(), v4_.end(),
                       [&](const auto& network) { return holds(network, found.to_v4()); });
  }
  return std::any_of(v6_.begin(), v6_.end(),
                     [&](const auto& network) { return holds(network, found.to_v6()); });
}

std::string TrustedProxies::client_of(const std::string& peer,
                                      std::string_view forwarded_for) const {
  if (!contains(peer)) return peer;
  std::string client = peer;
  while (!forwarded_for.empty()) {
    const std::size_t comma = forwarded_for.rfind(',');
    const std::string_view last =
        trim(comma == std::string_view::npos ? forwarded_for : forwarded_for.substr(comma + 1));
    forwarded_for =
        comma == std::string_view::npos ? std::string_view() : forwarded_for.substr(0, comma);
    error_code error;
    const auto address = ip::make_address(std::string(last), error);
    if (error) return client;  // "unknown", or nonsense: the nearest that is known
    client = plain(address).to_string();
    if (!contains(client)) return client;
  }
  return client;
}

}  // namespace apitoolkit::net
