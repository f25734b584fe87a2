// Compresses; the counterpart of inflate.h.
#pragma once

#include <string>
#include <string_view>

namespace apitoolkit::net {

enum class GzipLevel {
  kFastest = 1,  // what is made while somebody waits, or in the application's process
  kBest = 9,     // what is made once
};

// One gzip member (RFC 1952). Empty where zlib has no memory; a member never is.
std::string gzip(std::string_view bytes, GzipLevel level = GzipLevel::kFastest);

}  // namespace apitoolkit::net
