// What of a block's exchanges is counted: read from its narrow columns, never from its pages.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/server/store/block/block_reader.h"

namespace apitoolkit::server::store {

struct BlockTraffic {
  struct Endpoint {
    Direction direction = Direction::kIncoming;
    std::string method;
    std::string host;
    std::string path;
  };
  struct Row {
    std::int64_t duration_ns = 0;
    std::int64_t request_bytes = 0;
    std::int64_t response_bytes = 0;
    std::uint32_t endpoint = 0;  // index into endpoints
    std::uint16_t minute = 0;    // of the UTC day
    std::uint8_t status_class = 0;
  };
  Uuid project{};
  std::vector<Endpoint> endpoints;
  std::vector<Row> rows;  // oldest first
};

// kCorrupt where one of the columns is damaged.
Result<BlockTraffic> read_block_traffic(BlockReader& block);

}  // namespace apitoolkit::server::store
