// The shapes of REST answers: JSON, and problem+json (RFC 9457) for what went wrong.
#pragma once

#include <string>
#include <string_view>

#include "src/net/http_server.h"

namespace apitoolkit::server::serve {

// What was wrong with a request.
struct Problem {
  int status = 400;
  std::string detail;
  std::string pointer;  // the parameter or member; empty where it is none of them
};

net::ServerResponse json_answer(std::string body, int status = 200);
// To be saved and never shown: captured bytes, whatever they are. The name is ours.
net::ServerResponse bytes_answer(std::string bytes, std::string_view file_name);
// 401 says how to authenticate, 429 and 503 when to try again.
net::ServerResponse problem_answer(const Problem& problem);

// The problem behind an error of the floors below; its message is ours and safe to show.
Problem problem_of(const Error& error);

}  // namespace apitoolkit::server::serve
