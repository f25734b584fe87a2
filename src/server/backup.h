// A copy of a data directory, taken while a server works on it or not.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "apitoolkit/result.h"

namespace apitoolkit::server {

// Copies every database of data directory `from` into directory `to`, which is made (mode 0700) and
// appears under its name only once it is whole. All files are copied as they were at one moment:
// what was acknowledged before it is there, a batch is there whole or not at all.
// kInvalidArgument where `from` is no data directory or `to` is there and not empty.
Status back_up(const std::string& from, const std::string& to,
               const std::function<void(std::int64_t bytes)>& copied);

// About how much there is to copy.
Result<std::int64_t> backup_bytes(const std::string& from);

}  // namespace apitoolkit::server
