// Captured content on a terminal. It is hostile: no byte of it may move the cursor, change a
// colour, the window's title or the direction of the text, or hide.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace apitoolkit::cli {

// What would not show as itself is escaped: \n \t \x1b for control characters and for bytes that
// are not UTF-8, \u202e for what changes the direction (bidirectional controls) and for what has no
// width or breaks the line (zero-width, separators, tags).
std::string shown(std::string_view text);

// Columns that a shown text takes: two for East Asian wide characters and emoji, none for combining
// ones.
std::size_t columns_of(std::string_view shown_text);

// At most `columns` of it, the last being "…" where something is left out.
std::string fitted(std::string_view shown_text, std::size_t columns);

// The text in that colour (SGR code, "31"), if `coloured`.
std::string in_colour(const std::string& shown_text, const char* code, bool coloured);

// Whether standard output is a terminal that may be sent colours (https://no-color.org).
bool stdout_has_colours();

}  // namespace apitoolkit::cli
