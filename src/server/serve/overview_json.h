// The answer of GET /api/v1/overview: wire/api.json, schema Overview.
#pragma once

#include <cstdint>
#include <string>

#include "src/server/store/traffic.h"

namespace apitoolkit::server::serve {

// `before` is the traffic of the period before, as one bucket. `now_ns`: of a range that is not
// over, requests a minute are those of the part that is.
std::string overview_json(const store::TrafficRange& range, const store::Traffic& traffic,
                          const store::TrafficRange& range_before, const store::Traffic& before,
                          std::int64_t now_ns);

}  // namespace apitoolkit::server::serve
