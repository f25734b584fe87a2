#include "src/server/serve/running_queries.h"

#include <chrono>
#include <stop_token>

#include "src/base/limits.h"

namespace apitoolkit::server::serve {
namespace {

// Retrying a query that is too large does not help.
Problem problem_of_query(const Error& error) {
  if (error.code == ErrorCode::kDeadlineExceeded) return {504, error.message, "query"};
  if (error.code == ErrorCode::kResourceExhausted) return {422, error.message, "query"};
  return problem_of(error);
}

}  // namespace

tl::expected<query::Answer, Problem> RunningQueries::run(const store::Store& store,
                                                         const query::Query& query,
                                                         const store::QueryScope& scope,
                                                         std::int64_t rows_max,
                                                         const net::Responder& responder) {
  if (++running_ > limits::kQueriesMax) {
    --running_;
    ++refused_;
    return tl::unexpected<Problem>({503, "too many queries run", ""});
  }
  const std::stop_source stop;
  responder.on_gone([stop]() mutable { stop.request_stop(); });
  const query::Control control{stop.get_token(), std::chrono::steady_clock::now() +
                                                     std::chrono::seconds(limits::kQueryTimeS)};
  auto answer = store.query(query, scope, {control, rows_max});
  // In this order, so that whoever sees that none runs sees what became of it, too.
  if (!answer && stop.stop_requested()) ++cancelled_;
  ++finished_;
  --running_;
  if (!answer) return tl::unexpected<Problem>(problem_of_query(answer.error()));
  return std::move(*answer);
}

}  // namespace apitoolkit::server::serve
