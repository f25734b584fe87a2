#include "src/server/query/random_query.h"

namespace apitoolkit::server::query {

std::int64_t RandomQuery::below(std::int64_t bound) {
  return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(bound));
}

std::string_view RandomQuery::pick(std::initializer_list<std::string_view> from) {
  return from.begin()[below(static_cast<std::int64_t>(from.size()))];
}

std::string RandomQuery::blank() {
  return std::string(one_in(20) ? pick({"  ", "\n", "\t", " // a | comment\n"}) : " ");
}

std::string RandomQuery::pipeline() {
  only_columns_ = false;
  std::string out;
  const std::int64_t count = below(4);
  for (std::int64_t i = 0; i <= count; ++i) {
    if (i > 0) out += blank() + "|" + blank();
    switch (below(8)) {
      case 0:
      case 1:
        out += summarize();
        only_columns_ = true;
        break;
      case 2:
        out += sort();
        break;
      case 3:
        out += "take " + std::to_string(below(30));
        break;
      case 4:
        out += "extend x = " + value(2) + ", y = " + value(1) + " | where x != y";
        break;
      case 5:
        out += "project n = " + value(2) + ", k = " + value(1) + ", v = " + number_field();
        only_columns_ = true;
        break;
      case 6:
        if (!only_columns_) {
          out += "distinct " +
                 std::string(pick({"method", "status_code, method", "consumer, tags"})) +
                 " | extend n = 1, k = 'a', v = 2 | project n, k, v";
        } else {
          out += "distinct k, n | project n, k, v = n";
        }
        only_columns_ = true;
        break;
      default:
        out += (one_in(3) ? "" : "where ") + condition(3);
    }
  }
  return out;
}

std::string RandomQuery::summarize() {
  std::string out = "summarize n = " + aggregate() + ", v = " + aggregate();
  if (one_in(4)) out += " + " + std::string(pick({"1", "2.5", "count()"}));
  out += " by k = " + group();
  return out;
}

std::string RandomQuery::aggregate() {
  switch (below(6)) {
    case 0:
      return "count()";
    case 1:
      return "countif(" + condition(1) + ")";
    case 2:
      return "dcount(" + field() + ")";
    case 3:
      return "percentile(" + number_field() + ", " + std::string(pick({"0", "10", "99.9", "100"})) +
             ")";
    default:
      return std::string(pick({"sum", "avg", "min", "max", "stdev", "range", "median", "p50", "p75",
                               "p90", "p95", "p99"})) +
             "(" + (one_in(6) && !only_columns_ ? "timestamp" : number_field()) + ")";
  }
}

std::string RandomQuery::group() {
  if (!only_columns_ && one_in(4)) {
    return std::string(pick({"bin(timestamp, 1h)", "bin(timestamp, 90s)", "bin_auto(timestamp)",
                             "bin(duration, 100ms)", "bin(response_size, 1kb)"}));
  }
  return one_in(3) ? value(1) : field();
}

std::string RandomQuery::sort() {
  const std::string key = !only_columns_
                              ? std::string(pick({"timestamp", "duration", "status_code", "method",
                                                  "url_path", "consumer", "response_size"}))
                              : std::string(pick({"n", "k", "v"}));
  std::string out = "sort by " + key + std::string(pick({"", " asc", " desc"}));
  // A second key, so that few rows are equal.
  if (!only_columns_) out += ", msg_id";
  return out;
}

std::string RandomQuery::condition(int depth) {
  if (depth <= 0 || one_in(3)) return term(depth - 1);
  switch (below(4)) {
    case 0:
      return "not " + (one_in(2) ? "(" + condition(depth - 1) + ")" : term(depth - 1));
    case 1:
      return "(" + condition(depth - 1) + ")" + blank() + std::string(pick({"and", "or", "AND"})) +
             " " + term(depth - 1);
    default:
      return term(depth - 1) + blank() + std::string(pick({"and", "or"})) + " " +
             condition(depth - 1);
  }
}

std::string RandomQuery::term(int depth) {
  switch (below(9)) {
    case 0:
      return value(depth) + " " + std::string(pick({"==", "!=", "<", "<=", ">", ">="})) + " " +
             value(depth);
    case 1:
    case 2:
      return number_field() + std::string(pick({"==", "!=", " < ", "<=", ">", ">="})) + literal();
    case 3:
      return field() + blank() + std::string(pick({"in", "!in"})) + " " + list();
    case 4:
    case 5:
      return field() + " " +
             std::string(pick({"has", "!has", "contains", "!contains", "startswith", "!startswith",
                               "endswith", "!endswith", "==", "!="})) +
             " " + text();
    case 6:
      return field() + " " + std::string(pick({"has_any", "has_all"})) + " [" + text() + ", " +
             text() + "]";
    case 7:
      return one_in(2) ? field() + std::string(pick({" matches ", "=~"})) + regex()
                       : std::string(pick({"isnull", "isnotnull", "isempty", "isnotempty"})) + "(" +
                             field() + ")";
    default:
      if (!only_columns_ && one_in(2)) {
        if (one_in(2)) return one_in(2) ? "aborted" : text();
        return "timestamp " + std::string(pick({"<", ">=", "==", "!="})) + " " +
               std::string(pick({"'2026-01-02'", "\"2026-01-02T00:30:00Z\"", "now()", "ago(30m)",
                                 "1767312000000000000", "2026"}));
      }
      return field() + " " + std::string(pick({"==", "!="})) + " " + literal();
  }
}

std::string RandomQuery::value(int depth) {
  if (depth <= 0 || one_in(2)) return one_in(3) ? literal() : field();
  if (one_in(2)) return function(depth);
  return "(" + value(depth - 1) + " " + std::string(pick({"+", "-", "*", "/", "%"})) + " " +
         value(depth - 1) + ")";
}

std::string RandomQuery::function(int depth) {
  switch (below(7)) {
    case 0:
      return "coalesce(" + field() + ", " + value(depth - 1) + ")";
    case 1:
      return "strcat(" + field() + ", " + value(depth - 1) + ", \"-\")";
    case 2:
      return "iff(" + condition(1) + ", " + value(depth - 1) + ", " + value(depth - 1) + ")";
    case 3:
      return "case(" + condition(1) + ", " + literal() + ", " + condition(1) + ", " + field() +
             ", " + value(depth - 1) + ")";
    case 4:
      return "round(" + number_field() + std::string(pick({"", ", 0", ", 2"})) + ")";
    case 5:
      return "bin(" + number_field() + ", " + std::string(pick({"1", "10", "0.5", "1s"})) + ")";
    default:
      return std::string(pick({"tofloat", "toint", "tostring", "tobool", "lower", "upper", "hour",
                               "dayofweek"})) +
             "(" + value(depth - 1) + ")";
  }
}

std::string RandomQuery::literal() {
  switch (below(6)) {
    case 0:
      return text();
    case 1:
      return std::string(pick({"true", "false", "null"}));
    case 2:
      return std::string(pick({"1ms", "100ms", "1.5s", "1m30s", "0s", "-1s", "1kb"}));
    case 3:
      return std::string(pick({"0.5", "-1.25", "200.0", "1e3", "7.0"}));
    default:
      return std::string(pick({"0", "1", "7", "42", "200", "404", "500", "503", "-1"}));
  }
}

std::string RandomQuery::text() {
  return std::string(pick({"\"GET\"", "\"POST\"", "'incoming'", "\"/users/{id}\"", "\"users\"",
                           "\"a\"", "\"\\u00e9\"", "\"api.example.com\"", "\"alice\"", "\"Alice\"",
                           "'application/json'", "\"7\"", "\"error\"", "\"ValueError\"", "\"x y\"",
                           "\"na\\u00efve\"", "\"beta\"", "\"v1.2\"", "\"not found\""}));
}

std::string RandomQuery::regex() {
  return std::string(pick({"/^\\/users/", "/a.*e/i", "/^[A-Z]+$/", "/\\d{2,}/", "/not found|error/",
                           "/\xC3\xA9/", "/^$/", "/o.x/s", "/^x/m"}));
}

std::string RandomQuery::list() {
  std::string out = "[" + literal();
  for (std::int64_t i = below(4); i > 0; --i) out += ", " + literal();
  return out + "]";
}

std::string RandomQuery::field() {
  if (only_columns_) return std::string(pick({"n", "k", "v"}));
  return one_in(4) ? number_field() : exchange_field();
}

std::string RandomQuery::exchange_field() {
  return std::string(pick({"method",
                           "host",
                           "url_path",
                           "raw_url",
                           "status_code",
                           "request_type",
                           "sdk_type",
                           "service",
                           "service_version",
                           "tags",
                           "tags[*]",
                           "tags[0]",
                           "client_ip",
                           "consumer",
                           "trace_id",
                           "aborted",
                           "errors[*].error_type",
                           "errors[*].message",
                           "errors[0].message",
                           "request_headers.content-type",
                           "request_headers[\"X-Many\"]",
                           "response_headers.server",
                           "query_params.page",
                           "query_params.q",
                           "path_params.id",
                           "request_body",
                           "request_body.user.id",
                           "request_body.user.name",
                           "request_body.items[*].price",
                           "request_body.items[0]",
                           "request_body.items",
                           "response_body",
                           "response_body.ok",
                           "response_body[\"a b\"]",
                           "response_body.error.message",
                           "request_body.missing"}));
}

std::string RandomQuery::number_field() {
  if (only_columns_) return std::string(pick({"n", "v"}));
  return std::string(
      pick({"duration", "status_code", "request_size", "response_size", "ttfb",
            "request_body.user.id", "request_body.items[0].price", "response_body.total"}));
}

}  // namespace apitoolkit::server::query
