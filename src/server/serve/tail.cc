// GET /api/v1/tail: exchanges as they are committed, as server-sent events (tail_hub.h).
#include <charconv>
#include <utility>

#include "src/server/query/evaluate.h"
#include "src/server/query/parse.h"
#include "src/server/serve/exchange_query.h"
#include "src/server/serve/query_problem.h"
#include "src/server/serve/routes.h"
#include "src/server/serve/tail_hub.h"

namespace apitoolkit::server::serve {
namespace {

void tail(const Services& services, const net::ServerRequest& request, const Caller& caller,
          const net::Responder& responder) {
  auto query = parse_tail_query(request.query);
  if (!query) return responder(problem_answer(query.error()));
  TailWish wish;
  wish.project = caller.project->id;
  wish.fields = std::move(query->fields);
  wish.paths = std::move(query->paths);
  const auto parsed = query::parse(query->query);
  if (!parsed) return responder(query_problem(parsed.error(), query->query));
  const auto matcher = query::Matcher::of(*parsed, services.clock.now_ns());
  if (!matcher) {
    return responder(problem_answer({400, "only conditions can be listened for", "query"}));
  }
  wish.matches = [matcher = *matcher](const store::Record& record) {
    query::ExchangeSource source;
    source.reset(
        {&record.exchange, record.identity, record.received_ns, record.timestamp_corrected});
    return matcher.matches(source);
  };
  if (const std::string_view id = request.header("Last-Event-ID"); !id.empty()) {
    std::int64_t after_ns = 0;
    const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), after_ns);
    if (error != std::errc() || end != id.data() + id.size() || after_ns < 0) {
      return responder(problem_answer({400, "expected the id of an event", "Last-Event-ID"}));
    }
    wish.after_ns = after_ns;
  }
  // The credentials are kept to be asked about again.
  net::ServerRequest credentials;
  for (const char* name : {"Authorization", "Cookie"}) {
    if (const auto value = request.header(name); !value.empty()) {
      credentials.headers.push_back({name, std::string(value)});
    }
  }
  credentials.method = "GET";
  wish.still_allowed = [services, credentials = std::move(credentials), project = wish.project] {
    const auto again = authenticate(services, credentials);
    return again && again->project->id == project;
  };
  if (auto done = services.tail.subscribe(std::move(wish), responder); !done) {
    responder(problem_answer(problem_of(done.error())));
  }
}

}  // namespace

void add_tail_routes(net::Router& router, const Services& services) {
  add_guarded_late(
      router, services, "GET", "/api/v1/tail",
      [services](const net::ServerRequest& request, const net::PathParams&, const Caller& caller,
                 const net::Responder& responder) { tail(services, request, caller, responder); });
}

}  // namespace apitoolkit::server::serve
