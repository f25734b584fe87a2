// Reading a whole file.
#pragma once

#include <string>

#include "apitoolkit/result.h"

namespace apitoolkit {

// kIo, with the system's own reason: `cannot read a.toml: No such file or directory`.
Result<std::string> read_file(const std::string& path);

}  // namespace apitoolkit
