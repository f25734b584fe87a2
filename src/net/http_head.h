// The head of an answer: status line and headers (RFC 9112, sections 4 and 5).
#pragma once

#include <string>

#include "src/net/http_server.h"

namespace apitoolkit::net {

// How the end of the answer's body is told.
enum class Framing { kLength, kChunked, kUntilClose };

std::string serialise_head(const ServerResponse& response, bool keep_alive, Framing framing);

// Whether an answer of that status never has a body.
bool has_no_body(int status);

}  // namespace apitoolkit::net
