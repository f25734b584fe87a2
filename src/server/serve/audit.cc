// GET /api/v1/audit: who changed what, when, from where, newest first: of the
// caller's project, and for an owner of the whole server.
#include <utility>

#include "src/base/uuid.h"
#include "src/json/writer.h"
#include "src/server/serve/exchange_query.h"
#include "src/server/serve/list.h"
#include "src/server/serve/routes.h"

namespace apitoolkit::server::serve {
namespace {

void write_entry(const account::AuditEntry& entry, json::Writer& w) {
  w.begin_object().key("id").value(entry.id).key("at").value(base::format_rfc3339(entry.at_ns));
  w.key("project_id");
  entry.project ? w.value(base::format_uuid(*entry.project)) : w.null();
  w.key("actor").value(entry.by.name).key("peer").value(entry.by.peer);
  w.key("action").value(entry.action).key("subject").value(entry.subject);
  w.key("detail").value(entry.detail).end_object();
}

net::ServerResponse list(const Services& services, const net::ServerRequest& request,
                         const Caller& caller) {
  const auto query = parse_dead_letter_query(request.query);
  if (!query) return problem_answer(query.error());
  const auto project =
      caller.role == account::Role::kOwner ? std::nullopt : std::optional<Uuid>(caller.project->id);
  auto entries = services.accounts.catalog().audit(project, query->before, query->limit + 1);
  if (!entries) return problem_answer(problem_of(entries.error()));
  const bool more = static_cast<int>(entries->size()) > query->limit;
  if (more) entries->pop_back();
  json::Writer w;
  w.begin_object().key("data").begin_array();
  for (const auto& entry : *entries) write_entry(entry, w);
  w.end_array().key("next_cursor");
  more ? w.value(encode_dead_letter_cursor(entries->back().id)) : w.null();
  w.end_object();
  return json_answer(std::move(w).str());
}

}  // namespace

void add_audit_routes(net::Router& router, const Services& services) {
  add_guarded(router, services, "GET", "/api/v1/audit",
              [services](const net::ServerRequest& request, const net::PathParams&,
                         const Caller& caller) { return list(services, request, caller); },
              {account::Role::kAdmin});
}

}  // namespace apitoolkit::server::serve
