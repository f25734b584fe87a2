// The server's side of TLS 1.2 and 1.3.
#pragma once

#include <array>
#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

#include "apitoolkit/result.h"
#include "src/net/http_server.h"

namespace apitoolkit::net {

// What is chosen for clients that offer HTTP/1.1 and HTTP/2 by ALPN (RFC 7301).
enum class TlsFirst { kHttp1, kHttp2 };

// Shared: connections go on with theirs when another certificate is taken up.
using TlsContext = std::shared_ptr<boost::asio::ssl::context>;
using TlsContexts = std::array<TlsContext, 2>;  // by TlsFirst

// Reads the chain and the key, both PEM. A client that offers neither protocol by ALPN is refused
// in the handshake. kInvalidArgument names the file that cannot be used and why.
Result<TlsContexts> make_tls(const TlsFiles& files);

}  // namespace apitoolkit::net
