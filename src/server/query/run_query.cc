#include "src/server/query/run_query.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace apitoolkit::server::query {
namespace {

std::string cell_text(const Value& value) {
  if (value.type() == ValueType::kDuration) return format_duration(value.as_int());
  json::Writer writer;
  write_json(value, writer);
  return std::move(writer).str();
}

bool is_same(const Value& a, const Value& b) {
  if (a.type() == ValueType::kDouble && b.type() == ValueType::kDouble) {
    const double x = a.as_double();
    const double y = b.as_double();
    return x == y || std::fabs(x - y) <= 1e-9 * std::max(std::fabs(x), std::fabs(y));
  }
  if (a.type() == ValueType::kDuration && b.type() == ValueType::kDuration) {
    return std::llabs(a.as_int() - b.as_int()) <= 1;  // rounded from such doubles
  }
  return a == b;
}

}  // namespace

tl::expected<Answer, std::string> run_query(std::string_view text,
                                            const std::vector<TestExchange>& exchanges,
                                            const PlanOptions& options) {
  const auto query = parse(text);
  if (!query) return tl::unexpected(describe(query.error(), text));
  return run_query(*query, exchanges, options);
}

tl::expected<Answer, std::string> run_query(const Query& query,
                                            const std::vector<TestExchange>& exchanges,
                                            const PlanOptions& options) {
  Execution execution(Plan::make(query, options), {});
  ExchangeSource source;
  for (const TestExchange& exchange : exchanges) {
    source.reset(exchange.view());
    if (auto pushed = execution.push(source); !pushed) {
      return tl::unexpected(pushed.error().message);
    }
  }
  auto answer = execution.finish();
  if (!answer) return tl::unexpected(answer.error().message);
  return std::move(*answer);
}

std::string describe(const Answer& answer) {
  std::string out;
  for (const Column& column : answer.columns) {
    out.append(out.empty() ? "" : " | ").append(column.name);
  }
  for (const std::vector<Value>& row : answer.rows) {
    out.push_back('\n');
    for (std::size_t i = 0; i < row.size(); ++i) {
      out.append(i == 0 ? "" : " | ").append(cell_text(row[i]));
    }
  }
  if (answer.truncated) out.append("\n…");
  return out;
}

std::string difference(const Answer& a, const Answer& b) {
  std::vector<std::string> names[2];
  for (const Column& column : a.columns) names[0].push_back(column.name);
  for (const Column& column : b.columns) names[1].push_back(column.name);
  bool same = names[0] == names[1] && a.rows.size() == b.rows.size() && a.truncated == b.truncated;
  for (std::size_t i = 0; same && i < a.rows.size(); ++i) {
    same =
        std::equal(a.rows[i].begin(), a.rows[i].end(), b.rows[i].begin(), b.rows[i].end(), is_same);
  }
  return same ? std::string() : describe(a) + "\n\nand\n\n" + describe(b);
}

std::uint64_t first_seed() {
  const char* const given = std::getenv("APITOOLKIT_TEST_SEED");  // NOLINT(concurrency-mt-unsafe)
  return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
}

}  // namespace apitoolkit::server::query
