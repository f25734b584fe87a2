// GET /api/v1/exchanges, /{id}, /{id}/request_body, /{id}/response_body, /{id}/children, /{id}/har.
#include <chrono>
#include <memory>
#include <utility>

#include "src/base/limits.h"
#include "src/base/uuid.h"
#include "src/server/query/evaluate.h"
#include "src/server/query/parse.h"
#include "src/server/serve/download.h"
#include "src/server/serve/exchange_json.h"
#include "src/server/serve/exchange_query.h"
#include "src/server/serve/har.h"
#include "src/server/serve/query_problem.h"
#include "src/server/serve/routes.h"
#include "src/server/serve/running_queries.h"
#include "src/server/store/page_builder.h"

namespace apitoolkit::server::serve {
namespace {

query::Control until_late() {
  return {{}, std::chrono::steady_clock::now() + std::chrono::seconds(limits::kQueryTimeS)};
}

net::ServerResponse answer_page(const Services& services, const ExchangeQuery& query,
                                const query::Control& control) {
  const auto page =
      services.store.scan(query.filter, query.after, {query.limit, limits::kPageBytesMax, control});
  if (!page) return problem_answer(problem_of(page.error()));
  json::Writer w;
  w.begin_object().key("data").begin_array();
  std::optional<store::Position> next = page->next;
  for (const store::Record& record : page->records) {
    write_exchange(record, query.fields, w, query.paths);
    // As text of JSON it may be six times as large as in the store.
    if (static_cast<std::int64_t>(w.size()) < limits::kPageBytesMax) continue;
    if (&record != &page->records.back()) next = store::position_of(record);
    break;
  }
  w.end_array().key("next_cursor");
  next ? w.value(encode_cursor(*next)) : w.null();
  w.end_object();
  return json_answer(std::move(w).str());
}

void list(const Services& services, const net::ServerRequest& request, const Caller& caller,
          const net::Responder& responder, const std::shared_ptr<Downloads>& downloads) {
  auto query =
      parse_exchange_query(request.query, services.clock.now_ns(), false,
                           format_of_accept(request.header("Accept")).value_or(ListFormat::kPage));
  if (!query) return responder(problem_answer(query.error()));
  if (!query->query.empty()) {
    auto parsed = query::parse(query->query);
    if (!parsed) return responder(query_problem(parsed.error(), query->query));
    query->filter.now_ns = services.clock.now_ns();
    if (!query::Matcher::of(*parsed, query->filter.now_ns)) {
      return responder(
          problem_answer({400, "only conditions can be listed by: POST /api/v1/query", "query"}));
    }
    query->filter.where = std::move(*parsed);
  }
  query->filter.project = caller.project->id;
  if (query->after_id) {
    const auto last = services.store.fetch(caller.project->id, *query->after_id);
    if (!last) return responder(problem_answer(problem_of(last.error())));
    if (!*last) return responder(problem_answer({404, "there is no such exchange", "after"}));
    query->after = store::position_of(**last);
  }
  if (query->format == ListFormat::kPage) {
    RunningQueries::Running running(services.queries, {caller.project->id, query->query_id},
                                    responder);
    return responder(answer_page(services, *query, running.control()));
  }
  download(services, std::move(*query), responder, downloads);
}

// The exchange that the path names, if this caller has it.
tl::expected<store::Record, Problem> find(const Services& services, const net::PathParams& params,
                                          const Caller& caller) {
  const Problem missing{404, "there is no such exchange", "id"};
  const auto id = base::parse_uuid(params["id"]);
  if (!id) return tl::unexpected<Problem>(missing);
  auto record = services.store.fetch(caller.project->id, *id);
  if (!record) return tl::unexpected<Problem>(problem_of(record.error()));
  if (!*record) return tl::unexpected<Problem>(missing);
  return std::move(**record);
}

net::ServerResponse fetch(const Services& services, const net::PathParams& params,
                          const Caller& caller) {
  const auto record = find(services, params, caller);
  if (!record) return problem_answer(record.error());
  json::Writer w;
  write_exchange(*record, {}, w);
  return json_answer(std::move(w).str());
}

// As it was stored, byte for byte: within an exchange, JSON lacks the blanks around it.
net::ServerResponse body(const Services& services, const net::PathParams& params,
                         const Caller& caller, Body Exchange::*which, std::string_view name) {
  auto record = find(services, params, caller);
  if (!record) return problem_answer(record.error());
  const std::string id = base::format_uuid(record->identity);
  return bytes_answer(std::move((record->exchange.*which).bytes),
                      "exchange-" + id + "-" + std::string(name) + ".bin");
}

net::ServerResponse children(const Services& services, const net::ServerRequest& request,
                             const net::PathParams& params, const Caller& caller) {
  auto query = parse_exchange_query(request.query, services.clock.now_ns(), true);
  if (!query) return problem_answer(query.error());
  const auto parent = find(services, params, caller);
  if (!parent) return problem_answer(parent.error());
  query->filter.project = caller.project->id;
  query->filter.parent_id = parent->identity;
  return answer_page(services, *query, until_late());
}

// The exchange, and the calls made during it.
net::ServerResponse archive(const Services& services, const net::PathParams& params,
                            const Caller& caller) {
  const auto record = find(services, params, caller);
  if (!record) return problem_answer(record.error());
  store::Filter filter;
  filter.project = caller.project->id;
  filter.parent_id = record->identity;
  const auto calls = services.store.scan(
      filter, std::nullopt, {limits::kPageRowsMax, limits::kPageBytesMax, until_late()});
  if (!calls) return problem_answer(problem_of(calls.error()));
  json::Writer w;
  write_har_entry(*record, w);
  std::string text = har_begin() + std::move(w).str();
  // In the order in which they were made.
  for (auto call = calls->records.rbegin(); call != calls->records.rend(); ++call) {
    json::Writer entry;
    write_har_entry(*call, entry);
    text.append(",").append(entry.str());
    if (static_cast<std::int64_t>(text.size()) > limits::kPageBytesMax) break;
  }
  auto response = json_answer(text + har_end());
  response.headers.push_back(
      {"Content-Disposition",
       "attachment; filename=\"exchange-" + base::format_uuid(record->identity) + ".har\""});
  return response;
}

}  // namespace

void add_exchange_routes(net::Router& router, const Services& services) {
  add_guarded_late(router, services, "GET", "/api/v1/exchanges",
                   [services, downloads = std::make_shared<Downloads>(0)](
                       const net::ServerRequest& request, const net::PathParams&,
                       const Caller& caller, const net::Responder& responder) {
                     list(services, request, caller, responder, downloads);
                   });
  add_guarded(router, services, "GET", "/api/v1/exchanges/{id}/har",
              [services](const net::ServerRequest&, const net::PathParams& params,
                         const Caller& caller) { return archive(services, params, caller); });
  struct Bytes {
    const char* name;
    Body Exchange::*which;
  };
  for (const Bytes& one : {Bytes{"request_body", &Exchange::request_body},
                           Bytes{"response_body", &Exchange::response_body}}) {
    add_guarded(router, services, "GET", std::string("/api/v1/exchanges/{id}/") + one.name,
                [services, one](const net::ServerRequest&, const net::PathParams& params,
                                const Caller& caller) {
                  return body(services, params, caller, one.which, one.name);
                });
  }
  add_guarded(router, services, "GET", "/api/v1/exchanges/{id}",
              [services](const net::ServerRequest&, const net::PathParams& params,
                         const Caller& caller) { return fetch(services, params, caller); });
  add_guarded(
      router, services, "GET", "/api/v1/exchanges/{id}/children",
      [services](const net::ServerRequest& request, const net::PathParams& params,
                 const Caller& caller) { return children(services, request, params, caller); });
}

}  // namespace apitoolkit::server::serve
