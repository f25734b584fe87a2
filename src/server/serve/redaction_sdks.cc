// GET /api/v1/redaction/sdks: which SDKs have which rules.
#include <algorithm>
#include <utility>

#include "src/base/clock.h"
#include "src/json/writer.h"
#include "src/server/redaction/rule_uptake.h"
#include "src/server/serve/list.h"
#include "src/server/serve/routes.h"

namespace apitoolkit::server::serve {
namespace {

using account::RedactionRule;

// Whether an SDK that was given `given` applies `rule`, whatever became of its note since.
bool holds(const std::vector<RedactionRule>& given, const RedactionRule& rule) {
  return std::any_of(given.begin(), given.end(), [&rule](const RedactionRule& one) {
    return redaction::is_for_sdks(one) && one.kind == rule.kind && one.value == rule.value;
  });
}

void write_ids(const std::vector<std::int64_t>& ids, json::Writer& w) {
  w.begin_array();
  for (const std::int64_t id : ids) w.value(id);
  w.end_array();
}

void write_uptake(const redaction::Uptake& uptake, const std::vector<RedactionRule>& rules,
                  json::Writer& w) {
  std::vector<std::int64_t> taken;
  std::vector<std::int64_t> missing;
  for (const RedactionRule& rule : rules) {
    if (!redaction::is_for_sdks(rule)) continue;
    const bool has = uptake.who.applies_rules && holds(*uptake.rules, rule);
    (has ? taken : missing).push_back(rule.id);
  }
  w.begin_object().key("sdk").value(uptake.who.sdk);
  w.key("applies_rules").value(uptake.who.applies_rules);
  w.key("key_id").value(uptake.who.key_id).key("address").value(uptake.who.address);
  w.key("first_asked_at").value(base::format_rfc3339(uptake.first_ns));
  w.key("last_asked_at").value(base::format_rfc3339(uptake.last_ns)).key("confirmed_at");
  write_time(uptake.who.applies_rules ? uptake.confirmed_ns : std::nullopt, w);
  w.key("taken");
  write_ids(taken, w);
  w.key("missing");
  write_ids(missing, w);
  w.end_object();
}

net::ServerResponse list(const Services& services, const Caller& caller) {
  const auto rules = services.accounts.rules_of(caller.project->id);
  return list_answer(services.uptake.of(caller.project->id),
                     [&rules](const redaction::Uptake& uptake, json::Writer& w) {
                       write_uptake(uptake, *rules, w);
                     });
}

}  // namespace

void add_redaction_sdk_routes(net::Router& router, const Services& services) {
  add_guarded(router, services, "GET", "/api/v1/redaction/sdks",
              [services](const net::ServerRequest&, const net::PathParams&, const Caller& caller) {
                return list(services, caller);
              });
}

}  // namespace apitoolkit::server::serve
