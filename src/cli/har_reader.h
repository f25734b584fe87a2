// Reads an HTTP Archive, HAR 1.2, as `apitoolkit export`, browsers and proxies write it.
//
// Taken as they come: names of HTTP's versions in any spelling (h2, http/2.0, unknown), times of
// -1, HTTP/2's pseudo-headers (left out), forms as params without a text, bodies in base64, a
// response that never came (status 0 and _error). A body's Content-Encoding is left out, because an
// archive holds the body decoded. The size of a body on the wire is what the archive says.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "apitoolkit/exchange.h"
#include "apitoolkit/result.h"

namespace apitoolkit::cli {

// Calls `take` with each entry of the archive in order: its index, how many there are, and the
// exchange or the sentence that says why it is none, which never repeats captured content. `take`
// returns false to end it.
// kCorrupt where the text is no archive at all.
Status read_har(
    std::string_view text,
    const std::function<bool(std::size_t index, std::size_t count, Result<Exchange>)>& take);

}  // namespace apitoolkit::cli
