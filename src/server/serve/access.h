// Who may call a REST route: a key with the scope "read" or "admin", or the cookie of a log-in; and
// with which role (src/server/account/role.h).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "src/base/clock.h"
#include "src/base/worker_pool.h"
#include "src/net/router.h"
#include "src/server/account/accounts.h"
#include "src/server/account/rate_limiter.h"
#include "src/server/redaction/rule_uptake.h"
#include "src/server/serve/answer.h"
#include "src/server/serve/server_figures.h"
#include "src/server/store/store.h"

namespace apitoolkit::server::serve {

inline constexpr std::string_view kSessionCookie = "apitoolkit_session";

class RunningQueries;
class TailHub;

// What routes are made of. Everything outlives them.
struct Services {
  account::Accounts& accounts;
  store::Store& store;
  const base::Clock& clock;
  base::WorkerPool& readers;    // for what reads the store
  base::WorkerPool& passwords;  // for argon2id, which takes 64 MiB at a time
  base::WorkerPool& probes;     // for /healthz and /metrics, which long scans must not hold up
  std::function<std::optional<std::string>()> read_only;
  std::function<std::string()> metrics_text;
  TailHub& tail;
  RunningQueries& queries;
  const redaction::RuleUptake& uptake;
  // Sends a dead letter through the pipeline once more, and waits: without an error it is stored.
  std::function<Status(const account::KeyHolder&, const store::DeadLetter&)> replay = {};
  account::RateLimiter* limiter = nullptr;  // none: no limits
  // Why nothing is dropped for its age at present.
  std::function<std::optional<std::string>()> retention_held = [] { return std::nullopt; };
  RetentionFigures retention{};
  std::function<ServerFigures()> figures = [] { return ServerFigures{}; };
};

// Whoever asks. All that is answered comes from this project: another one's ids are unknown.
struct Caller {
  std::shared_ptr<const account::Project> project;  // shared: as Accounts gives it
  account::Role role = account::Role::kViewer;      // in that project
  std::optional<account::Session> session;          // none where a key was shown
  std::string session_token;
  std::string user_name;  // of the session
  account::Actor actor;   // for the audit log
};

// Runs on a worker's thread and may block.
using GuardedHandler = std::function<net::ServerResponse(const net::ServerRequest&,
                                                         const net::PathParams&, const Caller&)>;

struct Guard {
  account::Role least = account::Role::kViewer;
  base::WorkerPool* pool = nullptr;  // the readers where it is not set
};

// Adds a route that wants a caller: 401 without one, 403 where its role is less than `guard.least`
// or where a changing request with a cookie lacks the right X-CSRF-Token, 503 while too many
// requests wait.
void add_guarded(net::Router& router, const Services& services, std::string method,
                 std::string pattern, GuardedHandler handler, Guard guard = {});

// As add_guarded, for what answers by itself, later or with a stream.
using LateHandler = std::function<void(const net::ServerRequest&, const net::PathParams&,
                                       const Caller&, const net::Responder&)>;
void add_guarded_late(net::Router& router, const Services& services, std::string method,
                      std::string pattern, LateHandler handler, Guard guard = {});

// The caller of a request, whatever its role; a shown key counts before a cookie.
tl::expected<Caller, Problem> authenticate(const Services& services,
                                           const net::ServerRequest& request);

}  // namespace apitoolkit::server::serve
