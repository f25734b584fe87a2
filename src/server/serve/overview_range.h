// The query parameters of GET /api/v1/overview.
#pragma once

#include <cstdint>
#include <string_view>

#include "src/server/serve/answer.h"
#include "src/server/store/traffic.h"

namespace apitoolkit::server::serve {

// The range that is shown: what was asked for, outward to whole buckets of the size that bin_auto
// takes, but not of less than a minute. `project` is for the caller to set. A parameter that is
// unknown, given twice, or has a bad value is a problem with its name as the pointer.
tl::expected<store::TrafficRange, Problem> parse_overview_range(std::string_view query,
                                                                std::int64_t now_ns);

// The period of the same length that ended where the range begins, as one bucket.
store::TrafficRange period_before(const store::TrafficRange& range);

}  // namespace apitoolkit::server::serve
