// The time as HTTP writes it (RFC 9110 section 5.6.7): "Sun, 06 Nov 1994 08:49:37 GMT".
#pragma once

#include <cstdint>
#include <string>

namespace apitoolkit::net {

std::string http_date(std::int64_t unix_s);
// Of the system's clock: the Date header is not for deciding anything.
std::string http_date_now();

}  // namespace apitoolkit::net
