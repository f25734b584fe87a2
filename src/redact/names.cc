#include "src/redact/names.h"

#include <algorithm>

#include "src/redact/ascii.h"

namespace apitoolkit::redact {
namespace {

constexpr std::string_view kSecretHeaders[] = {
    "authorization", "proxy-authorization", "cookie",       "set-cookie",
    "x-api-key",     "x-auth-token",        "x-csrf-token",
};
constexpr std::string_view kSecretHeaderParts[] = {"token", "secret", "password", "api-key"};

constexpr std::string_view kSecretQueryNames[] = {
    "password", "passwd",  "pwd",    "secret",    "token", "access_token", "refresh_token",
    "id_token", "api_key", "apikey", "signature", "sig",   "credential",   "x-amz-signature",
};

}  // namespace

NameSet::NameSet(std::span<const std::string> names) {
  names_.reserve(names.size());
  for (const std::string& name : names) names_.push_back(to_lower(name));
  std::sort(names_.begin(), names_.end());
}

bool NameSet::contains(std::string_view name) const {
  return !names_.empty() && std::binary_search(names_.begin(), names_.end(), to_lower(name));
}

bool is_secret_header(std::string_view name) {
  const std::string lower = to_lower(name);
  return std::find(std::begin(kSecretHeaders), std::end(kSecretHeaders), lower) !=
             std::end(kSecretHeaders) ||
         std::any_of(std::begin(kSecretHeaderParts), std::end(kSecretHeaderParts),
                     [&](std::string_view part) { return lower.find(part) != std::string::npos; });
}

bool is_secret_query_name(std::string_view name) {
  return std::any_of(std::begin(kSecretQueryNames), std::end(kSecretQueryNames),
                     [&](std::string_view secret) { return same_ignoring_case(secret, name); });
}

}  // namespace apitoolkit::redact
