// What a caller may do in a project. Each role may do what stands in its row and in those above it:
//
//   viewer  read: exchanges, queries, statistics, dead letters, rules, who else is in the project
//   member  share an exchange; preview rules; replay and delete dead letters
//   admin   keys, redaction rules, the project's name and its members, the project's audit log
//   owner   all of that in every project; create projects; make and unmake owners; set the password
//           of others; read the audit log of the whole server
//
// A user has one role a project, owners one for all of them. Changing one's own password, switching
// projects and logging out need no more than a log-in. An API key acts in its own project alone:
// with the scope "read" as a viewer, with "admin" as an admin; with "ingest" alone it can only
// send.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace apitoolkit::server::account {

enum class Role : std::uint8_t { kViewer, kMember, kAdmin, kOwner };

std::string_view to_string(Role role);
std::optional<Role> parse_role(std::string_view text);

}  // namespace apitoolkit::server::account
