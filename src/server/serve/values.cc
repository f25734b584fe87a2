// GET /api/v1/values: the values that a field has, the most frequent first. Of fields that have a
// column of their own all exchanges of the time asked for are counted; of others, which have to be
// read out of headers and bodies, the newest.
#include <algorithm>
#include <chrono>
#include <compare>
#include <map>
#include <utility>

#include "src/base/limits.h"
#include "src/server/query/completion.h"
#include "src/server/query/parse.h"
#include "src/server/serve/parameters.h"
#include "src/server/serve/query_problem.h"
#include "src/server/serve/routes.h"
#include "src/server/serve/running_queries.h"

namespace apitoolkit::server::serve {
namespace {

using query::Value;

constexpr int kValuesDefault = 20;
constexpr std::int64_t kExchangesMax = 20'000;  // that are read
constexpr std::size_t kPrefixBytesMax = 1024;
constexpr std::string_view kValue = "value";
constexpr std::string_view kCount = "count";

struct Wish {
  query::FieldRef field;
  std::string prefix;
  query::TimeRange span;
  int limit = kValuesDefault;

  // Whether a store answers from columns.
  bool is_narrow() const { return query::field_info(*field.id).narrow && field.steps.empty(); }
};

// `text` as one field of the language, or the answer that says why it is none.
tl::expected<query::FieldRef, net::ServerResponse> read_field(const std::string& text) {
  constexpr std::string_view kSection = "distinct ";
  const std::string whole = std::string(kSection) + text;
  auto parsed = query::parse(whole);
  if (!parsed) {
    query::QueryError error = std::move(parsed.error());
    const auto skipped = static_cast<std::uint32_t>(kSection.size());
    error.at = error.at > skipped ? error.at - skipped : 0;
    return tl::unexpected(query_problem(error, text, "field"));
  }
  auto* distinct = std::get_if<query::Distinct>(&parsed->sections[0].node);
  if (parsed->sections.size() != 1 || distinct == nullptr || distinct->fields.size() != 1) {
    return tl::unexpected(problem_answer({400, "expected one field", "field"}));
  }
  return std::move(distinct->fields[0]);
}

tl::expected<Wish, net::ServerResponse> read_wish(const net::ServerRequest& request,
                                                  std::int64_t now_ns) {
  Wish wish;
  std::string field;
  Parameters parameters;
  add_time_parameters(parameters, wish.span.since_ns, wish.span.until_ns, now_ns);
  add_limit_parameter(parameters, wish.limit);
  parameters["field"] = {"a field such as url_path or request_body.user.id", "field",
                         [&field](const std::string& text) {
                           field = text;
                           return !text.empty();
                         }};
  parameters["prefix"] = {"at most 1024 bytes", "prefix", [&wish](const std::string& text) {
                            wish.prefix = text;
                            return text.size() <= kPrefixBytesMax;
                          }};
  if (const auto problem = read_parameters(request.query, parameters)) {
    return tl::unexpected(problem_answer(*problem));
  }
  if (field.empty()) return tl::unexpected(problem_answer({400, "is missing", "field"}));
  auto read = read_field(field);
  if (!read) return tl::unexpected(std::move(read.error()));
  wish.field = std::move(*read);
  return wish;
}

query::ValueExpr column(std::string_view name) {
  query::FieldRef ref;
  ref.name = name;
  return {ref};
}

query::Section section(auto node) {
  return {std::move(node), {}};
}

// Counts the values as the exchanges have them, null and whole lists among them.
query::Query counting(const Wish& wish) {
  query::Query query;
  query::ValueExpr value{wish.field};
  if (wish.is_narrow() && !wish.prefix.empty()) {
    query::TextMatch match;
    match.op = query::TextOp::kStartsWith;
    match.left = {query::Call{query::Function::kToString, {}, {value}, {}}};
    match.values.push_back({query::Literal{Value::text(wish.prefix), {}}});
    query.sections.push_back(section(query::Where{{std::move(match)}}));
  }
  if (!wish.is_narrow()) {
    query.sections.push_back(
        section(query::Project{{{std::string(kValue), true, std::move(value)}}}));
    query.sections.push_back(section(query::Take{kExchangesMax}));
    value = column(kValue);
  }
  query::Summarize summarize;
  summarize.groups.push_back({std::string(kValue), true, std::move(value)});
  summarize.aggregates.push_back({std::string(kCount), true, {query::Aggregate{}}});
  query.sections.push_back(section(std::move(summarize)));
  query::Sort sort;
  sort.keys.push_back({std::get<query::FieldRef>(column(kCount).node), true});
  sort.keys.push_back({std::get<query::FieldRef>(column(kValue).node), false});
  query.sections.push_back(section(std::move(sort)));
  return query;
}

bool starts_with_any_case(std::string_view text, std::string_view prefix) {
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  return text.size() >= prefix.size() &&
         std::equal(prefix.begin(), prefix.end(), text.begin(),
                    [lower](char a, char b) { return lower(a) == lower(b); });
}

struct Counted {
  Value value;
  std::int64_t count = 0;
};

struct Values {
  std::vector<Counted> most;
  bool more = false;      // values than these
  bool complete = false;  // every exchange was counted
};

Values values_of(const query::Answer& answer, const Wish& wish) {
  Values out;
  std::int64_t exchanges = 0;
  const auto before = [](const Value& a, const Value& b) { return std::is_lt(query::order(a, b)); };
  std::map<Value, std::int64_t, decltype(before)> counts(before);
  const auto add = [&](const Value& value, std::int64_t count) {
    if (value.is_null() || !starts_with_any_case(query::to_text(value), wish.prefix)) return;
    counts[value] += count;
  };
  for (const auto& row : answer.rows) {
    const std::int64_t count = row[1].as_int();
    exchanges += count;
    if (!row[0].is_list()) {
      add(row[0], count);
      continue;
    }
    for (const Value& one : row[0].as_list()) add(one, count);
  }
  for (const auto& [value, count] : counts) out.most.push_back({value, count});
  std::stable_sort(out.most.begin(), out.most.end(),
                   [](const Counted& a, const Counted& b) { return a.count > b.count; });
  const auto limit = static_cast<std::size_t>(wish.limit);
  out.more = answer.truncated || out.most.size() > limit;
  if (out.most.size() > limit) out.most.resize(limit);
  out.complete = wish.is_narrow() || (exchanges < kExchangesMax && !answer.truncated);
  return out;
}

void answer_values(const Services& services, const net::ServerRequest& request,
                   const Caller& caller, const net::Responder& responder) {
  const std::int64_t now_ns = services.clock.now_ns();
  const auto wish = read_wish(request, now_ns);
  if (!wish) return responder(wish.error());
  const auto begin = std::chrono::steady_clock::now();
  const auto answer = services.queries.run(services.store, counting(*wish),
                                           {caller.project->id, wish->span, now_ns},
                                           limits::kQueryRowsMax, responder);
  if (!answer) {
    Problem problem = answer.error();
    if (problem.pointer == "query") problem.pointer = "field";
    return responder(problem_answer(problem));
  }
  const Values values = values_of(*answer, *wish);
  json::Writer w;
  w.begin_object().key("data").begin_array();
  for (const Counted& one : values.most) {
    w.begin_object().key("value");
    query::write_json(one.value, w);
    w.key("literal").value(query::literal_text(one.value));
    w.key("count").value(one.count).end_object();
  }
  w.end_array().key("next_cursor").null();
  w.key("more").value(values.more).key("complete").value(values.complete);
  w.key("stats").begin_object();
  w.key("scanned_exchanges").value(answer->scanned.exchanges);
  w.key("scanned_bytes").value(answer->scanned.bytes);
  w.key("elapsed_ms")
      .value(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin)
                 .count());
  w.end_object().end_object();
  responder(json_answer(std::move(w).str()));
}

}  // namespace

void add_value_routes(net::Router& router, const Services& services) {
  add_guarded_late(router, services, "GET", "/api/v1/values",
                   [services](const net::ServerRequest& request, const net::PathParams&,
                              const Caller& caller, const net::Responder& responder) {
                     answer_values(services, request, caller, responder);
                   });
}

}  // namespace apitoolkit::server::serve
