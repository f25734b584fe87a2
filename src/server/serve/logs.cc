// GET /api/v1/exchanges/{id}/logs: the log lines of an exchange's trace.
#include <utility>

#include "src/base/clock.h"
#include "src/base/limits.h"
#include "src/base/uuid.h"
#include "src/json/writer.h"
#include "src/server/serve/routes.h"
#include "src/server/serve/trace_logs.h"

namespace apitoolkit::server::serve {
namespace {

void write_log(const store::LogEntry& log, json::Writer& w) {
  w.begin_object();
  w.key("timestamp").value(base::format_rfc3339(log.time_ns));
  w.key("severity").value(log.severity);
  w.key("trace_id").value(log.trace_id);
  w.key("span_id").value(log.span_id);
  w.key("body").value(log.body);
  w.key("attributes").raw(log.attributes_json.empty() ? "{}" : log.attributes_json);
  w.end_object();
}

net::ServerResponse list(const Services& services, const net::PathParams& params,
                         const Caller& caller) {
  const Problem missing{404, "there is no such exchange", "id"};
  const auto id = base::parse_uuid(params["id"]);
  if (!id) return problem_answer(missing);
  const auto record = services.store.fetch(caller.project->id, *id);
  if (!record) return problem_answer(problem_of(record.error()));
  if (!*record) return problem_answer(missing);
  const auto logs = logs_beside(services.store, caller.project->id, (*record)->exchange.trace_id);
  if (!logs) return problem_answer(problem_of(logs.error()));
  json::Writer w;
  w.begin_object().key("data").begin_array();
  for (const store::LogEntry& log : *logs) {
    write_log(log, w);
    if (static_cast<std::int64_t>(w.size()) > limits::kPageBytesMax) break;
  }
  w.end_array().end_object();
  return json_answer(std::move(w).str());
}

}  // namespace

void add_log_routes(net::Router& router, const Services& services) {
  add_guarded(router, services, "GET", "/api/v1/exchanges/{id}/logs",
              [services](const net::ServerRequest&, const net::PathParams& params,
                         const Caller& caller) { return list(services, params, caller); });
}

}  // namespace apitoolkit::server::serve
