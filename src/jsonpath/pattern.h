// Regular expressions: I-Regexp (RFC 9485), which match() and search() take, and RE2's own syntax,
// which `=~` takes. Both run on RE2, in time linear in the text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "apitoolkit/result.h"
#include "src/jsonpath/iregexp.h"

namespace re2 {
class RE2;
}

namespace apitoolkit::jsonpath {

// Immutable; threads may share it.
class Pattern {
 public:
  using Compiled = tl::expected<std::shared_ptr<const Pattern>, PatternError>;

  // An I-Regexp; `whole`: the text must match from end to end.
  static Compiled iregexp(std::string_view pattern, bool whole);
  // RE2's syntax. `flags`: of i, m and s, as RE2 knows them.
  static Compiled re2(std::string_view pattern, std::string_view flags, bool whole);

  ~Pattern();
  Pattern(const Pattern&) = delete;
  Pattern& operator=(const Pattern&) = delete;

  bool matches(std::string_view text) const;

  // What building it and matching a text cost, in the unit of the operation budget.
  std::int64_t compile_cost() const;
  std::int64_t match_cost(std::string_view text) const;

 private:
  explicit Pattern(std::unique_ptr<re2::RE2> regex);
  static Compiled build(const std::string& translated, bool case_sensitive);

  std::unique_ptr<re2::RE2> regex_;
};

// Patterns that come from a document, so that one which is asked for at every node is built once.
// Bounded: it forgets all when it is full. Not thread-safe; one an evaluation.
class PatternCache {
 public:
  // An I-Regexp; kTooLarge also where it is longer than limits::kDocumentPatternBytesMax. `built`
  // tells whether this call had to build it, or to find out that it cannot be.
  const Pattern::Compiled& get(std::string_view pattern, bool whole, bool& built);

 private:
  const Pattern::Compiled too_long_ = tl::unexpected(PatternError::kTooLarge);
  std::unordered_map<std::string, Pattern::Compiled> patterns_;
};

}  // namespace apitoolkit::jsonpath
