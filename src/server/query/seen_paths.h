// The paths that recent exchanges have: which headers, parameters and members of bodies there are,
// as a query names them. For completion. What was captured is hostile: all of it is bounded.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "apitoolkit/exchange.h"
#include "src/json/document.h"
#include "src/server/query/ast.h"

namespace apitoolkit::server::query {

struct SeenPath {
  std::string text;                   // `request_body.items[*].price`; parse() reads it
  FieldId field{};                    // that it begins with
  ValueType type = ValueType::kNull;  // kNull where it differs, or nothing but null was there
  std::int64_t exchanges = 0;         // that have it
};

// One thread at a time.
class SeenPaths {
 public:
  // Names of headers in lower case. Lists of a body are [*]; its objects stand in the paths of
  // their members. What is deeper, longer or more than the bounds in the .cc is left out.
  void add(const Exchange& exchange);

  // The paths that most exchanges have first, then by text; at most `most`.
  std::vector<SeenPath> take(std::size_t most) &&;

 private:
  struct Seen {
    FieldId field{};
    ValueType type = ValueType::kNull;
    bool differs = false;
    std::int64_t exchanges = 0;
    std::int64_t last = -1;  // the exchange that was counted last
  };
  void see(const FieldRef& path, ValueType type);
  void walk(const json::Document& document, std::uint32_t node, FieldRef& path);
  void add_body(FieldId field, const Body& body);
  void add_headers(FieldId field, const std::vector<Header>& headers);
  void add_params(FieldId field, const std::vector<Param>& params);

  std::map<std::string, Seen> seen_;
  std::int64_t exchange_ = 0;    // its number
  std::int64_t nodes_left_ = 0;  // of this exchange
};

}  // namespace apitoolkit::server::query
