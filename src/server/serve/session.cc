// /api/v1/session: logging in to the dashboard, who is logged in, which project one looks at, one's
// own password, logging out.
#include <optional>
#include <utility>

#include "src/base/limits.h"
#include "src/base/uuid.h"
#include "src/json/writer.h"
#include "src/server/serve/json_body.h"
#include "src/server/serve/list.h"
#include "src/server/serve/routes.h"

namespace apitoolkit::server::serve {
namespace {

constexpr std::size_t kLoginBytesMax = 4096;

std::string session_json(std::string_view user, account::Role role, const account::Project& project,
                         std::string_view token) {
  json::Writer w;
  w.begin_object().key("user").value(user);
  w.key("role").value(account::to_string(role));
  w.key("project").begin_object();
  w.key("id").value(base::format_uuid(project.id)).key("name").value(project.name).end_object();
  w.key("csrf_token").value(account::Accounts::csrf_token(token)).end_object();
  return std::move(w).str();
}

std::string cookie(std::string_view token, std::int64_t max_age_s, bool is_secure) {
  return std::string(kSessionCookie) + "=" + std::string(token) +
         "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" + std::to_string(max_age_s) +
         (is_secure ? "; Secure" : "");
}

struct Login {
  std::string name;
  std::string password;
  bool is_secure;  // came by TLS
};

tl::expected<Login, Problem> parse_login(const net::ServerRequest& request) {
  if (request.body.size() > kLoginBytesMax) {
    return tl::unexpected<Problem>({413, "a log-in is shorter than that", ""});
  }
  auto body = JsonBody::read(request, {"name", "password"});
  if (!body) return tl::unexpected<Problem>(body.error());
  Login login{body->required_text("name"), body->required_text("password"), request.is_secure};
  if (body->problem()) return tl::unexpected<Problem>(*body->problem());
  return login;
}

// Nothing to authenticate with is asked for by a browser's own dialogue.
net::ServerResponse without_challenge(net::ServerResponse response) {
  std::erase_if(response.headers, [](const Header& h) { return h.name == "WWW-Authenticate"; });
  return response;
}

net::ServerResponse log_in(const Services& services, const Login& login, const std::string& peer) {
  const auto made = services.accounts.log_in(login.name, login.password, peer);
  if (!made) {
    return without_challenge(problem_answer(problem_of(made.error())));
  }
  auto response = json_answer(
      session_json(made->holder.user_name, made->holder.role, *made->holder.project, made->token));
  response.headers.push_back(
      {"Set-Cookie", cookie(made->token, limits::kSessionLifetimeS, login.is_secure)});
  return response;
}

net::ServerResponse log_out(const Services& services, const Caller& caller) {
  if (!caller.session) return problem_answer({401, "only a log-in can log out", ""});
  if (auto done = services.accounts.log_out(caller.session_token); !done) {
    return problem_answer(problem_of(done.error()));
  }
  return {204, {{"Set-Cookie", cookie("", 0, false)}, {"Cache-Control", "no-store"}}, ""};
}

net::ServerResponse show(const Caller& caller) {
  if (!caller.session) return problem_answer({401, "nobody is logged in", ""});
  return json_answer(
      session_json(caller.user_name, caller.role, *caller.project, caller.session_token));
}

net::ServerResponse switch_project(const Services& services, const net::ServerRequest& request,
                                   const Caller& caller) {
  if (!caller.session) return problem_answer({401, "nobody is logged in", ""});
  auto body = JsonBody::read(request, {"project"});
  if (!body) return problem_answer(body.error());
  const auto id = base::parse_uuid(body->required_text("project"));
  if (body->problem()) return problem_answer(*body->problem());
  const Problem missing{404, "there is no such project", "project"};
  if (!id) return problem_answer(missing);
  if (auto done = services.accounts.switch_project(caller.session_token, *id); !done) {
    return problem_answer(done.error().code == ErrorCode::kNotFound ? missing
                                                                    : problem_of(done.error()));
  }
  const auto now = services.accounts.find_session(caller.session_token);
  if (!now) return problem_answer({401, "the session has ended", ""});
  return json_answer(session_json(now->user_name, now->role, *now->project, caller.session_token));
}

// One's own, for whoever knows the one there is. It ends all the user's sessions, this one too.
net::ServerResponse change_password(const Services& services, const net::ServerRequest& request,
                                    const Caller& caller) {
  if (!caller.session) return problem_answer({401, "nobody is logged in", ""});
  auto body = JsonBody::read(request, {"current_password", "password"});
  if (!body) return problem_answer(body.error());
  const std::string current = body->required_text("current_password");
  const std::string password = body->required_text("password");
  if (body->problem()) return problem_answer(*body->problem());
  if (auto right = services.accounts.check_password(caller.user_name, current, request.peer);
      !right) {
    Problem problem = problem_of(right.error());
    if (problem.status == 401) problem = {403, "that is not the password", "current_password"};
    return problem_answer(problem);
  }
  if (auto done = services.accounts.set_password(caller.session->user_id, password, caller.actor);
      !done) {
    return problem_answer(problem_of(done.error()));
  }
  auto response = nothing_answer();
  response.headers.push_back({"Set-Cookie", cookie("", 0, false)});
  return response;
}

}  // namespace

void add_session_routes(net::Router& router, const Services& services) {
  router.add("POST", "/api/v1/session",
             [services](const net::ServerRequest& request, const net::PathParams&,
                        const net::Responder& responder) {
               auto login = parse_login(request);
               if (!login) return responder(problem_answer(login.error()));
               const bool taken = services.passwords.submit(
                   [services, responder, login = std::move(*login), peer = request.peer] {
                     responder(log_in(services, login, peer));
                   });
               if (!taken) responder(problem_answer({429, "too many log-ins at once", ""}));
             });
  add_guarded(router, services, "GET", "/api/v1/session",
              [](const net::ServerRequest&, const net::PathParams&, const Caller& caller) {
                return show(caller);
              });
  add_guarded(router, services, "DELETE", "/api/v1/session",
              [services](const net::ServerRequest&, const net::PathParams&, const Caller& caller) {
                return log_out(services, caller);
              });
  add_guarded(
      router, services, "PATCH", "/api/v1/session",
      [services](const net::ServerRequest& request, const net::PathParams&, const Caller& caller) {
        return switch_project(services, request, caller);
      });
  add_guarded(
      router, services, "POST", "/api/v1/session/password",
      [services](const net::ServerRequest& request, const net::PathParams&, const Caller& caller) {
        return change_password(services, request, caller);
      },
      {account::Role::kViewer, &services.passwords});
}

}  // namespace apitoolkit::server::serve
