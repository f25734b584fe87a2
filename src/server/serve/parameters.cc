#include "src/server/serve/parameters.h"

#include <algorithm>
#include <vector>

#include "src/base/limits.h"
#include "src/net/router.h"
#include "src/server/query/names.h"
#include "src/server/serve/exchange_query.h"

namespace apitoolkit::server::serve {

std::optional<Problem> read_parameters(std::string_view query, const Parameters& parameters) {
  std::vector<std::string_view> seen;
  for (const Header& pair : net::parse_query(query)) {
    const auto found = parameters.find(pair.name);
    if (found == parameters.end()) {
      std::vector<std::string_view> known;
      for (const auto& [name, parameter] : parameters) known.push_back(name);
      const std::string meant = query::suggest(pair.name, known);
      return Problem{
          400,
          "there is no such parameter" + (meant.empty() ? "" : "; did you mean '" + meant + "'?"),
          pair.name};
    }
    const Parameter& parameter = found->second;
    if (std::find(seen.begin(), seen.end(), parameter.same_as) != seen.end()) {
      return Problem{400, "given twice", pair.name};
    }
    seen.push_back(parameter.same_as);
    if (!parameter.read(pair.value)) {
      return Problem{400, "expected " + std::string(parameter.expected), pair.name};
    }
  }
  return std::nullopt;
}

void add_time_parameters(Parameters& parameters, std::optional<std::int64_t>& since_ns,
                         std::optional<std::int64_t>& until_ns, std::int64_t now_ns) {
  constexpr std::string_view kTime = "an RFC 3339 time, or one relative to now such as -1h";
  parameters["since"] = {kTime, "since", [&since_ns, now_ns](const std::string& text) {
                           return assign(parse_time(text, now_ns), since_ns);
                         }};
  parameters["until"] = {kTime, "until", [&until_ns, now_ns](const std::string& text) {
                           return assign(parse_time(text, now_ns), until_ns);
                         }};
}

void add_limit_parameter(Parameters& parameters, int& limit) {
  parameters["limit"] = {"an integer from 1 to 1000", "limit", [&limit](const std::string& text) {
                           const auto rows = parse_integer<int>(text);
                           if (!rows || *rows < 1 || *rows > limits::kPageRowsMax) return false;
                           limit = *rows;
                           return true;
                         }};
}

}  // namespace apitoolkit::server::serve
