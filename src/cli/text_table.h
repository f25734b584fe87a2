// A table for a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace apitoolkit::cli {

// Lines, each with its end: headings, then rows, two blanks between columns. Where they do not fit
// into `columns`, the widest columns are cut, with "…" where something is left out; 0: as wide as
// it is. `right[i]`: column i is aligned to the right. All texts are shown ones (terminal_text.h),
// and there are as many in each row as headings.
std::string text_table(const std::vector<std::string>& headings,
                       const std::vector<std::vector<std::string>>& rows,
                       const std::vector<bool>& right, std::size_t columns);

}  // namespace apitoolkit::cli
