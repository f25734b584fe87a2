// The dashboard's files.
#pragma once

#include "src/net/http_server.h"

namespace apitoolkit::server::serve {

// The answer to a GET that no route takes: a file of the dashboard, or its page for a path that is
// one of the dashboard's own; 404 for a path that looks like a file but is none.
net::ServerResponse answer_asset(const net::ServerRequest& request);

}  // namespace apitoolkit::server::serve
