#include "src/server/serve/csv_cell.h"

namespace apitoolkit::server::serve {

std::string csv_cell(std::string_view text) {
  constexpr std::string_view kFormula = "=+-@\t\r\n";
  // So that a spreadsheet takes it for text. The wide forms of these signs count as they do.
  const bool wide = text.starts_with("\xEF\xBC\x9D") || text.starts_with("\xEF\xBC\x8B") ||
                    text.starts_with("\xEF\xBC\x8D") || text.starts_with("\xEF\xBC\xA0");
  const std::size_t first = text.find_first_not_of(' ');
  const bool formula = wide || (first != std::string_view::npos &&
                                kFormula.find(text[first]) != std::string_view::npos);
  std::string cell = formula ? "'" : "";
  for (const char c : text) {
    if (c == '"') cell += '"';
    cell += c == '\0' ? ' ' : c;
  }
  if (text.find_first_of("\",\r\n") == std::string_view::npos && !formula) return cell;
  return "\"" + cell + "\"";
}

}  // namespace apitoolkit::server::serve
