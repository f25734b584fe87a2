// The reference's own comparison of numbers: digit by digit, as one learns it at school.
#pragma once

#include <string_view>

namespace apitoolkit::redact::reference {

// -1, 0 or 1 as the JSON number `a` is less than, equal to or greater than `b`. Exact, whatever the
// length of digits and exponents.
int compare_numbers(std::string_view a, std::string_view b);

}  // namespace apitoolkit::redact::reference
