#include "src/server/store/rollup/block_traffic.h"

#include <array>
#include <optional>
#include <unordered_map>

#include "src/server/store/calendar_day.h"
#include "src/server/store/traffic.h"

namespace apitoolkit::server::store {
namespace {

// Numbers the combinations of codes in the order in which they come.
class Endpoints {
 public:
  Endpoints(const Texts& methods, const Texts& hosts, const Texts& paths, BlockTraffic& traffic)
      : methods_(methods), hosts_(hosts), paths_(paths), traffic_(traffic) {}

  std::uint32_t of(std::size_t row, bool outgoing) {
    std::uint64_t key = methods_.codes()[row];
    key = key * hosts_.distinct() + hosts_.codes()[row];
    key = key * paths_.distinct() + paths_.codes()[row];
    key = key * 2 + (outgoing ? 1 : 0);
    const auto [found, is_new] =
        numbers_.try_emplace(key, static_cast<std::uint32_t>(traffic_.endpoints.size()));
    if (is_new) {
      traffic_.endpoints.push_back({outgoing ? Direction::kOutgoing : Direction::kIncoming,
                                    std::string(methods_.at(row)), std::string(hosts_.at(row)),
                                    std::string(paths_.at(row))});
    }
    return found->second;
  }

 private:
  const Texts& methods_;
  const Texts& hosts_;
  const Texts& paths_;
  BlockTraffic& traffic_;
  std::unordered_map<std::uint64_t, std::uint32_t> numbers_;
};

}  // namespace

Result<BlockTraffic> read_block_traffic(BlockReader& block) {
  constexpr std::array kNumbers{NumberColumn::kStart,        NumberColumn::kDuration,
                                NumberColumn::kStatus,       NumberColumn::kRequestSize,
                                NumberColumn::kResponseSize, NumberColumn::kFlags};
  constexpr std::array kTexts{TextColumn::kMethod, TextColumn::kHost, TextColumn::kUrlPath};
  std::array<std::span<const std::int64_t>, kNumbers.size()> numbers;
  for (std::size_t i = 0; i < kNumbers.size(); ++i) {
    const auto column = block.numbers(kNumbers[i]);
    if (!column) return tl::unexpected(column.error());
    numbers[i] = *column;
  }
  std::array<const Texts*, kTexts.size()> texts{};
  for (std::size_t i = 0; i < kTexts.size(); ++i) {
    const Result<const Texts*> column = block.texts(kTexts[i]);
    if (!column) return tl::unexpected(column.error());
    texts[i] = *column;
  }
  const auto& [starts, durations, statuses, request_sizes, response_sizes, flags] = numbers;
  BlockTraffic traffic;
  traffic.project = block.header().project;
  traffic.rows.reserve(block.rows());
  Endpoints endpoints(*texts[0], *texts[1], *texts[2], traffic);
  for (std::size_t row = 0; row < block.rows(); ++row) {
    const bool outgoing = (flags[row] & kFlagOutgoing) != 0;
    traffic.rows.push_back(
        {durations[row], counted_bytes(request_sizes[row]), counted_bytes(response_sizes[row]),
         endpoints.of(row, outgoing),
         static_cast<std::uint16_t>(time_of_day_ns(starts[row]) / kTrafficStepNs),
         static_cast<std::uint8_t>(status_class(statuses[row]))});
  }
  return traffic;
}

}  // namespace apitoolkit::server::store
