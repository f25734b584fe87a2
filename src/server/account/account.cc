#include "src/server/account/account.h"

#include <array>

namespace apitoolkit::server::account {
namespace {

constexpr std::array<std::pair<Scope, std::string_view>, 3> kScopes{
    {{Scope::kIngest, "ingest"}, {Scope::kRead, "read"}, {Scope::kAdmin, "admin"}}};

constexpr std::array<std::pair<RedactionRule::Kind, std::string_view>, 5> kRuleKinds{
    {{RedactionRule::Kind::kHeader, "header"},
     {RedactionRule::Kind::kQuery, "query"},
     {RedactionRule::Kind::kRequestBody, "request_body"},
     {RedactionRule::Kind::kResponseBody, "response_body"},
     {RedactionRule::Kind::kScrub, "scrub"}}};

}  // namespace

std::vector<std::string_view> names_of(Scopes scopes) {
  std::vector<std::string_view> names;
  for (const auto& [scope, name] : kScopes) {
    if ((scopes.bits & static_cast<unsigned>(scope)) != 0) names.push_back(name);
  }
  return names;
}

std::optional<Scope> parse_scope(std::string_view text) {
  for (const auto& [scope, name] : kScopes) {
    if (name == text) return scope;
  }
  return std::nullopt;
}

std::optional<Role> User::role_in(const Uuid& project) const {
  if (is_owner) return Role::kOwner;
  const auto found = memberships.find(project);
  if (found == memberships.end()) return std::nullopt;
  return found->second;
}

std::string_view to_string(RedactionRule::Kind kind) {
  for (const auto& [known, name] : kRuleKinds) {
    if (known == kind) return name;
  }
  return "header";
}

std::optional<RedactionRule::Kind> parse_rule_kind(std::string_view text) {
  for (const auto& [kind, name] : kRuleKinds) {
    if (name == text) return kind;
  }
  return std::nullopt;
}

}  // namespace apitoolkit::server::account
