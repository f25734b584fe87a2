// Which SDKs have which of a project's redaction rules, as far as their requests for
// /api/client_metadata tell: what each was given, and whether it came back with the tag of that.
//
// In memory only: after a start an SDK is known again at its next request, which comes within
// metadata_refresh_s while it has something to send.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "src/server/account/accounts.h"

namespace apitoolkit::server::redaction {

// What a project remembers; those who asked longest ago are forgotten.
inline constexpr std::size_t kSdksPerProjectMax = 200;
inline constexpr std::size_t kSdkNameBytesMax = 128;

// Whether SDKs apply the rule too: those of the whole project. Which endpoint an exchange belongs
// to is for the server alone to decide (a template in any notation, a route that the framework does
// not name); where both decided, one of them would be wrong sometimes.
bool is_for_sdks(const account::RedactionRule& rule);

// The SDK of one version, on one host, with one key. Its processes cannot be told apart.
struct SdkOnHost {
  std::int64_t key_id = 0;
  std::string sdk;            // "apitoolkit-flask/0.3.0"; of a sender without rules its User-Agent
  std::string address;        // without the port
  bool applies_rules = true;  // false: another's SDK, which gets no rules
  // NOLINTNEXTLINE(modernize-use-nullptr): of what the compiler makes of it.
  friend auto operator<=>(const SdkOnHost&, const SdkOnHost&) = default;
};

struct Uptake {
  SdkOnHost who;
  std::int64_t first_ns = 0;  // its first request since the server started
  std::int64_t last_ns = 0;
  account::RulesOfProject rules;  // those of the project when it last asked
  // When it first said that it holds them, by the tag (RFC 9110, If-None-Match).
  std::optional<std::int64_t> confirmed_ns;
};

// Thread-safe.
class RuleUptake {
 public:
  // A request was answered at `now_ns` while `rules` were in force; `held` if it named the tag of
  // this answer. Of `who` at most kSdkNameBytesMax printable characters are kept.
  void asked(const Uuid& project, SdkOnHost who, account::RulesOfProject rules, bool held,
             std::int64_t now_ns);

  // Whoever asked last comes first.
  std::vector<Uptake> of(const Uuid& project) const;

 private:
  mutable std::mutex mutex_;  // guards projects_
  std::map<Uuid, std::map<SdkOnHost, Uptake>> projects_;
};

}  // namespace apitoolkit::server::redaction
