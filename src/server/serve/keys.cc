// /api/v1/keys: a project's API keys. The key itself is in the answer that made it and nowhere
// else.
#include <utility>

#include "src/base/limits.h"
#include "src/json/writer.h"
#include "src/server/serve/json_body.h"
#include "src/server/serve/list.h"
#include "src/server/serve/routes.h"

namespace apitoolkit::server::serve {
namespace {

using account::ApiKey;

void write_limit(std::int64_t limit, json::Writer& w) {
  limit == 0 ? w.null() : w.value(limit);
}

void write_key(const ApiKey& key, const std::string& secret, json::Writer& w) {
  w.begin_object().key("id").value(key.id).key("name").value(key.name);
  w.key("prefix").value(key.prefix).key("scopes").begin_array();
  for (const std::string_view scope : names_of(key.scopes)) w.value(scope);
  w.end_array().key("requests_per_s");
  write_limit(key.limits.requests_per_s, w);
  w.key("bytes_per_s");
  write_limit(key.limits.bytes_per_s, w);
  w.key("created_at").value(base::format_rfc3339(key.created_ns)).key("last_used_at");
  write_time(key.used_ns, w);
  w.key("revoked_at");
  write_time(key.revoked_ns, w);
  if (!secret.empty()) w.key("secret").value(secret);
  w.end_object();
}

net::ServerResponse list(const Services& services, const Caller& caller) {
  return list_answer(services.accounts.keys_of(caller.project->id),
                     [](const ApiKey& key, json::Writer& w) { write_key(key, "", w); });
}

account::Scopes read_scopes(JsonBody& body) {
  account::Scopes scopes;
  for (const std::string& name : body.texts("scopes").value_or(std::vector<std::string>{})) {
    const auto scope = account::parse_scope(name);
    if (!scope) body.complain("scopes", "expected ingest, read and admin");
    if (scope) scopes.bits |= static_cast<std::uint8_t>(*scope);
  }
  if (scopes.bits == 0) body.complain("scopes", "expected at least one of ingest, read and admin");
  return scopes;
}

// What is not there stays as it is in `limits`.
void read_limits(JsonBody& body, account::KeyLimits& limits) {
  if (const auto given = body.integer("requests_per_s", 0, limits::kKeyRateMax)) {
    limits.requests_per_s = *given;
  }
  if (const auto given = body.integer("bytes_per_s", 0, limits::kKeyRateMax)) {
    limits.bytes_per_s = *given;
  }
}

net::ServerResponse create(const Services& services, const net::ServerRequest& request,
                           const Caller& caller) {
  auto body = JsonBody::read(request, {"name", "scopes", "requests_per_s", "bytes_per_s"});
  if (!body) return problem_answer(body.error());
  const std::string name = body->required_text("name");
  const account::Scopes scopes = read_scopes(*body);
  account::KeyLimits limits;
  read_limits(*body, limits);
  if (body->problem()) return problem_answer(*body->problem());
  const auto made =
      services.accounts.add_key(caller.project->id, name, scopes, caller.actor, limits);
  if (!made) return problem_answer(problem_of(made.error()));
  json::Writer w;
  write_key(made->key, made->secret, w);
  return json_answer(std::move(w).str(), 201);
}

std::optional<ApiKey> find(const Services& services, const net::PathParams& params,
                           const Caller& caller) {
  const auto id = id_of(params);
  for (const ApiKey& key : services.accounts.keys_of(caller.project->id)) {
    if (id == key.id) return key;
  }
  return std::nullopt;
}

const Problem kMissing{404, "there is no such key", "id"};

net::ServerResponse update(const Services& services, const net::ServerRequest& request,
                           const net::PathParams& params, const Caller& caller) {
  auto key = find(services, params, caller);
  if (!key) return problem_answer(kMissing);
  auto body = JsonBody::read(request, {"name", "requests_per_s", "bytes_per_s"});
  if (!body) return problem_answer(body.error());
  if (const auto name = body->text("name")) key->name = *name;
  read_limits(*body, key->limits);
  if (body->problem()) return problem_answer(*body->problem());
  if (auto done = services.accounts.update_key(*key, caller.actor); !done) {
    return problem_answer(problem_of(done.error()));
  }
  json::Writer w;
  write_key(*key, "", w);
  return json_answer(std::move(w).str());
}

net::ServerResponse revoke(const Services& services, const net::PathParams& params,
                           const Caller& caller) {
  const auto key = find(services, params, caller);
  if (!key) return problem_answer(kMissing);
  const auto done = services.accounts.revoke_key(caller.project->id, key->id, caller.actor);
  return done ? nothing_answer() : problem_answer(problem_of(done.error()));
}

}  // namespace

void add_key_routes(net::Router& router, const Services& services) {
  const Guard guard{account::Role::kAdmin};
  add_guarded(
      router, services, "GET", "/api/v1/keys",
      [services](const net::ServerRequest&, const net::PathParams&, const Caller& caller) {
        return list(services, caller);
      },
      guard);
  add_guarded(
      router, services, "POST", "/api/v1/keys",
      [services](const net::ServerRequest& request, const net::PathParams&, const Caller& caller) {
        return create(services, request, caller);
      },
      guard);
  add_guarded(
      router, services, "PATCH", "/api/v1/keys/{id}",
      [services](const net::ServerRequest& request, const net::PathParams& params,
                 const Caller& caller) { return update(services, request, params, caller); },
      guard);
  add_guarded(
      router, services, "DELETE", "/api/v1/keys/{id}",
      [services](const net::ServerRequest&, const net::PathParams& params, const Caller& caller) {
        return revoke(services, params, caller);
      },
      guard);
}

}  // namespace apitoolkit::server::serve
