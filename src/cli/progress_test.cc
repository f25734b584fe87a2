#include "src/cli/progress.h"

#include <gtest/gtest.h>

namespace apitoolkit::cli {
namespace {

TEST(Progress, SaysHowFarHowFastAndHowLong) {
  EXPECT_EQ(progress_line("redacting", 1'300'000'000, 3'000'000'000, 4.0, 120),
            "redacting  [############----------------]   43 %  1.30 GB of 3.00 GB  325 MB/s  "
            "6 s left");
  EXPECT_EQ(progress_line("reading", 0, 1000, 0.0, 120),
            "reading  [----------------------------]    0 %  0 B of 1.00 KB  0 B/s");
  EXPECT_EQ(progress_line("reading", 2000, 1000, 1.0, 120),
            "reading  [############################]  100 %  2.00 KB of 1.00 KB  2.00 KB/s  "
            "0 s left");
}

TEST(Progress, CountsExchangesToo) {
  EXPECT_EQ(progress_line("importing", 500, 1000, 2.0, 120, ProgressUnit::kExchanges),
            "importing  [##############--------------]   50 %  500 of 1000  250/s  2 s left");
}

TEST(Progress, FitsTheTerminal) {
  EXPECT_EQ(progress_line("redacting", 500, 1000, 1.0, 60),
            "redacting   50 %  500 B of 1.00 KB  500 B/s  1 s left");
  EXPECT_EQ(progress_line("redacting", 500, 1000, 1.0, 12), "redacting   ");
  EXPECT_EQ(progress_line("redacting", 0, 0, 1.0, 1), "r");
}

TEST(Progress, WritesThreeDigits) {
  EXPECT_EQ(decimal_bytes(999), "999 B");
  EXPECT_EQ(decimal_bytes(1000), "1.00 KB");
  EXPECT_EQ(decimal_bytes(99'940), "99.9 KB");
  EXPECT_EQ(decimal_bytes(99'960), "100 KB");
  EXPECT_EQ(decimal_bytes(999'600), "1.00 MB");
  EXPECT_EQ(decimal_bytes(2e15), "2000 TB");
}

}  // namespace
}  // namespace apitoolkit::cli
