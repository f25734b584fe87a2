#include "python/ext/exchange_id.h"

#include <array>
#include <span>

#include "python/ext/client.h"
#include "src/base/uuid.h"

namespace apitoolkit::python {
namespace {

constexpr std::size_t kIds = 64;  // asked for at once

struct RandomBits {
  std::array<std::array<std::uint8_t, base::kUuidV7RandomBytes>, kIds> bytes;
  std::size_t used = kIds;
  std::uint64_t generation = 0;  // the fork_generation() that asked for them
};
constinit RandomBits bits{};

}  // namespace

Uuid next_exchange_id(std::int64_t unix_ns) {
  if (bits.used == kIds || bits.generation != fork_generation()) {
    base::fill_random(bits.bytes.data(), sizeof bits.bytes);
    bits.generation = fork_generation();
    bits.used = 0;
  }
  return base::make_uuid_v7(unix_ns, bits.bytes[bits.used++]);
}

}  // namespace apitoolkit::python
