// What random paths and random texts have in common: names, numbers, patterns, and strings in all
// the ways in which they are written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "src/redact/engine/random_case.h"

namespace apitoolkit::redact::pieces {

template <std::size_t size>
std::string_view one_of(Random& random, const std::string_view (&list)[size]) {
  static_assert(size <= 256);
  return list[random.below(size)];
}

std::string_view name(Random& random);
std::string_view plain_name(Random& random);  // letters and "_"
std::string number(Random& random);
// An I-Regexp; or perhaps something else, which never matches, and is refused in a path.
std::string_view good_pattern(Random& random);
std::string_view pattern(Random& random);

// A string (valid UTF-8) between quotes, as JSON and JSONPath write it. One character in
// `escape_of` is escaped, and those that must be.
void add_string(Random& random, std::string_view text, char quote, std::uint32_t escape_of,
                std::string& out);

}  // namespace apitoolkit::redact::pieces
