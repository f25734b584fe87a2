// GET /api/v1/fields: what a query can name, for completion: the language's fields, the paths that
// the newest exchanges have, functions and sections.
#include <utility>

#include "src/base/limits.h"
#include "src/json/writer.h"
#include "src/server/query/completion.h"
#include "src/server/query/names.h"
#include "src/server/query/seen_paths.h"
#include "src/server/serve/parameters.h"
#include "src/server/serve/routes.h"

namespace apitoolkit::server::serve {
namespace {

constexpr int kSampleRows = 200;
constexpr std::int64_t kSampleBytesMax = 8 << 20;
constexpr std::int64_t kSampleTimeS = 2;
constexpr std::size_t kPathsMax = 1000;

void write_texts(std::span<const std::string_view> texts, json::Writer& w) {
  w.begin_array();
  for (const std::string_view text : texts) w.value(text);
  w.end_array();
}

void write_field(const query::FieldInfo& info, json::Writer& w) {
  w.begin_object().key("name").value(info.name);
  w.key("type").value(query::to_string(info.type));
  w.key("operators");
  write_texts(query::operators_for(info.type), w);
  w.key("units");
  write_texts(query::units_for(info.id), w);
  w.key("description").value(info.description);
  w.key("has_paths").value(info.nesting != query::Nesting::kNone);
  w.key("exchanges").null().end_object();
}

void write_path(const query::SeenPath& path, json::Writer& w) {
  w.begin_object().key("name").value(path.text);
  w.key("type").value(query::to_string(path.type));
  w.key("operators");
  write_texts(query::operators_for(path.type), w);
  w.key("units").begin_array().end_array();
  w.key("description").value(query::field_info(path.field).description);
  w.key("has_paths").value(path.type == query::ValueType::kJson);
  w.key("exchanges").value(path.exchanges).end_object();
}

void write_functions(json::Writer& w) {
  const auto write = [&w](std::string_view name, std::string_view kind, std::string_view usage) {
    w.begin_object().key("name").value(name).key("kind").value(kind);
    w.key("usage").value(usage).end_object();
  };
  w.begin_array();
  for (const query::AggregateInfo& info : query::aggregates()) {
    write(info.name, "aggregate", info.usage);
  }
  for (const std::string_view name : query::callable_names()) {
    if (query::find_test(name)) write(name, "test", std::string(name) + "(consumer)");
    if (const auto* info = query::find_function(name)) write(name, "scalar", info->usage);
  }
  w.end_array();
}

net::ServerResponse list(const Services& services, const net::ServerRequest& request,
                         const Caller& caller) {
  if (const auto problem = read_parameters(request.query, {})) return problem_answer(*problem);
  store::Filter filter;
  filter.project = caller.project->id;
  const auto page = services.store.scan(
      filter, std::nullopt,
      {kSampleRows,
       kSampleBytesMax,
       {{}, std::chrono::steady_clock::now() + std::chrono::seconds(kSampleTimeS)}});
  // On a busy disk there are the fields at least.
  query::SeenPaths paths;
  std::int64_t sampled = 0;
  if (page) {
    for (const store::Record& record : page->records) paths.add(record.exchange);
    sampled = static_cast<std::int64_t>(page->records.size());
  } else if (page.error().code != ErrorCode::kDeadlineExceeded) {
    return problem_answer(problem_of(page.error()));
  }
  json::Writer w;
  w.begin_object().key("data").begin_array();
  for (const query::FieldInfo& info : query::fields()) write_field(info, w);
  for (const query::SeenPath& path : std::move(paths).take(kPathsMax)) write_path(path, w);
  w.end_array().key("next_cursor").null();
  w.key("sampled_exchanges").value(sampled);
  w.key("functions");
  write_functions(w);
  w.key("sections");
  write_texts(query::section_names(), w);
  w.end_object();
  return json_answer(std::move(w).str());
}

}  // namespace

void add_field_routes(net::Router& router, const Services& services) {
  add_guarded(router, services, "GET", "/api/v1/fields",
              [services](const net::ServerRequest& request, const net::PathParams&,
                         const Caller& caller) { return list(services, request, caller); });
}

}  // namespace apitoolkit::server::serve
