#include "src/server/ingest/otlp_twins.h"

#include <functional>
#include <string_view>

#include "src/base/limits.h"
#include "src/wire/otlp_decode.h"

namespace apitoolkit::server::ingest {
namespace {

// The two ways in which a SERVER span is known: by its own id, as the parent of the SDK's span, and
// by the caller's span, as its sibling.
enum class Relation : std::uint8_t { kParent = 1, kSibling = 2 };

// Never 0, which is an empty place.
std::uint64_t hash_of(Relation relation, const Uuid& project, const Exchange& exchange,
                      std::string_view span_id) {
  std::uint64_t hash = static_cast<std::uint64_t>(relation);
  const auto mix = [&](std::string_view text) {
    hash = (hash ^ std::hash<std::string_view>()(text)) * 0x9E37'79B9'7F4A'7C15;
    hash ^= hash >> 32;
  };
  mix({reinterpret_cast<const char*>(project.data()), project.size()});
  mix(exchange.service_name);
  mix(exchange.trace_id);
  mix(span_id);
  if (relation == Relation::kSibling) {
    mix(exchange.method);
    mix(std::string_view(exchange.raw_url).substr(0, exchange.raw_url.find('?')));
  }
  return hash | 1U << 31;
}

}  // namespace

OtlpTwins::~OtlpTwins() {
  delete memory_.load();
}

std::size_t OtlpTwins::drop(const Uuid& project, std::vector<Exchange>& exchanges) {
  constexpr std::size_t kPlaces = limits::kOtlpTwinsRemembered;
  static_assert((kPlaces & (kPlaces - 1)) == 0);
  const auto is_told_by_sdk = [](const Exchange& exchange) {
    return exchange.direction == Direction::kIncoming && !exchange.trace_id.empty() &&
           exchange.sdk_type != wire::kOpenTelemetry;
  };
  const auto place = [](Memory& memory, std::uint64_t hash) -> std::atomic<std::uint64_t>& {
    return memory[hash % kPlaces];
  };
  for (const Exchange& exchange : exchanges) {
    if (!is_told_by_sdk(exchange) || exchange.parent_span_id.empty()) continue;
    Memory* memory = memory_.load();
    if (memory == nullptr) {
      auto fresh = std::make_unique<Memory>(kPlaces);
      if (memory_.compare_exchange_strong(memory, fresh.get())) memory = fresh.release();
    }
    for (const Relation relation : {Relation::kParent, Relation::kSibling}) {
      const std::uint64_t hash = hash_of(relation, project, exchange, exchange.parent_span_id);
      place(*memory, hash).store(hash, std::memory_order_relaxed);
    }
  }
  Memory* const memory = memory_.load();
  if (memory == nullptr) return 0;
  const auto is_known = [&](Relation relation, const Exchange& exchange, std::string_view span_id) {
    if (span_id.empty()) return false;
    const std::uint64_t hash = hash_of(relation, project, exchange, span_id);
    return place(*memory, hash).load(std::memory_order_relaxed) == hash;
  };
  return std::erase_if(exchanges, [&](const Exchange& exchange) {
    return exchange.direction == Direction::kIncoming && !exchange.trace_id.empty() &&
           exchange.sdk_type == wire::kOpenTelemetry &&
           (is_known(Relation::kParent, exchange, exchange.span_id) ||
            is_known(Relation::kSibling, exchange, exchange.parent_span_id));
  });
}

}  // namespace apitoolkit::server::ingest
