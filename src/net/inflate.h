// Reads compressed request bodies within a bound.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "apitoolkit/result.h"

namespace apitoolkit::net {

// gzip (RFC 1952, also several members in a row) or zlib (RFC 1950, HTTP's "deflate"). kCorrupt for
// anything else, for a stream that ends early, and for bytes behind its end; kResourceExhausted
// once the output would exceed `bytes_max`, without making more of it than that.
Result<std::string> inflate(std::string_view compressed, std::int64_t bytes_max);

}  // namespace apitoolkit::net
