// Standard input, or a file in its place.
#pragma once

#include <string>

#include "apitoolkit/result.h"

namespace apitoolkit::cli {

// All of the file; of standard input if `path` is empty or "-".
Result<std::string> read_input(const std::string& path);

// Says on standard error what went wrong, as every subcommand does; returns `exit_status`.
int complain(const std::string& message, int exit_status);

// All of it, to standard output; an exit status.
int write_output(const std::string& text);

inline constexpr int kBadInput = 1;
inline constexpr int kBadUsage = 2;

}  // namespace apitoolkit::cli
