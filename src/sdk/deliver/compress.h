// Requests leave compressed, where that makes them smaller.
#pragma once

#include "src/net/http_client.h"

namespace apitoolkit::sdk {

// Replaces the body by its gzip member and says so in a header. Bodies below limits::kGzipBytesMin,
// and those that would not shrink, stay as they are.
void compress(net::HttpRequest& request);

}  // namespace apitoolkit::sdk
