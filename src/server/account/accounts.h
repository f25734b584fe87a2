// Who may do what: finds the project behind a key, a topic or a session, from memory.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "apitoolkit/result.h"
#include "src/base/clock.h"
#include "src/server/account/account.h"
#include "src/server/account/catalog.h"
#include "src/server/account/login_limiter.h"

namespace apitoolkit::server::account {

// Somebody with a key. The project is shared, because it may be replaced while a request holds it.
struct KeyHolder {
  std::int64_t key_id = 0;
  Scopes scopes;
  std::string topic;
  std::shared_ptr<const Project> project;
};

// Somebody who logged in.
struct SessionHolder {
  Session session;
  std::shared_ptr<const Project> project;
};

struct NewKey {
  std::string secret;  // the key itself, which nobody can read again
  ApiKey key;
};

struct NewSession {
  std::string token;
  SessionHolder holder;
};

// Thread-safe. Finding takes a shared lock and no disk.
class Accounts {
 public:
  // Reads the catalog. `clock` must outlive the Accounts.
  static Result<std::unique_ptr<Accounts>> open(std::unique_ptr<Catalog> catalog,
                                                const base::Clock& clock);

  // kUnauthenticated for a key that is unknown or revoked.
  Result<KeyHolder> find_key(std::string_view key);
  // kNotFound for a topic that never was one; kUnauthenticated if its key is revoked.
  Result<KeyHolder> find_topic(std::string_view topic);

  Status add_project(Project project);
  Result<NewKey> add_key(const Uuid& project, std::string name, Scopes scopes);
  // At once for everything that begins afterwards.
  Status revoke_key(std::int64_t id);

  // Slow (argon2id). kUnauthenticated for a wrong name or password, without saying which;
  // kResourceExhausted after too many failures of this name or this peer.
  Result<NewSession> log_in(std::string_view user_name, std::string_view password,
                            std::string_view peer);
  std::optional<SessionHolder> find_session(std::string_view token);
  Status log_out(std::string_view token);
  // What a changing request must send back, derived from the session's token.
  static std::string csrf_token(std::string_view session_token);

  // Writes when keys were last used, and forgets sessions that have ended. Now and then.
  Status tidy();

  Catalog& catalog() { return *catalog_; }

 private:
  Accounts(std::unique_ptr<Catalog> catalog, const base::Clock& clock);
  Status load();
  KeyHolder holder_of(const ApiKey& key);

  std::unique_ptr<Catalog> catalog_;
  const base::Clock& clock_;
  LoginLimiter limiter_;
  std::shared_mutex mutex_;  // guards the maps
  std::map<Uuid, std::shared_ptr<const Project>> projects_;
  std::map<Digest, ApiKey> keys_;  // by the hash of the key
  std::map<std::string, Digest, std::less<>> topics_;
  std::map<Digest, Session> sessions_;
  std::mutex used_mutex_;
  std::unordered_map<std::int64_t, std::int64_t> used_ns_;  // by key id, since the last tidy()
};

// A project with a fresh RSA key: takes about a tenth of a second.
Result<Project> make_project(const Uuid& id, std::string name);
// A key of that secret, not yet stored.
ApiKey make_key(const Uuid& project, std::string name, Scopes scopes, std::string_view secret);

}  // namespace apitoolkit::server::account
