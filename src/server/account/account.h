// Who there is: projects, their API keys, users. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "apitoolkit/exchange.h"
#include "src/server/account/secret.h"
#include "src/wire/jwt.h"

namespace apitoolkit::server::account {

// What a key may be used for. Bits of one set.
enum class Scope : std::uint8_t { kIngest = 1, kRead = 2, kAdmin = 4 };

struct Scopes {
  std::uint8_t bits = 0;
  // Admin includes the others.
  bool has(Scope scope) const {
    return (bits & (static_cast<unsigned>(scope) | static_cast<unsigned>(Scope::kAdmin))) != 0;
  }
};

struct Project {
  Uuid id{};
  std::string name;
  std::string pubsub_project_id;  // what stands for the project in Pub/Sub's resource names
  std::string key_id;             // of the service account's RSA key
  std::string client_email;       // of the service account
  std::string private_key_pem;
  wire::RsaKey key;
};

struct ApiKey {
  std::int64_t id = 0;
  Uuid project{};
  Digest hash{};
  std::string name;
  std::string prefix;  // what a list of keys shows
  Scopes scopes;
  std::string topic;  // where this key's publishes go: unguessable, and a credential by itself
  std::optional<std::int64_t> revoked_ns;
};

enum class Role : std::uint8_t { kOwner, kAdmin, kMember, kViewer };
std::string_view to_string(Role role);
std::optional<Role> parse_role(std::string_view text);

struct User {
  std::int64_t id = 0;
  std::string name;
  std::string password_hash;
  Role role = Role::kViewer;
};

// A log-in. Its token and its CSRF token are the client's; the server keeps the hash of the first.
struct Session {
  Digest token_hash{};
  std::int64_t user_id = 0;
  std::string user_name;
  Role role = Role::kViewer;
  Uuid project{};
  std::int64_t expires_ns = 0;
};

}  // namespace apitoolkit::server::account
