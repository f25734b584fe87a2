// The reference's own matching of I-Regexp (RFC 9485): a tree, and for each part of it the set of
// all places where a match that begins here can end. It asks RE2 only for the category of a single
// character.
#pragma once

#include <string_view>

#include "src/redact/engine/reference_steps.h"

namespace apitoolkit::redact::reference {

// Whether the pattern matches the text from end to end (`whole`) or some part of it. False if it is
// no I-Regexp. "^" and "$" are anchors, as the compliance suite has them.
bool matches_iregexp(std::string_view pattern, std::string_view text, bool whole, Steps& steps);

}  // namespace apitoolkit::redact::reference
