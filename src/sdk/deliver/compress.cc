#include "src/sdk/deliver/compress.h"

#include <cstdint>
#include <string>
#include <utility>

#include "src/base/limits.h"
#include "src/net/deflate.h"

namespace apitoolkit::sdk {

void compress(net::HttpRequest& request) {
  if (static_cast<std::int64_t>(request.body.size()) < limits::kGzipBytesMin) return;
  std::string compressed = net::gzip(request.body);
  if (compressed.empty() || compressed.size() >= request.body.size()) return;
  request.body = std::move(compressed);
  request.headers.push_back({"Content-Encoding", "gzip"});
}

}  // namespace apitoolkit::sdk
