#include "src/server/serve/running_queries.h"

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

RunningQueries::Running::Running(RunningQueries& all, const Owner& owner,
                                 const net::Responder& responder)
    : all_(all),
      owner_(owner),
      begin_(std::chrono::steady_clock::now()),
      deadline_(begin_ + std::chrono::seconds(limits::kQueryTimeS)) {
  responder.on_gone([stop = stop_]() mutable { stop.request_stop(); });
  const std::lock_guard lock(all_.mutex_);
  all_.all_.push_back(this);
}

RunningQueries::Running::~Running() {
  const std::lock_guard lock(all_.mutex_);
  std::erase(all_.all_, this);
}

tl::expected<query::Answer, Problem> RunningQueries::run(
    const store::Store& store, const query::Query& query, const store::QueryScope& scope,
    std::int64_t rows_max, const net::Responder& responder, const std::optional<Uuid>& query_id) {
  if (++running_ > limits::kQueriesMax) {
    --running_;
    ++refused_;
    return tl::unexpected<Problem>({503, "too many queries run", ""});
  }
  Running running(*this, {scope.project, query_id}, responder);
  auto answer = store.query(query, scope, {running.control(), rows_max});
  // In this order, so that whoever sees that none runs sees what became of it, too.
  if (!answer && running.was_stopped()) ++cancelled_;
  ++finished_;
  --running_;
  if (!answer) return tl::unexpected<Problem>(problem_of_query(answer.error()));
  return std::move(*answer);
}

std::vector<RunningQueries::Shown> RunningQueries::running_in(const Uuid& project) const {
  const auto now = std::chrono::steady_clock::now();
  std::vector<Shown> shown;
  const std::lock_guard lock(mutex_);
  for (const Running* one : all_) {
    if (one->owner_.project != project) continue;
    shown.push_back(
        {one->owner_.query_id, one->progress_.exchanges,
         std::chrono::duration_cast<std::chrono::milliseconds>(now - one->begin_).count()});
  }
  return shown;
}

}  // namespace apitoolkit::server::serve
