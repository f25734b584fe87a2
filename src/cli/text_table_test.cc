#include "src/cli/text_table.h"

#include <gtest/gtest.h>

#include <sstream>

#include "src/cli/terminal_text.h"

namespace apitoolkit::cli {
namespace {

TEST(TextTable, AlignsColumns) {
  EXPECT_EQ(text_table({"url_path", "n"}, {{"/orders", "12"}, {"/東京", "7"}}, {false, true}, 0),
            "url_path   n\n"
            "/orders   12\n"
            "/東京      7\n");
}

TEST(TextTable, FitsTheTerminal) {
  const std::string table =
      text_table({"short", "long", "longer"},
                 {{"a", std::string(40, 'b'), std::string(90, 'c')}, {"a", "b", "c"}},
                 {false, false, false}, 60);
  std::istringstream lines(table);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(columns_of(line), 60u) << line;
  EXPECT_NE(table.find("…"), std::string::npos);
  EXPECT_NE(table.find("short"), std::string::npos);
}

TEST(TextTable, LeavesALittleOfEachColumnOnATinyTerminal) {
  const std::string table =
      text_table({"first column", "second column"}, {{"1", "2"}}, {false, false}, 3);
  EXPECT_EQ(table, "first…  secon…\n1       2\n");
}

}  // namespace
}  // namespace apitoolkit::cli
