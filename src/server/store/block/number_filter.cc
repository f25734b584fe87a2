#include "src/server/store/block/number_filter.h"

#include <algorithm>
#include <vector>

#include "src/server/store/block/bloom_filter.h"

namespace apitoolkit::server::store {

std::int64_t whole_part(std::int64_t number, ValueKind kind, std::uint8_t detail) {
  for (int i = 0; kind == ValueKind::kDecimal && i < detail; ++i) number /= 10;
  return number < 0 ? -number : number;
}

std::string encode_number_filter(const ValueStreamsWriter& values, bool may_have_others) {
  std::vector<std::int64_t> keys;
  for (std::uint32_t stream = 0; stream < values.count(); ++stream) {
    const StreamHead& head = values.head(stream);
    if (head.kind != ValueKind::kInteger && head.kind != ValueKind::kDecimal) continue;
    for (const std::int64_t number : values.numbers(stream)) {
      const bool is_long = number >= kPlainNumberMax || number <= -kPlainNumberMax;
      may_have_others = may_have_others || (is_long && head.kind == ValueKind::kDecimal);
      if (is_long) continue;
      const std::int64_t whole = whole_part(number, head.kind, head.detail);
      if (whole >= kFilteredNumberMin) keys.push_back(whole);
    }
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  BloomFilter filter(keys.size());
  for (const std::int64_t key : keys) filter.add(number_hash(key));
  return static_cast<char>(may_have_others ? 1 : 0) + filter.bytes();
}

bool may_hold_number(std::string_view filter, std::int64_t whole_part) {
  if (whole_part < kFilteredNumberMin || filter.empty() || filter[0] != 0) return true;
  return BloomFilter::may_hold(filter.substr(1), number_hash(whole_part));
}

}  // namespace apitoolkit::server::store
