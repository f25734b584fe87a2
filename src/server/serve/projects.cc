// /api/v1/projects: the caller's own. PATCH /api/v1/session switches between them.
#include <utility>

#include "src/base/uuid.h"
#include "src/json/writer.h"
#include "src/server/account/erasure.h"
#include "src/server/serve/json_body.h"
#include "src/server/serve/list.h"
#include "src/server/serve/routes.h"

namespace apitoolkit::server::serve {
namespace {

using account::Project;
using account::Role;

void write_project(const Project& project, Role role, json::Writer& w) {
  w.begin_object().key("id").value(base::format_uuid(project.id)).key("name").value(project.name);
  w.key("role").value(account::to_string(role));
  w.key("created_at").value(base::format_rfc3339(project.created_ns)).end_object();
}

net::ServerResponse answer_one(const Project& project, Role role, int status = 200) {
  json::Writer w;
  write_project(project, role, w);
  return json_answer(std::move(w).str(), status);
}

// A user's projects; of a key, the one that it belongs to.
net::ServerResponse list(const Services& services, const Caller& caller) {
  std::vector<std::pair<std::shared_ptr<const Project>, Role>> own;
  const auto user = caller.session ? services.accounts.user(caller.session->user_id) : std::nullopt;
  if (!user) own.emplace_back(caller.project, caller.role);
  for (const auto& project :
       user ? services.accounts.projects() : std::vector<std::shared_ptr<const Project>>{}) {
    if (const auto role = user->role_in(project->id)) own.emplace_back(project, *role);
  }
  return list_answer(
      own, [](const auto& one, json::Writer& w) { write_project(*one.first, one.second, w); });
}

net::ServerResponse create(const Services& services, const net::ServerRequest& request,
                           const Caller& caller) {
  auto body = JsonBody::read(request, {"name"});
  if (!body) return problem_answer(body.error());
  const std::string name = body->required_text("name");
  if (body->problem()) return problem_answer(*body->problem());
  auto project = account::make_project(base::make_uuid_v4(), name);
  if (!project) return problem_answer(problem_of(project.error()));
  const Uuid id = project->id;
  if (auto done = services.accounts.add_project(std::move(*project), caller.actor); !done) {
    return problem_answer(problem_of(done.error()));
  }
  return answer_one(*services.accounts.project(id), caller.role, 201);
}

// The project that the caller looks at; an owner renames any.
net::ServerResponse rename(const Services& services, const net::ServerRequest& request,
                           const net::PathParams& params, const Caller& caller) {
  const auto id = base::parse_uuid(params["id"]);
  const bool own = id && *id == caller.project->id;
  const bool any = id && caller.role == Role::kOwner && services.accounts.project(*id) != nullptr;
  if (!own && !any) return problem_answer({404, "there is no such project", "id"});
  auto body = JsonBody::read(request, {"name"});
  if (!body) return problem_answer(body.error());
  const std::string name = body->required_text("name");
  if (body->problem()) return problem_answer(*body->problem());
  if (auto done = services.accounts.rename_project(*id, name, caller.actor); !done) {
    return problem_answer(problem_of(done.error()));
  }
  return answer_one(*services.accounts.project(*id), caller.role);
}

// With all that is in it.
net::ServerResponse remove(const Services& services, const net::PathParams& params,
                           const Caller& caller) {
  const auto id = base::parse_uuid(params["id"]);
  if (!id || services.accounts.project(*id) == nullptr) {
    return problem_answer({404, "there is no such project", "id"});
  }
  // From here on nothing more comes in for it …
  if (auto done = services.accounts.remove_project(*id, caller.actor); !done) {
    return problem_answer(problem_of(done.error()));
  }
  // … but for what was let in before, which nobody can see any more. What cannot be erased now, is
  // in the next minute.
  const auto erased = account::erase_removed_projects(services.accounts, services.store);
  return erased ? nothing_answer() : problem_answer(problem_of(erased.error()));
}

}  // namespace

void add_project_routes(net::Router& router, const Services& services) {
  add_guarded(router, services, "GET", "/api/v1/projects",
              [services](const net::ServerRequest&, const net::PathParams&, const Caller& caller) {
                return list(services, caller);
              });
  add_guarded(router, services, "POST", "/api/v1/projects",
              [services](const net::ServerRequest& request, const net::PathParams&,
                         const Caller& caller) { return create(services, request, caller); },
              {Role::kOwner});
  add_guarded(
      router, services, "PATCH", "/api/v1/projects/{id}",
      [services](const net::ServerRequest& request, const net::PathParams& params,
                 const Caller& caller) { return rename(services, request, params, caller); },
      {Role::kAdmin});
  add_guarded(router, services, "DELETE", "/api/v1/projects/{id}",
              [services](const net::ServerRequest&, const net::PathParams& params,
                         const Caller& caller) { return remove(services, params, caller); },
              {Role::kOwner});
}

}  // namespace apitoolkit::server::serve
