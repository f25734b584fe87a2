#include "src/cli/text_table.h"

#include <algorithm>
#include <numeric>

#include "src/cli/terminal_text.h"

namespace apitoolkit::cli {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kColumnMin = 6;  // that a cut column keeps

// The widest lose first, until all fit or none can lose more.
void shrink(std::vector<std::size_t>& widths, std::size_t room) {
  while (std::accumulate(widths.begin(), widths.end(), std::size_t{0}) > room) {
    const auto widest = std::max_element(widths.begin(), widths.end());
    if (*widest <= kColumnMin) return;
    // At once as far as the next one, so that it takes few rounds.
    std::size_t next = kColumnMin;
    for (const std::size_t width : widths) {
      if (width < *widest) next = std::max(next, width);
    }
    const std::size_t over = std::accumulate(widths.begin(), widths.end(), std::size_t{0}) - room;
    const auto as_wide =
        static_cast<std::size_t>(std::count(widths.begin(), widths.end(), *widest));
    const std::size_t step =
        std::max<std::size_t>(1, std::min(*widest - next, (over + as_wide - 1) / as_wide));
    const std::size_t target = *widest;
    for (std::size_t& width : widths) {
      if (width == target) width -= step;
    }
  }
}

std::string line(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths,
                 const std::vector<bool>& right) {
  std::string out;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string text = fitted(cells[i], widths[i]);
    const std::string blanks(widths[i] - std::min(widths[i], columns_of(text)), ' ');
    if (i > 0) out.append(kGap, ' ');
    out += right[i] ? blanks + text : text + blanks;
  }
  while (out.ends_with(' ')) out.pop_back();
  return out + "\n";
}

}  // namespace

std::string text_table(const std::vector<std::string>& headings,
                       const std::vector<std::vector<std::string>>& rows,
                       const std::vector<bool>& right, std::size_t columns) {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < headings.size(); ++i) {
    std::size_t width = columns_of(headings[i]);
    for (const auto& row : rows) width = std::max(width, columns_of(row[i]));
    widths.push_back(width);
  }
  if (columns > 0 && !widths.empty()) {
    const std::size_t gaps = kGap * (widths.size() - 1);
    shrink(widths, columns > gaps ? columns - gaps : 0);
  }
  std::string out = line(headings, widths, right);
  for (const auto& row : rows) out += line(row, widths, right);
  return out;
}

}  // namespace apitoolkit::cli
