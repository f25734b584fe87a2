// /api/v1/users: who belongs to the caller's project, with which role. An owner sees everybody.
#include <utility>

#include "src/base/uuid.h"
#include "src/json/writer.h"
#include "src/server/serve/json_body.h"
#include "src/server/serve/list.h"
#include "src/server/serve/routes.h"

namespace apitoolkit::server::serve {
namespace {

using account::Role;
using account::User;

const Problem kMissing{404, "there is no such user", "id"};
const Problem kOwnersOnly{403, "only an owner may do that", ""};

void write_user(const User& user, const Uuid& project, json::Writer& w) {
  w.begin_object().key("id").value(user.id).key("name").value(user.name).key("role");
  const auto role = user.role_in(project);
  role ? w.value(account::to_string(*role)) : w.null();
  w.key("created_at").value(base::format_rfc3339(user.created_ns)).end_object();
}

net::ServerResponse answer_one(const Services& services, std::int64_t id, const Caller& caller,
                               int status) {
  const auto user = services.accounts.user(id);
  if (!user) return problem_answer(kMissing);
  json::Writer w;
  write_user(*user, caller.project->id, w);
  return json_answer(std::move(w).str(), status);
}

net::ServerResponse list(const Services& services, const Caller& caller) {
  const Uuid& project = caller.project->id;
  return list_answer(
      caller.role == Role::kOwner ? services.accounts.users() : services.accounts.users_of(project),
      [&](const User& user, json::Writer& w) { write_user(user, project, w); });
}

std::optional<Role> read_role(JsonBody& body) {
  const auto text = body.text("role");
  if (!text) return std::nullopt;
  const auto role = account::parse_role(*text);
  if (!role) body.complain("role", "expected owner, admin, member or viewer");
  return role;
}

// Somebody new; or, without a password and by an owner, somebody who is in another project already.
net::ServerResponse create(const Services& services, const net::ServerRequest& request,
                           const Caller& caller) {
  auto body = JsonBody::read(request, {"name", "role", "password"});
  if (!body) return problem_answer(body.error());
  User user;
  user.name = body->required_text("name");
  const auto role = read_role(*body);
  if (!role) body->complain("role", "expected owner, admin, member or viewer");
  const auto password = body->text("password");
  if (!password && caller.role != Role::kOwner) body->complain("password", "expected a string");
  if (body->problem()) return problem_answer(*body->problem());
  if (*role > caller.role) return problem_answer(kOwnersOnly);
  if (!password) {
    const auto known = services.accounts.user(user.name);
    if (!known) {
      return problem_answer(
          {400, "there is no user of that name; a new one needs a password", "password"});
    }
    const auto done =
        services.accounts.set_role(known->id, caller.project->id, *role, caller.actor);
    if (!done) return problem_answer(problem_of(done.error()));
    return answer_one(services, known->id, caller, 201);
  }
  user.is_owner = *role == Role::kOwner;
  if (!user.is_owner) user.memberships[caller.project->id] = *role;
  if (auto done = services.accounts.add_user(user, *password, caller.actor); !done) {
    return problem_answer(problem_of(done.error()));
  }
  return answer_one(services, user.id, caller, 201);
}

// The user that the path names, if the caller may change it.
tl::expected<User, Problem> find(const Services& services, const net::PathParams& params,
                                 const Caller& caller) {
  const auto id = id_of(params);
  auto user = id ? services.accounts.user(*id) : std::nullopt;
  if (!user) return tl::unexpected<Problem>(kMissing);
  if (caller.role == Role::kOwner) return *user;
  const auto role = user->role_in(caller.project->id);
  if (!role) return tl::unexpected<Problem>(kMissing);
  if (*role > caller.role) return tl::unexpected<Problem>(kOwnersOnly);
  return *user;
}

net::ServerResponse update(const Services& services, const net::ServerRequest& request,
                           const net::PathParams& params, const Caller& caller) {
  const auto user = find(services, params, caller);
  if (!user) return problem_answer(user.error());
  auto body = JsonBody::read(request, {"role", "password"});
  if (!body) return problem_answer(body.error());
  const auto role = read_role(*body);
  const auto password = body->text("password");
  if (body->problem()) return problem_answer(*body->problem());
  // A password opens every project of its user, so an admin of one must not set it.
  if (password && caller.role != Role::kOwner) return problem_answer(kOwnersOnly);
  if (role && *role > caller.role) return problem_answer(kOwnersOnly);
  if (password) {
    const auto done = services.accounts.set_password(user->id, *password, caller.actor);
    if (!done) return problem_answer(problem_of(done.error()));
  }
  if (role) {
    const auto done = services.accounts.set_role(user->id, caller.project->id, *role, caller.actor);
    if (!done) return problem_answer(problem_of(done.error()));
  }
  return answer_one(services, user->id, caller, 200);
}

net::ServerResponse remove(const Services& services, const net::PathParams& params,
                           const Caller& caller) {
  const auto user = find(services, params, caller);
  if (!user) return problem_answer(user.error());
  const auto done =
      services.accounts.set_role(user->id, caller.project->id, std::nullopt, caller.actor);
  return done ? nothing_answer() : problem_answer(problem_of(done.error()));
}

}  // namespace

void add_user_routes(net::Router& router, const Services& services) {
  const Guard slow{Role::kAdmin, &services.passwords};
  add_guarded(router, services, "GET", "/api/v1/users",
              [services](const net::ServerRequest&, const net::PathParams&, const Caller& caller) {
                return list(services, caller);
              });
  add_guarded(
      router, services, "POST", "/api/v1/users",
      [services](const net::ServerRequest& request, const net::PathParams&, const Caller& caller) {
        return create(services, request, caller);
      },
      slow);
  add_guarded(
      router, services, "PATCH", "/api/v1/users/{id}",
      [services](const net::ServerRequest& request, const net::PathParams& params,
                 const Caller& caller) { return update(services, request, params, caller); },
      slow);
  add_guarded(router, services, "DELETE", "/api/v1/users/{id}",
              [services](const net::ServerRequest&, const net::PathParams& params,
                         const Caller& caller) { return remove(services, params, caller); },
              {Role::kAdmin});
}

}  // namespace apitoolkit::server::serve
