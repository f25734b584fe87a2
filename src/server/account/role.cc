#include "src/server/account/role.h"

namespace apitoolkit::server::account {

std::string_view to_string(Role role) {
  switch (role) {
    case Role::kViewer:
      return "viewer";
    case Role::kMember:
      return "member";
    case Role::kAdmin:
      return "admin";
    case Role::kOwner:
      return "owner";
  }
  return "viewer";
}

std::optional<Role> parse_role(std::string_view text) {
  for (const Role role : {Role::kViewer, Role::kMember, Role::kAdmin, Role::kOwner}) {
    if (to_string(role) == text) return role;
  }
  return std::nullopt;
}

}  // namespace apitoolkit::server::account
