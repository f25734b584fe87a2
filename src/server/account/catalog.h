// The file catalog.db: users, projects, API keys and sessions. Captured content is elsewhere.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apitoolkit/result.h"
#include "src/server/account/account.h"

namespace apitoolkit::server::account {

// Thread-safe: one lock around one connection. What every request needs is in Directory's memory;
// the catalog is only asked where something changes.
class Catalog {
 public:
  virtual ~Catalog() = default;

  virtual Result<std::vector<Project>> projects() = 0;
  virtual Result<std::vector<ApiKey>> keys() = 0;
  virtual Result<std::vector<Session>> sessions() = 0;
  virtual Result<std::optional<User>> user(std::string_view name) = 0;
  // Whether a generated password still stands that nobody has chosen.
  virtual Result<bool> has_generated_password() = 0;

  // The first user, project and key: all of them, or nothing. Gives the key its id.
  virtual Status found(const User& owner, bool password_generated, const Project& project,
                       ApiKey& key, std::int64_t now_ns) = 0;
  virtual Status add_project(const Project& project, std::int64_t now_ns) = 0;
  // Gives the key its id.
  virtual Status add_key(ApiKey& key, std::int64_t now_ns) = 0;
  virtual Status revoke_key(std::int64_t id, std::int64_t now_ns) = 0;
  virtual Status set_key_used(std::int64_t id, std::int64_t used_ns) = 0;
  // Ends the user's sessions too. kNotFound if there is no such user.
  virtual Status set_password(std::string_view user_name, const std::string& password_hash) = 0;
  virtual Status add_session(const Session& session) = 0;
  virtual Status remove_session(const Digest& token_hash) = 0;
  virtual Status remove_expired_sessions(std::int64_t now_ns) = 0;
};

// Opens or creates `directory`/catalog.db with mode 0600. kUnsupported for one of a newer version.
Result<std::unique_ptr<Catalog>> open_catalog(const std::string& directory);

}  // namespace apitoolkit::server::account
