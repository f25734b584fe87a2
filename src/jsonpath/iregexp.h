// I-Regexp (RFC 9485): checks the grammar, which is much smaller than RE2's, and translates what it
// accepts into RE2's syntax with the same meaning.
//
//   i-regexp  = branch *( "|" branch )            branch = *piece      piece = atom [ quantifier ]
//   quantifier = "*" / "+" / "?" / "{" 1*DIGIT [ "," *DIGIT ] "}"
//   atom      = NormalChar / "." / SingleCharEsc / "\p{" category "}" / "\P{" category "}"
//             / class / "(" i-regexp ")"
//   class     = "[" [ "^" ] ( "-" / item ) *item [ "-" ] "]"
//   item      = char [ "-" char ] / "\p{" category "}" / "\P{" category "}"
//
// "^" and "$" are anchors here, as the compliance suite has them; RFC 9485 calls them characters.
#pragma once

#include <string>
#include <string_view>

#include "apitoolkit/result.h"

namespace apitoolkit::jsonpath {

enum class PatternError {
  kSyntax,    // not a regular expression of its syntax
  kTooLarge,  // or perhaps one, but beyond a bound: repetitions over 1000 (nested ones multiply),
              // groups nested too deeply, or more memory than the limit
};

// The same expression for RE2; kSyntax if `pattern` (valid UTF-8) is not an I-Regexp, kTooLarge if
// it nests more than limits::kJsonpathDepthMax groups, or if what it becomes (`\p{Cn}` is thousands
// of bytes) is longer than limits::kRegexBytesMax. Counts of repetitions are passed on, however
// large.
tl::expected<std::string, PatternError> translate_iregexp(std::string_view pattern);

}  // namespace apitoolkit::jsonpath
