// How often this program's threads allocate. The program replaces operator new for it
// (allocation_count.cc), and so is one of its own: a checker of memory would be misled otherwise.
#pragma once

#include <cstdint>

namespace apitoolkit::redact {

// Allocations of the calling thread so far.
std::int64_t allocation_count();

}  // namespace apitoolkit::redact
