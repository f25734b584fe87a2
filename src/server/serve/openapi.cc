// GET /api/v1/openapi.json: wire/api.json as it was when this was built.
#include "src/server/serve/embedded.h"
#include "src/server/serve/routes.h"

namespace apitoolkit::server::serve {

void add_openapi_routes(net::Router& router, const Services& services) {
  add_guarded(router, services, "GET", "/api/v1/openapi.json",
              [](const net::ServerRequest& request, const net::PathParams&, const Caller&) {
                auto response = json_answer("");
                fill_body(embedded_api().front(), request, response);
                return response;
              });
}

}  // namespace apitoolkit::server::serve
