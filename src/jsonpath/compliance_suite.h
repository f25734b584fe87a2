// For tests: the JSONPath Compliance Test Suite, where it is.
#pragma once

#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

#include "src/base/file.h"

namespace apitoolkit::jsonpath {

// Its text; empty, said on standard error, where it is not beside the project.
inline std::string read_compliance_suite() {
  const char* const shared = std::getenv("APITOOLKIT_SHARED");
  const std::string folder =
      shared != nullptr ? shared : std::string(APITOOLKIT_SOURCE_DIR) + "/../shared";
  const auto text = read_file(folder + "/data/jsonpath/cts.json");
  if (text) return *text;
  std::cerr << "The compliance suite is not here: set APITOOLKIT_SHARED to the folder that holds "
               "data/jsonpath/cts.json.\n";
  return {};
}

// Elsewhere a test without it is skipped.
inline bool must_have_compliance_suite() {
  const char* const ci = std::getenv("CI");
  return ci != nullptr && std::string_view(ci) == "true";
}

}  // namespace apitoolkit::jsonpath
