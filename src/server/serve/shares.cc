// /api/v1/shares: lets anybody who has the link read one exchange, for a time; GET /share/{token}.
#include <utility>

#include "src/base/limits.h"
#include "src/base/uuid.h"
#include "src/json/writer.h"
#include "src/server/serve/exchange_json.h"
#include "src/server/serve/json_body.h"
#include "src/server/serve/list.h"
#include "src/server/serve/routes.h"

namespace apitoolkit::server::serve {
namespace {

using account::Share;

void write_share(const Share& share, const std::string& token, json::Writer& w) {
  w.begin_object().key("id").value(share.id);
  w.key("exchange_id").value(base::format_uuid(share.exchange));
  w.key("created_by").value(share.created_by);
  w.key("created_at").value(base::format_rfc3339(share.created_ns));
  w.key("expires_at").value(base::format_rfc3339(share.expires_ns));
  if (!token.empty()) w.key("path").value(std::string(kSharePrefix) + token);
  w.end_object();
}

net::ServerResponse list(const Services& services, const Caller& caller) {
  auto shares = services.accounts.catalog().shares(caller.project->id);
  if (!shares) return problem_answer(problem_of(shares.error()));
  const std::int64_t now_ns = services.clock.now_ns();
  std::erase_if(*shares, [now_ns](const Share& share) { return share.expires_ns <= now_ns; });
  return list_answer(*shares,
                     [](const Share& share, json::Writer& w) { write_share(share, "", w); });
}

net::ServerResponse create(const Services& services, const net::ServerRequest& request,
                           const Caller& caller) {
  auto body = JsonBody::read(request, {"exchange_id", "expires_in_s"});
  if (!body) return problem_answer(body.error());
  const auto exchange = base::parse_uuid(body->required_text("exchange_id"));
  const std::int64_t lifetime_s = body->integer("expires_in_s", 1, limits::kShareLifetimeSMax)
                                      .value_or(limits::kShareLifetimeSDefault);
  if (body->problem()) return problem_answer(*body->problem());
  const Problem missing{404, "there is no such exchange", "exchange_id"};
  if (!exchange) return problem_answer(missing);
  const auto record = services.store.fetch(caller.project->id, *exchange);
  if (!record) return problem_answer(problem_of(record.error()));
  if (!*record) return problem_answer(missing);
  const auto made =
      services.accounts.add_share(caller.project->id, *exchange, lifetime_s, caller.actor);
  if (!made) return problem_answer(problem_of(made.error()));
  json::Writer w;
  write_share(made->share, made->token, w);
  return json_answer(std::move(w).str(), 201);
}

net::ServerResponse remove(const Services& services, const net::PathParams& params,
                           const Caller& caller) {
  const auto id = id_of(params);
  const auto done =
      services.accounts.remove_share(caller.project->id, id.value_or(0), caller.actor);
  return done ? nothing_answer() : problem_answer(problem_of(done.error()));
}

// What has ended, never was, or is no longer stored cannot be told apart.
net::ServerResponse open_share(const Services& services, const std::string& token) {
  const Problem missing{404, "this share has ended or never was", ""};
  const auto share = services.accounts.find_share(token);
  if (!share) return problem_answer(problem_of(share.error()));
  if (!*share) return problem_answer(missing);
  const auto record = services.store.fetch((*share)->project, (*share)->exchange);
  if (!record) return problem_answer(problem_of(record.error()));
  if (!*record) return problem_answer(missing);
  json::Writer w;
  w.begin_object().key("expires_at").value(base::format_rfc3339((*share)->expires_ns));
  w.key("exchange");
  write_exchange(**record, {}, w);
  w.end_object();
  auto response = json_answer(std::move(w).str());
  response.headers.push_back({"Referrer-Policy", "no-referrer"});
  response.headers.push_back({"X-Robots-Tag", "noindex"});
  return response;
}

}  // namespace

void add_share_routes(net::Router& router, const Services& services) {
  const Guard member{account::Role::kMember};
  add_guarded(
      router, services, "GET", "/api/v1/shares",
      [services](const net::ServerRequest&, const net::PathParams&, const Caller& caller) {
        return list(services, caller);
      },
      member);
  add_guarded(
      router, services, "POST", "/api/v1/shares",
      [services](const net::ServerRequest& request, const net::PathParams&, const Caller& caller) {
        return create(services, request, caller);
      },
      member);
  add_guarded(
      router, services, "DELETE", "/api/v1/shares/{id}",
      [services](const net::ServerRequest&, const net::PathParams& params, const Caller& caller) {
        return remove(services, params, caller);
      },
      member);
  router.add("GET", "/share/{token}",
             [services](const net::ServerRequest&, const net::PathParams& params,
                        const net::Responder& responder) {
               const bool taken = services.readers.submit([services, responder, params] {
                 responder(open_share(services, params["token"]));
               });
               if (!taken) responder(problem_answer({503, "too many requests wait", ""}));
             });
}

}  // namespace apitoolkit::server::serve
