// /api/v1/redaction: what is masked in a project's exchanges from now on; and what rules would do.
#include <utility>

#include "src/base/limits.h"
#include "src/base/uuid.h"
#include "src/json/writer.h"
#include "src/server/redaction/project_redactor.h"
#include "src/server/serve/exchange_json.h"
#include "src/server/serve/json_body.h"
#include "src/server/serve/list.h"
#include "src/server/serve/routes.h"
#include "src/wire/message.h"

namespace apitoolkit::server::serve {
namespace {

using account::RedactionRule;

const Problem kMissing{404, "there is no such rule", "id"};

void write_rule(const RedactionRule& rule, json::Writer& w) {
  const auto optional = [&w](std::string_view name, const std::string& value) {
    w.key(name);
    value.empty() ? w.null() : w.value(value);
  };
  w.begin_object().key("id").value(rule.id).key("kind").value(account::to_string(rule.kind));
  w.key("value").value(rule.value);
  optional("method", rule.method);
  optional("host", rule.host);
  optional("url_path", rule.url_path);
  w.key("note").value(rule.note);
  w.key("created_at").value(base::format_rfc3339(rule.created_ns)).end_object();
}

net::ServerResponse answer_rule(const RedactionRule& rule, int status) {
  json::Writer w;
  write_rule(rule, w);
  return json_answer(std::move(w).str(), status);
}

// The members of a rule that are there; "" or null as `method`, `host` or `url_path` means any.
void read_rule(JsonBody& body, RedactionRule& rule) {
  if (const auto kind = body.text("kind")) {
    if (const auto known = account::parse_rule_kind(*kind)) {
      rule.kind = *known;
    } else {
      body.complain("kind", "expected header, query, request_body, response_body or scrub");
    }
  }
  if (auto value = body.text("value")) rule.value = std::move(*value);
  for (const auto& [name, member] : {std::pair{"method", &RedactionRule::method},
                                     {"host", &RedactionRule::host},
                                     {"url_path", &RedactionRule::url_path},
                                     {"note", &RedactionRule::note}}) {
    if (!body.names(name)) continue;
    rule.*member = body.text(name).value_or("");
    if ((rule.*member).size() > limits::kRuleTextBytesMax) body.complain(name, "that is too long");
  }
  if (rule.value.size() > limits::kRuleTextBytesMax) body.complain("value", "that is too long");
  if (body.problem()) return;
  if (auto fine = redaction::check(rule); !fine) body.complain("value", fine.error().message);
}

net::ServerResponse list(const Services& services, const Caller& caller) {
  return list_answer(*services.accounts.rules_of(caller.project->id), write_rule);
}

net::ServerResponse create(const Services& services, const net::ServerRequest& request,
                           const Caller& caller) {
  auto body = JsonBody::read(request, {"kind", "value", "method", "host", "url_path", "note"});
  if (!body) return problem_answer(body.error());
  RedactionRule rule;
  rule.project = caller.project->id;
  body->required_text("kind");
  body->required_text("value");
  read_rule(*body, rule);
  if (body->problem()) return problem_answer(*body->problem());
  if (auto done = services.accounts.add_rule(rule, caller.actor); !done) {
    return problem_answer(problem_of(done.error()));
  }
  return answer_rule(rule, 201);
}

std::optional<RedactionRule> find(const Services& services, const net::PathParams& params,
                                  const Caller& caller) {
  const auto id = id_of(params);
  for (const RedactionRule& rule : *services.accounts.rules_of(caller.project->id)) {
    if (rule.id == id) return rule;
  }
  return std::nullopt;
}

net::ServerResponse update(const Services& services, const net::ServerRequest& request,
                           const net::PathParams& params, const Caller& caller) {
  auto rule = find(services, params, caller);
  if (!rule) return problem_answer(kMissing);
  auto body = JsonBody::read(request, {"kind", "value", "method", "host", "url_path", "note"});
  if (!body) return problem_answer(body.error());
  read_rule(*body, *rule);
  if (body->problem()) return problem_answer(*body->problem());
  if (auto done = services.accounts.update_rule(*rule, caller.actor); !done) {
    return problem_answer(problem_of(done.error()));
  }
  return answer_rule(*rule, 200);
}

net::ServerResponse remove(const Services& services, const net::PathParams& params,
                           const Caller& caller) {
  const auto rule = find(services, params, caller);
  if (!rule) return problem_answer(kMissing);
  const auto done = services.accounts.remove_rule(caller.project->id, rule->id, caller.actor);
  return done ? nothing_answer() : problem_answer(problem_of(done.error()));
}

// --- Preview

// The rules to try, in addition to those of the project.
tl::expected<std::vector<RedactionRule>, Problem> read_rules(const JsonBody& body) {
  std::vector<RedactionRule> rules;
  const auto list = body.node("rules");
  if (!list) return rules;
  const json::Document& document = body.document();
  if (document[*list].type != json::Type::kArray ||
      document[*list].count > static_cast<std::uint32_t>(limits::kRedactionRulesMax)) {
    return tl::unexpected<Problem>({400, "expected a list of rules", "rules"});
  }
  std::uint32_t node = *list + 1;
  for (std::uint32_t i = 0; i < document[*list].count; i++) {
    const std::string place = "rules/" + std::to_string(i);
    auto one = JsonBody::parse(document.raw(node),
                               {"kind", "value", "method", "host", "url_path", "note"});
    RedactionRule rule;
    if (one) {
      one->required_text("kind");
      one->required_text("value");
      read_rule(*one, rule);
    }
    const std::optional<Problem> problem = one ? one->problem() : one.error();
    if (problem) {
      const std::string pointer = problem->pointer.empty() ? place : place + "/" + problem->pointer;
      return tl::unexpected<Problem>({400, problem->detail, pointer});
    }
    rules.push_back(std::move(rule));
    node = document[node].next;
  }
  return rules;
}

// A stored exchange, or a message as SDKs send it.
tl::expected<store::Record, Problem> read_sample(const Services& services, const Caller& caller,
                                                 JsonBody& body) {
  store::Record record;
  record.project = caller.project->id;
  record.received_ns = services.clock.now_ns();
  if (const auto message = body.node("exchange")) {
    auto exchange = wire::decode_message(body.document().raw(*message));
    if (!exchange) return tl::unexpected<Problem>({400, exchange.error().message, "exchange"});
    record.identity = wire::identity(*exchange);
    record.exchange = std::move(*exchange);
    return record;
  }
  const auto text = body.text("id");
  if (!text) return tl::unexpected<Problem>({400, "expected an exchange, or an id", "exchange"});
  const Problem missing{404, "there is no such exchange", "id"};
  const auto id = base::parse_uuid(*text);
  if (!id) return tl::unexpected<Problem>(missing);
  auto stored = services.store.fetch(record.project, *id);
  if (!stored) return tl::unexpected<Problem>(problem_of(stored.error()));
  if (!*stored) return tl::unexpected<Problem>(missing);
  return std::move(**stored);
}

net::ServerResponse preview(const Services& services, const net::ServerRequest& request,
                            const Caller& caller) {
  auto body = JsonBody::read(request, {"exchange", "id", "rules"});
  if (!body) return problem_answer(body.error());
  auto sample = read_sample(services, caller, *body);
  if (!sample) return problem_answer(sample.error());
  const auto more = read_rules(*body);
  if (!more) return problem_answer(more.error());
  std::vector<RedactionRule> rules = *services.accounts.rules_of(caller.project->id);
  rules.insert(rules.end(), more->begin(), more->end());
  std::vector<std::string> complaints;
  const redaction::ProjectRedactor redactor(rules, complaints);
  json::Writer w;
  w.begin_object().key("before");
  write_exchange(*sample, {}, w);
  redactor.redact(sample->exchange);
  w.key("after");
  write_exchange(*sample, {}, w);
  w.end_object();
  return json_answer(std::move(w).str());
}

}  // namespace

void add_redaction_routes(net::Router& router, const Services& services) {
  const Guard admin{account::Role::kAdmin};
  add_guarded(router, services, "GET", "/api/v1/redaction",
              [services](const net::ServerRequest&, const net::PathParams&, const Caller& caller) {
                return list(services, caller);
              });
  add_guarded(
      router, services, "POST", "/api/v1/redaction",
      [services](const net::ServerRequest& request, const net::PathParams&, const Caller& caller) {
        return create(services, request, caller);
      },
      admin);
  add_guarded(router, services, "POST", "/api/v1/redaction/preview",
              [services](const net::ServerRequest& request, const net::PathParams&,
                         const Caller& caller) { return preview(services, request, caller); },
              {account::Role::kMember});
  add_guarded(
      router, services, "PATCH", "/api/v1/redaction/{id}",
      [services](const net::ServerRequest& request, const net::PathParams& params,
                 const Caller& caller) { return update(services, request, params, caller); },
      admin);
  add_guarded(
      router, services, "DELETE", "/api/v1/redaction/{id}",
      [services](const net::ServerRequest&, const net::PathParams& params, const Caller& caller) {
        return remove(services, params, caller);
      },
      admin);
}

}  // namespace apitoolkit::server::serve
