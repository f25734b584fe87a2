// A row of the rollups (src/server/store/rollup/rollup_cells.h) of any bytes: what is accepted is
// written and read again as the same, and adds up.
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz/require.h"
#include "src/server/store/rollup/rollup_cells.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace apitoolkit::server::store;
  const std::string_view row(reinterpret_cast<const char*>(data), size);
  const auto cells = parse_cells(row);
  RollupCells once;
  const bool accepted = once.merge(row).has_value();
  if (!cells) {
    FUZZ_REQUIRE(!accepted);
    return 0;
  }
  TrafficMeasure measure;
  std::int64_t requests = 0;
  for (const StoredCell& cell : *cells) {
    if (!cell.add_to(measure, true)) {
      FUZZ_REQUIRE(!accepted);
      return 0;
    }
    requests += cell.requests;
  }
  FUZZ_REQUIRE(accepted);
  FUZZ_REQUIRE(measure.requests() == requests && measure.duration_ns.count() == requests);
  const std::string written = once.encode();
  RollupCells again;
  FUZZ_REQUIRE(again.merge(written).has_value());
  FUZZ_REQUIRE(again.encode() == written);
  return 0;
}
