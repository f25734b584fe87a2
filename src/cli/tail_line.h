// One exchange of the live tail as a line for people.
#pragma once

#include <string>
#include <string_view>

namespace apitoolkit::cli {

// The fields that tail_line shows, as a request names them.
inline constexpr std::string_view kTailFields =
    "timestamp,request_type,method,host,raw_url,status_code,duration,consumer,errors";

// "10:00:00.123  200  POST  shop.example/orders?page=2  12ms  alice": the time in UTC, the status
// coloured by its class, with an error's type and message at the end. `exchange` is an object of
// those fields; shown as terminal_text.h says. Empty for what is none.
std::string tail_line(std::string_view exchange, bool coloured);

}  // namespace apitoolkit::cli
