// GET /api/v1/stats: what the caller's project holds, and how the server is.
#include <utility>

#include "src/json/writer.h"
#include "src/server/serve/routes.h"

namespace apitoolkit::server::serve {
namespace {

void write_time(std::int64_t unix_ns, json::Writer& w) {
  unix_ns == 0 ? w.null() : w.value(base::format_rfc3339(unix_ns));
}

net::ServerResponse answer(const Services& services, const Caller& caller) {
  const auto stats = services.store.project_stats(caller.project->id);
  if (!stats) return problem_answer(problem_of(stats.error()));
  json::Writer w;
  w.begin_object().key("exchanges").value(stats->exchanges);
  w.key("dead_letters").value(stats->dead_letters).key("oldest");
  write_time(stats->oldest_ns, w);
  w.key("newest");
  write_time(stats->newest_ns, w);
  w.key("read_only");
  const auto reason = services.read_only();
  reason ? w.value(*reason) : w.null();
  w.key("retention_held");
  const auto held = services.retention_held();
  held ? w.value(*held) : w.null();
  w.key("version").value(APITOOLKIT_VERSION).end_object();
  return json_answer(std::move(w).str());
}

}  // namespace

void add_stats_routes(net::Router& router, const Services& services) {
  add_guarded(router, services, "GET", "/api/v1/stats",
              [services](const net::ServerRequest&, const net::PathParams&, const Caller& caller) {
                return answer(services, caller);
              });
}

}  // namespace apitoolkit::server::serve
