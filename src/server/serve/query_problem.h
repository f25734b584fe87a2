// What is wrong with a query, as problem+json: besides the members of every problem `position` and
// `width` in bytes of its text, `suggestion` where there is one, and `at`, the text's line with
// carets below the place.
#pragma once

#include <string_view>

#include "src/net/http_server.h"
#include "src/server/query/parse.h"

namespace apitoolkit::server::serve {

// `pointer` names the parameter or member that the text was.
net::ServerResponse query_problem(const query::QueryError& error, std::string_view text,
                                  std::string_view pointer = "query");

}  // namespace apitoolkit::server::serve
