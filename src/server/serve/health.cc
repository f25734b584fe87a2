// GET /healthz and /metrics. Open to everyone who reaches the port: aggregate numbers and one word.
#include <utility>

#include "src/server/serve/routes.h"

namespace apitoolkit::server::serve {
namespace {

net::ServerResponse plain(int status, std::string text) {
  return {status,
          {{"Content-Type", "text/plain; charset=utf-8"},
           {"Cache-Control", "no-store"},
           {"X-Content-Type-Options", "nosniff"}},
          std::move(text)};
}

// 503 where the store cannot be written: whoever balances load should send elsewhere.
net::ServerResponse health(const Services& services) {
  if (const auto reason = services.read_only()) return plain(503, *reason + "\n");
  if (const auto stats = services.store.stats(); !stats) return plain(503, "the store fails\n");
  return plain(200, "ok\n");
}

void add_open(net::Router& router, const Services& services, std::string pattern,
              std::function<net::ServerResponse()> answer) {
  router.add(
      "GET", std::move(pattern),
      [services, answer = std::move(answer)](const net::ServerRequest&, const net::PathParams&,
                                             const net::Responder& responder) {
        if (!services.probes.submit([answer, responder] { responder(answer()); })) {
          responder(plain(503, "too many requests wait\n"));
        }
      });
}

}  // namespace

void add_health_routes(net::Router& router, const Services& services) {
  add_open(router, services, "/healthz", [services] { return health(services); });
  add_open(router, services, "/metrics", [services] {
    auto response = plain(200, services.metrics_text());
    response.headers[0].value = "text/plain; version=0.0.4; charset=utf-8";
    return response;
  });
}

}  // namespace apitoolkit::server::serve
