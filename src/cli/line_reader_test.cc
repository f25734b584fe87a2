#include "src/cli/line_reader.h"

#include <gtest/gtest.h>

namespace apitoolkit::cli {
namespace {

TEST(LineReader, ReadsLinesHoweverTheyAreCut) {
  for (const std::size_t size : {1, 2, 3, 100}) {
    std::string got;
    LineReader lines(5, [&got](const std::optional<std::string>& line) {
      got += (line ? *line : "too long") + "|";
    });
    const std::string_view text = "a\n\n12345\n123456\n1234567890\nlast";
    for (std::size_t at = 0; at < text.size(); at += size) lines.feed(text.substr(at, size));
    lines.finish();
    lines.finish();
    EXPECT_EQ(got, "a||12345|too long|too long|last|") << size;
  }
}

}  // namespace
}  // namespace apitoolkit::cli
