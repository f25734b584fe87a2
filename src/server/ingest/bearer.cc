#include <strings.h>

#include "src/server/ingest/source.h"

namespace apitoolkit::server::ingest {

std::string_view bearer_token(std::string_view authorization) {
  constexpr std::string_view kScheme = "Bearer";
  const auto trim = [](std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
  };
  authorization = trim(authorization);
  if (authorization.size() >= kScheme.size() &&
      ::strncasecmp(authorization.data(), kScheme.data(), kScheme.size()) == 0 &&
      (authorization.size() == kScheme.size() || authorization[kScheme.size()] == ' ')) {
    return trim(authorization.substr(kScheme.size()));
  }
  return authorization;
}

}  // namespace apitoolkit::server::ingest
