// Finds the handler of a request by its method and path.
//
//   router.add("GET", "/api/v1/exchanges/{id}", list);
//   router.add("POST", "/v1/projects/{project}/topics/{topic}:publish", publish);
//
// A pattern's segments are literal text, or {name} with literal text behind it; {name} takes one
// whole segment, percent-decoded, never an empty one. Where several patterns fit, the one whose
// first differing segment is literal wins.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "apitoolkit/exchange.h"
#include "src/net/http_server.h"

namespace apitoolkit::net {

// The values of a pattern's names, in its order.
class PathParams {
 public:
  void set(std::string name, std::string value);
  // Empty if the pattern has no such name.
  const std::string& operator[](std::string_view name) const;

 private:
  std::vector<Header> values_;
};

using RouteHandler = std::function<void(ServerRequest, PathParams, Responder)>;

// Filled at the start, then immutable; threads may share it.
class Router {
 public:
  struct Match {
    const RouteHandler* handler = nullptr;
    std::string_view pattern;  // lives as long as the router
    PathParams params;
    std::vector<std::string> allow;  // without a handler: the methods that the path has; else empty
  };

  void add(std::string method, std::string pattern, RouteHandler handler);

  // A GET route answers HEAD too, unless there is one for HEAD.
  Match match(std::string_view method, std::string_view path) const;

  struct Listed {
    std::string method;
    std::string pattern;
  };
  // Every route, in the order in which they were added: what tests walk through.
  std::vector<Listed> routes() const;

 private:
  struct Segment {
    std::string name;  // empty for literal text
    std::string text;  // the literal, or what stands behind the name
  };
  struct Route {
    std::string method;
    std::string pattern;
    std::vector<Segment> segments;
    RouteHandler handler;
  };
  static bool fits(const Route& route, const std::vector<std::string_view>& segments);
  static bool is_more_literal(const Route& a, const Route& b);

  std::vector<Route> routes_;
};

// Percent-decodes; bytes that are not a valid escape stay as they are. "+" becomes a blank where
// `form` is set, as in a query.
std::string percent_decode(std::string_view text, bool form = false);

// The name=value pairs of a query, decoded, in their order.
std::vector<Header> parse_query(std::string_view query);

}  // namespace apitoolkit::net
