#include "src/server/serve/answer.h"

#include <utility>

#include "src/base/limits.h"
#include "src/json/writer.h"
#include "src/server/ingest/error_code.h"

namespace apitoolkit::server::serve {
namespace {

// Answers hold captured content: no cache keeps them and no browser takes them for a page.
std::vector<Header> api_headers(std::string_view content_type) {
  return {{"Content-Type", std::string(content_type)},
          {"Cache-Control", "no-store"},
          {"X-Content-Type-Options", "nosniff"},
          {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"}};
}

}  // namespace

net::ServerResponse json_answer(std::string body, int status) {
  return {status, api_headers("application/json"), std::move(body)};
}

net::ServerResponse bytes_answer(std::string bytes, std::string_view file_name) {
  net::ServerResponse response{200, api_headers("application/octet-stream"), std::move(bytes)};
  response.headers.push_back(
      {"Content-Disposition", "attachment; filename=\"" + std::string(file_name) + "\""});
  return response;
}

net::ServerResponse problem_answer(const Problem& problem) {
  json::Writer w;
  w.begin_object()
      .key("type")
      .value("about:blank")
      .key("title")
      .value(net::reason_phrase(problem.status))
      .key("status")
      .value(problem.status);
  if (!problem.detail.empty()) w.key("detail").value(problem.detail);
  if (!problem.pointer.empty()) w.key("pointer").value(problem.pointer);
  w.end_object();
  net::ServerResponse response{problem.status, api_headers("application/problem+json"),
                               std::move(w).str()};
  if (problem.status == 401) response.headers.push_back({"WWW-Authenticate", "Bearer"});
  if (problem.status == 429 || problem.status == 503) {
    response.headers.push_back({"Retry-After", std::to_string(limits::kRetryAfterS)});
  }
  return response;
}

Problem problem_of(const Error& error) {
  // Here what is corrupt is what is stored; to a door, it is what was received.
  if (error.code == ErrorCode::kCorrupt) return {500, error.message, ""};
  return {ingest::http_status(error.code), error.message, ""};
}

}  // namespace apitoolkit::server::serve
