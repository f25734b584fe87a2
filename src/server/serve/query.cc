// POST /api/v1/query: a pipeline of the query language over the project's exchanges.
#include <chrono>
#include <utility>

#include "src/base/limits.h"
#include "src/base/uuid.h"
#include "src/server/query/parse.h"
#include "src/server/serve/exchange_query.h"
#include "src/server/serve/json_body.h"
#include "src/server/serve/query_problem.h"
#include "src/server/serve/routes.h"
#include "src/server/serve/running_queries.h"

namespace apitoolkit::server::serve {
namespace {

using Steady = std::chrono::steady_clock;

struct Wish {
  query::Query query;
  query::TimeRange span;
  std::int64_t rows_max = limits::kQueryRowsDefault;
  std::optional<Uuid> query_id;
};

// The answer to a request that is wrong, or what it asks for.
tl::expected<Wish, net::ServerResponse> read_wish(const net::ServerRequest& request,
                                                  std::int64_t now_ns) {
  auto body = JsonBody::read(request, {"query", "since", "until", "limit", "query_id"});
  if (!body) return tl::unexpected(problem_answer(body.error()));
  Wish wish;
  const std::string text = body->required_text("query");
  const auto read_time = [&](std::string_view name, std::optional<std::int64_t>& out) {
    const auto given = body->text(name);
    if (!given) return;
    out = parse_time(*given, now_ns);
    if (!out) body->complain(name, "expected an RFC 3339 time, or one relative to now such as -1h");
  };
  read_time("since", wish.span.since_ns);
  read_time("until", wish.span.until_ns);
  if (const auto rows = body->integer("limit", 1, limits::kQueryRowsMax)) {
    wish.rows_max = *rows;
  }
  if (const auto id = body->text("query_id")) {
    wish.query_id = base::parse_uuid(*id);
    if (!wish.query_id) body->complain("query_id", "expected a UUID");
  }
  if (const auto& wrong = body->problem()) return tl::unexpected(problem_answer(*wrong));
  auto parsed = query::parse(text);
  if (!parsed) return tl::unexpected(query_problem(parsed.error(), text));
  wish.query = std::move(*parsed);
  return wish;
}

net::ServerResponse answer_json(const query::Answer& answer, Steady::duration took) {
  json::Writer w;
  w.begin_object().key("columns").begin_array();
  for (const query::Column& column : answer.columns) {
    w.begin_object().key("name").value(column.name).key("type").value(to_string(column.type));
    w.end_object();
  }
  w.end_array().key("rows").begin_array();
  for (const auto& row : answer.rows) {
    w.begin_array();
    for (const query::Value& value : row) query::write_json(value, w);
    w.end_array();
  }
  w.end_array().key("stats").begin_object();
  w.key("scanned_exchanges").value(answer.scanned.exchanges);
  w.key("counted_exchanges").value(answer.scanned.counted_ahead);
  w.key("scanned_bytes").value(answer.scanned.bytes);
  w.key("source").value(answer.scanned.counted_ahead > 0 ? "rollups" : "exchanges");
  w.key("elapsed_ms").value(std::chrono::duration<double, std::milli>(took).count());
  w.key("truncated").value(answer.truncated);
  w.end_object().end_object();
  return json_answer(std::move(w).str());
}

void answer_query(const Services& services, const net::ServerRequest& request, const Caller& caller,
                  const net::Responder& responder) {
  const std::int64_t now_ns = services.clock.now_ns();
  const auto wish = read_wish(request, now_ns);
  if (!wish) return responder(wish.error());
  const auto begin = Steady::now();
  const auto answer =
      services.queries.run(services.store, wish->query, {caller.project->id, wish->span, now_ns},
                           wish->rows_max, responder, wish->query_id);
  responder(answer ? answer_json(*answer, Steady::now() - begin) : problem_answer(answer.error()));
}

}  // namespace

void add_query_routes(net::Router& router, const Services& services) {
  add_guarded_late(router, services, "POST", "/api/v1/query",
                   [services](const net::ServerRequest& request, const net::PathParams&,
                              const Caller& caller, const net::Responder& responder) {
                     answer_query(services, request, caller, responder);
                   });
}

}  // namespace apitoolkit::server::serve
