// The language's regular expressions: RE2, bounded in memory, linear in time.
#pragma once

#include <re2/re2.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace apitoolkit::server::query {

// Why RE2 refuses the pattern, or empty.
std::string regex_problem(std::string_view pattern);

// Of a pattern that RE2 takes; `flags` as in RegexMatch. Searches anywhere in a text; where there
// is no "m", ^ and $ are the text's ends. Texts that are not valid UTF-8 are read byte by byte
// where they are not. Thread-safe.
std::shared_ptr<const re2::RE2> compile_regex(std::string_view pattern, std::string_view flags);

// ASCII texts of which each is in every text that the pattern matches, in any case of its letters.
std::vector<std::string> required_literals(std::string_view pattern, std::string_view flags);

}  // namespace apitoolkit::server::query
