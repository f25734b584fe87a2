// Who may call a REST route: a key with the scope "read", or the cookie of a log-in.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "src/base/clock.h"
#include "src/base/worker_pool.h"
#include "src/net/router.h"
#include "src/server/account/accounts.h"
#include "src/server/serve/answer.h"
#include "src/server/store/store.h"

namespace apitoolkit::server::serve {

inline constexpr std::string_view kSessionCookie = "apitoolkit_session";

// What routes are made of. Everything outlives them.
struct Services {
  account::Accounts& accounts;
  const store::Store& store;
  const base::Clock& clock;
  base::WorkerPool& readers;    // for what reads the store
  base::WorkerPool& passwords;  // for argon2id, which takes 64 MiB at a time
  base::WorkerPool& probes;     // for /healthz and /metrics, which long scans must not hold up
  std::function<std::optional<std::string>()> read_only;
  std::function<std::string()> metrics_text;
};

// Whoever asks. All that is answered comes from this project: another one's ids are unknown.
struct Caller {
  std::shared_ptr<const account::Project> project;  // shared: as Accounts gives it
  std::optional<account::Session> session;          // none where a key was shown
  std::string session_token;
};

// Runs on a reader's thread and may block.
using ReadHandler = std::function<net::ServerResponse(const net::ServerRequest&,
                                                      const net::PathParams&, const Caller&)>;

// Adds a route that wants a caller: 401 without one, 403 where a changing request with a cookie
// lacks the right X-CSRF-Token, 503 while too many requests wait.
void add_guarded(net::Router& router, const Services& services, std::string method,
                 std::string pattern, ReadHandler handler);

// The caller of a request; a shown key counts before a cookie.
tl::expected<Caller, Problem> authenticate(const Services& services,
                                           const net::ServerRequest& request);

}  // namespace apitoolkit::server::serve
