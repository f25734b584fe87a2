#include "src/server/serve/query_problem.h"

#include <utility>

#include "src/json/writer.h"
#include "src/server/serve/answer.h"

namespace apitoolkit::server::serve {

net::ServerResponse query_problem(const query::QueryError& error, std::string_view text,
                                  std::string_view pointer) {
  json::Writer w;
  w.begin_object()
      .key("type")
      .value("about:blank")
      .key("title")
      .value(net::reason_phrase(400))
      .key("status")
      .value(400)
      .key("detail")
      .value(query::describe(error, text))
      .key("pointer")
      .value(pointer)
      .key("position")
      .value(error.at)
      .key("width")
      .value(error.width);
  if (!error.suggestion.empty()) w.key("suggestion").value(error.suggestion);
  w.key("at").value(query::point_at(error, text)).end_object();
  net::ServerResponse response = problem_answer({400, "", ""});
  response.body = std::move(w).str();
  return response;
}

}  // namespace apitoolkit::server::serve
