#include "src/server/serve/access.h"

#include <utility>

#include "src/server/ingest/source.h"

namespace apitoolkit::server::serve {
namespace {

using account::Role;

// The value of our cookie; empty where it is not there.
std::string_view session_cookie(std::string_view cookies) {
  while (!cookies.empty()) {
    const std::size_t end = cookies.find(';');
    std::string_view pair = cookies.substr(0, end);
    cookies = end == std::string_view::npos ? std::string_view() : cookies.substr(end + 1);
    while (pair.starts_with(' ')) pair.remove_prefix(1);
    if (pair.size() > kSessionCookie.size() && pair.starts_with(kSessionCookie) &&
        pair[kSessionCookie.size()] == '=') {
      return pair.substr(kSessionCookie.size() + 1);
    }
  }
  return {};
}

bool changes_something(std::string_view method) {
  return method != "GET" && method != "HEAD";
}

}  // namespace

tl::expected<Caller, Problem> authenticate(const Services& services,
                                           const net::ServerRequest& request) {
  const std::string_view authorization = request.header("Authorization");
  if (!authorization.empty()) {
    auto holder = services.accounts.find_key(ingest::bearer_token(authorization));
    if (!holder) return tl::unexpected<Problem>(problem_of(holder.error()));
    const auto bytes = static_cast<std::int64_t>(request.body.size());
    if (services.limiter != nullptr && !services.limiter->admit(*holder, bytes)) {
      return tl::unexpected<Problem>(
          {429, "this API key sends more than its limit; try again later", ""});
    }
    if (!holder->scopes.has(account::Scope::kRead)) {
      return tl::unexpected<Problem>({403, "this API key may not read", ""});
    }
    const Role role = holder->scopes.has(account::Scope::kAdmin) ? Role::kAdmin : Role::kViewer;
    return Caller{std::move(holder->project),
                  role,
                  std::nullopt,
                  "",
                  "",
                  {std::move(holder->name), request.peer}};
  }
  const std::string_view token = session_cookie(request.header("Cookie"));
  auto holder = token.empty() ? std::nullopt : services.accounts.find_session(token);
  if (!holder) {
    return tl::unexpected<Problem>({401, "an API key or a log-in is needed", ""});
  }
  if (changes_something(request.method) &&
      !account::equal_in_constant_time(request.header("X-CSRF-Token"),
                                       account::Accounts::csrf_token(token))) {
    return tl::unexpected<Problem>({403, "the X-CSRF-Token header is missing or wrong", ""});
  }
  return Caller{
      std::move(holder->project), holder->role,      holder->session,
      std::string(token),         holder->user_name, {"user " + holder->user_name, request.peer}};
}

void add_guarded_late(net::Router& router, const Services& services, std::string method,
                      std::string pattern, LateHandler handler, Guard guard) {
  router.add(
      std::move(method), std::move(pattern),
      [services, guard, handler = std::move(handler)](
          net::ServerRequest request, net::PathParams params, const net::Responder& responder) {
        auto caller = authenticate(services, request);
        if (!caller) return responder(problem_answer(caller.error()));
        if (caller->role < guard.least) {
          return responder(problem_answer(
              {403,
               "this needs the role " + std::string(account::to_string(guard.least)) +
                   "; yours is " + std::string(account::to_string(caller->role)),
               ""}));
        }
        base::WorkerPool& pool = guard.pool != nullptr ? *guard.pool : services.readers;
        const bool taken = pool.submit(
            [handler, responder, request = std::move(request), params = std::move(params),
             who = std::move(*caller)] { handler(request, params, who, responder); });
        if (!taken) responder(problem_answer({503, "too many requests wait", ""}));
      });
}

void add_guarded(net::Router& router, const Services& services, std::string method,
                 std::string pattern, GuardedHandler handler, Guard guard) {
  add_guarded_late(
      router, services, std::move(method), std::move(pattern),
      [handler = std::move(handler)](
          const net::ServerRequest& request, const net::PathParams& params, const Caller& caller,
          const net::Responder& responder) { responder(handler(request, params, caller)); },
      guard);
}

}  // namespace apitoolkit::server::serve
