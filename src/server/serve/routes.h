// Every REST route that there is (routes.cc).
#pragma once

#include "src/net/router.h"
#include "src/server/serve/access.h"

namespace apitoolkit::server::serve {

inline constexpr std::string_view kApiPrefix = "/api/";
inline constexpr std::string_view kSharePrefix = "/share/";

void add_routes(net::Router& router, const Services& services);

// One a resource, each in its own file.
void add_exchange_routes(net::Router& router, const Services& services);
void add_log_routes(net::Router& router, const Services& services);
void add_query_routes(net::Router& router, const Services& services);
void add_running_query_routes(net::Router& router, const Services& services);
void add_field_routes(net::Router& router, const Services& services);
void add_value_routes(net::Router& router, const Services& services);
void add_overview_routes(net::Router& router, const Services& services);
void add_tail_routes(net::Router& router, const Services& services);
void add_dead_letter_routes(net::Router& router, const Services& services);
void add_stats_routes(net::Router& router, const Services& services);
void add_session_routes(net::Router& router, const Services& services);
void add_key_routes(net::Router& router, const Services& services);
void add_user_routes(net::Router& router, const Services& services);
void add_project_routes(net::Router& router, const Services& services);
void add_audit_routes(net::Router& router, const Services& services);
void add_redaction_routes(net::Router& router, const Services& services);
void add_redaction_sdk_routes(net::Router& router, const Services& services);
void add_share_routes(net::Router& router, const Services& services);
void add_openapi_routes(net::Router& router, const Services& services);
void add_health_routes(net::Router& router, const Services& services);

}  // namespace apitoolkit::server::serve
