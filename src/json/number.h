// Number literals of JSON, read as what they say rather than as the nearest double.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace apitoolkit::json {

// Bytes of the number (RFC 8259, section 6) that starts at `i`; 0 if none does.
//
//   number = [ "-" ] ( "0" / digit1-9 *DIGIT ) [ "." 1*DIGIT ] [ ("e" / "E") [ "+" / "-" ] 1*DIGIT
//   ]
std::size_t number_length(std::string_view text, std::size_t i);

// -1, 0 or 1 as `a` is less than, equal to, or greater than `b`, exactly and at any length:
// 1 == 1.0 == 10e-1, and 9007199254740993 > 9007199254740992. Exponents too are of any length.
int compare_numbers(std::string_view a, std::string_view b);

// The value if it is an integer that fits: 7, 7.0 and 70e-1 are 7; 7.5 and 1e19 are nullopt.
std::optional<std::int64_t> to_int64(std::string_view number);

// Nearest double; ±infinity where the literal is out of range.
double to_double(std::string_view number);

}  // namespace apitoolkit::json
