// GET /api/v1/overview: what the dashboard's first page shows, from what was counted.
#include <chrono>

#include "src/base/limits.h"
#include "src/server/serve/overview_json.h"
#include "src/server/serve/overview_range.h"
#include "src/server/serve/routes.h"

namespace apitoolkit::server::serve {
namespace {

net::ServerResponse answer(const Services& services, const net::ServerRequest& request,
                           const Caller& caller) {
  const std::int64_t now_ns = services.clock.now_ns();
  auto range = parse_overview_range(request.query, now_ns);
  if (!range) return problem_answer(range.error());
  range->project = caller.project->id;
  range->control.deadline =
      std::chrono::steady_clock::now() + std::chrono::seconds(limits::kQueryTimeS);
  const store::TrafficRange range_before = period_before(*range);
  const auto traffic = services.store.traffic(*range);
  if (!traffic) return problem_answer(problem_of(traffic.error()));
  const auto before = services.store.traffic(range_before);
  if (!before) return problem_answer(problem_of(before.error()));
  return json_answer(overview_json(*range, *traffic, range_before, *before, now_ns));
}

}  // namespace

void add_overview_routes(net::Router& router, const Services& services) {
  add_guarded(router, services, "GET", "/api/v1/overview",
              [services](const net::ServerRequest& request, const net::PathParams&,
                         const Caller& caller) { return answer(services, request, caller); });
}

}  // namespace apitoolkit::server::serve
