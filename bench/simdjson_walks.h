// What redaction is measured against: simdjson, with the padding that it wants and its memory kept.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace apitoolkit::bench {

class SimdjsonWalks {
 public:
  explicit SimdjsonWalks(std::string_view text);
  ~SimdjsonWalks();

  // Parses into a document, all values converted. False if it cannot.
  bool parse_dom();
  // Visits every name and value without converting them, which is the fastest full walk. Returns a
  // number that depends on all of them.
  std::uint64_t walk_on_demand();

  static std::string implementation();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace apitoolkit::bench
