// The target of a request, whatever its bytes: which handler it finds, what its path and its query
// say. "METHOD path?query" is the input.
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz/require.h"
#include "src/net/router.h"
#include "src/server/serve/exchange_query.h"

namespace {

namespace net = apitoolkit::net;
namespace serve = apitoolkit::server::serve;

constexpr std::int64_t kNowNs = 1'772'719'200'000'000'000;

// Of each shape that the server's routes have.
const net::Router& router() {
  static const net::Router kRouter = [] {
    net::Router made;
    for (const auto& [method, pattern] : {std::pair{"GET", "/healthz"},
                                          {"GET", "/api/client_metadata"},
                                          {"POST", "/v1/projects/{project}/topics/{topic}:publish"},
                                          {"POST", "/v1/traces"},
                                          {"GET", "/api/v1/exchanges"},
                                          {"GET", "/api/v1/exchanges/{id}"},
                                          {"GET", "/api/v1/exchanges/{id}/logs"},
                                          {"POST", "/api/v1/dead-letters/{id}/replay"},
                                          {"DELETE", "/api/v1/dead-letters/{id}"},
                                          {"GET", "/share/{token}"}}) {
      made.add(method, pattern,
               [](const net::ServerRequest&, const net::PathParams&, const net::Responder&) {});
    }
    return made;
  }();
  return kRouter;
}

void check_match(std::string_view method, std::string_view path) {
  const auto match = router().match(method, path);
  FUZZ_REQUIRE(match.handler == nullptr || match.allow.empty());
  if (match.handler == nullptr) return;
  for (const char* name : {"project", "topic", "id", "token"}) {
    const bool is_named = match.pattern.find("{" + std::string(name) + "}") != std::string::npos;
    FUZZ_REQUIRE(match.params[name].empty() != is_named);
  }
}

void check_query(std::string_view query) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : net::parse_query(query)) bytes += name.size() + value.size();
  FUZZ_REQUIRE(bytes <= query.size());
  for (const bool only_paging : {false, true}) {
    const auto asked = serve::parse_exchange_query(query, kNowNs, only_paging);
    if (!asked) {
      FUZZ_REQUIRE(asked.error().status == 400);
      continue;
    }
    FUZZ_REQUIRE(asked->limit > 0);
    if (asked->after) {
      FUZZ_REQUIRE(serve::decode_cursor(serve::encode_cursor(*asked->after)) == asked->after);
    }
  }
  if (const auto asked = serve::parse_dead_letter_query(query)) FUZZ_REQUIRE(asked->limit > 0);
  static_cast<void>(serve::parse_tail_query(query));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::size_t blank = bytes.find(' ');
  if (blank == std::string_view::npos) return 0;
  const std::string_view target = bytes.substr(blank + 1);
  const std::size_t question = target.find('?');
  check_match(bytes.substr(0, blank), target.substr(0, question));
  if (question != std::string_view::npos) check_query(target.substr(question + 1));
  FUZZ_REQUIRE(net::percent_decode(target).size() <= target.size());
  return 0;
}
