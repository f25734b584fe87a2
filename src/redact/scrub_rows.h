// Tables of values and near misses: in a row, «…» encloses each value; a row without is a near
// miss.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/redact/redactor.h"
#include "src/redact/scrub.h"

namespace apitoolkit::redact {

inline constexpr std::string_view kOpen = "«";
inline constexpr std::string_view kClose = "»";

inline std::string without_marks(std::string_view row) {
  std::string text(row);
  for (const std::string_view mark : {kOpen, kClose}) {
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark)) {
      text.erase(at, mark.size());
    }
  }
  return text;
}

inline std::string masked(std::string_view row) {
  std::string text(row);
  for (std::size_t at = text.find(kOpen); at != std::string::npos; at = text.find(kOpen)) {
    text.replace(at, text.find(kClose) + kClose.size() - at, kMarker);
  }
  return text;
}

// Tries each row alone, inside other text, and across the borders of the blocks that the scan
// reads.
inline void expect_rows(Detector detector, const std::vector<std::string>& rows) {
  DetectorSet set;
  set.add(detector);
  const Scrubber scrubber(set);
  const std::pair<std::string, std::string> surroundings[] = {{"", ""},
                                                              {" ", " "},
                                                              {"\"", "\""},
                                                              {"(", ")"},
                                                              {"'", "',"},
                                                              {"<", ">"},
                                                              {"= ", ";"},
                                                              {"\n", "\r\n"},
                                                              {"value:", ", x"},
                                                              {"{[", "]}"},
                                                              {"\u201c", "\u201d"},
                                                              {"\u00e9 ", " \u4e2d"},
                                                              {"\u4e2d", "\u4e2d"},
                                                              {"*", "!"},
                                                              {"|", "?"}};
  for (const std::string& row : rows) {
    for (const auto& [before, after] : surroundings) {
      const std::string text = before + without_marks(row) + after;
      EXPECT_EQ(scrubber.scrub_text(text), before + masked(row) + after) << text;
    }
    for (std::size_t n = 1; n < 130; ++n) {
      const std::string before = std::string(n, '.') + ' ';
      const std::string after = ' ' + std::string(130 - n, '.');
      EXPECT_EQ(scrubber.scrub_text(before + without_marks(row) + after),
                before + masked(row) + after)
          << n << " dots before " << row;
    }
  }
}

inline std::string dotted(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ".") + part;
  return text;
}

inline std::string marked(const std::string& text) {
  return std::string(kOpen) + text + std::string(kClose);
}

}  // namespace apitoolkit::redact
