// One cell of CSV (RFC 4180).
#pragma once

#include <string>
#include <string_view>

namespace apitoolkit::server::serve {

// Quoted where it must be. What a spreadsheet could take for a formula, which hostile content may
// be, gets an apostrophe in front.
std::string csv_cell(std::string_view text);

}  // namespace apitoolkit::server::serve
