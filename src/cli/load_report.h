// What a load has shown, in words and as JSON.
#pragma once

#include <string>

#include "src/cli/load_run.h"

namespace apitoolkit::cli {

// A table of several lines, with a histogram of the acknowledgements.
std::string load_report_text(const LoadReport& report);

// One object; docs/load.md names its members.
std::string load_report_json(const LoadReport& report);

// The live line, at most `columns` wide:
//   sending  [######----------------------]  21 %  61,200/s  p99 14 ms  3 refused  24 s left
std::string load_live_line(const LoadRun::Now& now, double recent_per_s, int columns);

// "1,234,567"
std::string grouped(std::int64_t number);

}  // namespace apitoolkit::cli
