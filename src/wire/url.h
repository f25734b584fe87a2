// The URL members of a message: raw_url, url_path and the query parameters in between.
#pragma once

#include <string_view>
#include <vector>

#include "apitoolkit/exchange.h"

namespace apitoolkit::wire {

// The parameters of the query in `url` (what follows its first "?", up to a "#"), in order,
// repeated names as repeated entries, percent-decoded, "+" read as a blank; at most
// limits::kParamsMax.
//
//   query     = parameter *( "&" parameter )
//   parameter = [ name [ "=" value ] ]        ; an empty one is skipped
std::vector<Param> parse_query(std::string_view url);

// raw_url and url_path without two habits of SDKs in the field: a "?" with nothing behind it at the
// end of raw_url, and, where no route matched, a url_path that repeats raw_url with its query (a
// query is not part of an endpoint's name, and may hold secrets). Views into the exchange.
struct Urls {
  std::string_view raw_url;
  std::string_view url_path;
};
Urls normal_urls(const Exchange& exchange);

}  // namespace apitoolkit::wire
