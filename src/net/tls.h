// The server's side of TLS 1.2 and 1.3.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

#include "apitoolkit/result.h"
#include "src/net/http_server.h"

namespace apitoolkit::net {

// Reads the chain and the key, both PEM. HTTP/1.1 is all that is offered by ALPN (RFC 7301): a
// client that speaks nothing else is refused in the handshake. kInvalidArgument names the file that
// cannot be used and why.
Result<std::shared_ptr<boost::asio::ssl::context>> make_tls(const TlsFiles& files);

}  // namespace apitoolkit::net
