// GET /api/v1/queries: what is being searched for now, and how far that has come.
#include "src/base/uuid.h"
#include "src/server/serve/list.h"
#include "src/server/serve/routes.h"
#include "src/server/serve/running_queries.h"

namespace apitoolkit::server::serve {

void add_running_query_routes(net::Router& router, const Services& services) {
  // Not by the readers, which may all be busy with what is asked about.
  add_guarded(router, services, "GET", "/api/v1/queries",
              [services](const net::ServerRequest&, const net::PathParams&, const Caller& caller) {
                return list_answer(services.queries.running_in(caller.project->id),
                                   [](const RunningQueries::Shown& one, json::Writer& w) {
                                     w.begin_object().key("query_id");
                                     one.query_id ? w.value(base::format_uuid(*one.query_id))
                                                  : w.null();
                                     w.key("scanned_exchanges").value(one.exchanges);
                                     w.key("elapsed_ms").value(one.elapsed_ms).end_object();
                                   });
              },
              {account::Role::kViewer, &services.probes});
}

}  // namespace apitoolkit::server::serve
