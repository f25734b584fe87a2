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

#include <optional>
#include <string>
#include <string_view>

namespace apitoolkit::jsonpath {

// The same expression for RE2; nullopt if `pattern` (valid UTF-8) is not an I-Regexp. Counts of
// repetitions are passed on, however large.
std::optional<std::string> translate_iregexp(std::string_view pattern);

}  // namespace apitoolkit::jsonpath
