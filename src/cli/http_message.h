// An HTTP/1.1 message as text: a start line and headers, an empty line, a body.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "apitoolkit/exchange.h"
#include "apitoolkit/result.h"

namespace apitoolkit::cli {

struct HttpMessage {
  std::string start_line;  // empty if the text began with a header
  std::vector<Header> headers;
  std::string body;
};

// Lines may end with LF or CRLF. kCorrupt names the line that is neither a start line nor a header.
Result<HttpMessage> read_http_message(std::string_view text);

// With LF, as a terminal wants it.
std::string write_http_message(const HttpMessage& message);

}  // namespace apitoolkit::cli
