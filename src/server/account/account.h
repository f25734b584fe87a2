// Who there is: projects, their API keys, users; and what a project has decided: redaction rules,
// shares. Plain values. Times are Unix nanoseconds.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apitoolkit/exchange.h"
#include "src/server/account/role.h"
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
// "ingest", "read", "admin", in that order.
std::vector<std::string_view> names_of(Scopes scopes);
std::optional<Scope> parse_scope(std::string_view text);

struct Project {
  Uuid id{};
  std::string name;
  std::string pubsub_project_id;  // what stands for the project in Pub/Sub's resource names
  std::string key_id;             // of the service account's RSA key
  std::string client_email;       // of the service account
  std::string private_key_pem;
  wire::RsaKey key;
  std::int64_t created_ns = 0;
};

// What a key may send. 0: the server's default.
struct KeyLimits {
  std::int64_t requests_per_s = 0;
  std::int64_t bytes_per_s = 0;
};

struct ApiKey {
  std::int64_t id = 0;
  Uuid project{};
  Digest hash{};
  std::string name;
  std::string prefix;  // what a list of keys shows
  Scopes scopes;
  std::string topic;  // where this key's publishes go: unguessable, and a credential by itself
  KeyLimits limits;
  std::int64_t created_ns = 0;
  std::optional<std::int64_t> revoked_ns;
  std::optional<std::int64_t> used_ns;  // the last use
};

struct User {
  std::int64_t id = 0;
  std::string name;
  bool is_owner = false;
  std::map<Uuid, Role> memberships;  // by project; an owner needs none
  std::int64_t created_ns = 0;

  // Nothing where the user does not belong to the project.
  std::optional<Role> role_in(const Uuid& project) const;
};

// A log-in. Its token and its CSRF token are the client's; the server keeps the hash of the first.
struct Session {
  Digest token_hash{};
  std::int64_t user_id = 0;
  Uuid project{};  // which of the user's projects it looks at
  std::int64_t expires_ns = 0;
};

// What is masked in a project's exchanges: one name or path, in all of them or at one endpoint.
struct RedactionRule {
  enum class Kind : std::uint8_t { kHeader, kQuery, kRequestBody, kResponseBody, kScrub };

  std::int64_t id = 0;
  Uuid project{};
  Kind kind = Kind::kHeader;
  std::string value;     // a header's or parameter's name, a JSONPath, a detector of redact/scrub.h
  std::string method;    // empty: any
  std::string host;      // empty: any
  std::string url_path;  // empty: any; a route's template in any framework's notation
  std::string note;      // why, for people
  std::int64_t created_ns = 0;
  friend bool operator==(const RedactionRule&, const RedactionRule&) = default;
};
std::string_view to_string(RedactionRule::Kind kind);
std::optional<RedactionRule::Kind> parse_rule_kind(std::string_view text);

// One exchange that anybody who has the token may read, for a time.
struct Share {
  std::int64_t id = 0;
  Uuid project{};
  Uuid exchange{};
  Digest token_hash{};
  std::string created_by;
  std::int64_t created_ns = 0;
  std::int64_t expires_ns = 0;
};

// Who changes something, and from where.
struct Actor {
  std::string name = "server";  // "user owner", "key atk_1234 (web)", "command line (root)"
  std::string peer;             // an address; empty where there is none
};

// A line of the audit log. Its texts never hold a secret.
struct AuditEntry {
  std::int64_t id = 0;
  std::int64_t at_ns = 0;
  std::optional<Uuid> project;  // none where it concerns the whole server
  Actor by;
  std::string action;   // "key.create"
  std::string subject;  // what was changed: an id or a name
  std::string detail;   // how: "name=web scopes=ingest,read"
};

}  // namespace apitoolkit::server::account
