#include "src/server/serve/routes.h"

namespace apitoolkit::server::serve {

void add_routes(net::Router& router, const Services& services) {
  add_exchange_routes(router, services);
  add_log_routes(router, services);
  add_query_routes(router, services);
  add_running_query_routes(router, services);
  add_field_routes(router, services);
  add_value_routes(router, services);
  add_overview_routes(router, services);
  add_tail_routes(router, services);
  add_dead_letter_routes(router, services);
  add_stats_routes(router, services);
  add_session_routes(router, services);
  add_key_routes(router, services);
  add_user_routes(router, services);
  add_project_routes(router, services);
  add_audit_routes(router, services);
  add_redaction_routes(router, services);
  add_redaction_sdk_routes(router, services);
  add_share_routes(router, services);
  add_openapi_routes(router, services);
  add_health_routes(router, services);
}

}  // namespace apitoolkit::server::serve
