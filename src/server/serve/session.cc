// /api/v1/session: logging in to the dashboard, who is logged in, logging out.
#include <optional>
#include <utility>

#include "src/base/limits.h"
#include "src/base/uuid.h"
#include "src/json/document.h"
#include "src/json/writer.h"
#include "src/server/serve/routes.h"

namespace apitoolkit::server::serve {
namespace {

constexpr std::size_t kLoginBytesMax = 4096;

std::string session_json(const account::Session& session, const account::Project& project,
                         std::string_view token) {
  json::Writer w;
  w.begin_object().key("user").value(session.user_name);
  w.key("role").value(account::to_string(session.role));
  w.key("project").begin_object();
  w.key("id").value(base::format_uuid(project.id)).key("name").value(project.name).end_object();
  w.key("csrf_token").value(account::Accounts::csrf_token(token)).end_object();
  return std::move(w).str();
}

std::string cookie(std::string_view token, std::int64_t max_age_s) {
  return std::string(kSessionCookie) + "=" + std::string(token) +
         "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" + std::to_string(max_age_s);
}

std::optional<std::string> text_member(const json::Document& document, std::string_view name) {
  const auto node = document.member(document.root(), name);
  if (!node || document[*node].type != json::Type::kString) return std::nullopt;
  return document.text(*node);
}

struct Login {
  std::string name;
  std::string password;
};

tl::expected<Login, Problem> parse_login(const net::ServerRequest& request) {
  // A form of another site cannot send this type without asking first.
  if (!request.header("Content-Type").starts_with("application/json")) {
    return tl::unexpected<Problem>({415, "expected Content-Type: application/json", ""});
  }
  if (request.body.size() > kLoginBytesMax) {
    return tl::unexpected<Problem>({413, "a log-in is shorter than that", ""});
  }
  const auto document = json::Document::parse(request.body);
  if (!document || (*document)[document->root()].type != json::Type::kObject) {
    return tl::unexpected<Problem>({400, "expected a JSON object", ""});
  }
  auto name = text_member(*document, "name");
  if (!name) return tl::unexpected<Problem>({400, "expected a string", "name"});
  auto password = text_member(*document, "password");
  if (!password) return tl::unexpected<Problem>({400, "expected a string", "password"});
  return Login{std::move(*name), std::move(*password)};
}

net::ServerResponse log_in(const Services& services, const Login& login, const std::string& peer) {
  const auto made = services.accounts.log_in(login.name, login.password, peer);
  if (!made) {
    Problem problem = problem_of(made.error());
    // Nothing to authenticate with is asked for by a browser's own dialogue.
    auto response = problem_answer(problem);
    std::erase_if(response.headers, [](const Header& h) { return h.name == "WWW-Authenticate"; });
    return response;
  }
  auto response =
      json_answer(session_json(made->holder.session, *made->holder.project, made->token));
  response.headers.push_back({"Set-Cookie", cookie(made->token, limits::kSessionLifetimeS)});
  return response;
}

net::ServerResponse log_out(const Services& services, const Caller& caller) {
  if (!caller.session) return problem_answer({401, "only a log-in can log out", ""});
  if (auto done = services.accounts.log_out(caller.session_token); !done) {
    return problem_answer(problem_of(done.error()));
  }
  return {204, {{"Set-Cookie", cookie("", 0)}, {"Cache-Control", "no-store"}}, ""};
}

net::ServerResponse show(const Caller& caller) {
  if (!caller.session) return problem_answer({401, "nobody is logged in", ""});
  return json_answer(session_json(*caller.session, *caller.project, caller.session_token));
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
}

}  // namespace apitoolkit::server::serve
