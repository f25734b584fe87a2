// A query: read, printed, read again; then run over exchanges of a seed that follows from it, at
// once and in two parts that are merged, with little memory. What is refused has a place.
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz/require.h"
#include "src/server/query/run_query.h"

namespace {

using namespace apitoolkit::server::query;  // NOLINT(google-build-using-namespace)

constexpr int kExchanges = 40;

const std::vector<TestExchange>& exchanges() {
  static const auto* const all = [] {
    auto* const made = new std::vector<TestExchange>(test_data_set("shop"));
    RandomExchanges random(1);
    for (int i = 0; i < kExchanges; ++i) made->push_back(random.next());
    return made;
  }();
  return *all;
}

void check_execution(const Query& query) {
  PlanOptions options = test_options();
  options.memory_bytes_max = 1 << 20;
  const auto plan = Plan::make(query, options);
  Execution whole(plan, {});
  Execution parts[2] = {{plan, {}}, {plan, {}}};
  ExchangeSource source;
  std::size_t i = 0;
  for (const TestExchange& exchange : exchanges()) {
    source.reset(exchange.view());
    if (!whole.push(source) || !parts[i++ % 2].push(source)) return;
  }
  const bool merged = parts[0].merge(std::move(parts[1])).has_value();
  const auto a = whole.finish();
  if (!merged || !a) return;
  const auto b = parts[0].finish();
  if (b) FUZZ_REQUIRE(difference(*a, *b).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto query = parse(text);
  if (!query) {
    FUZZ_REQUIRE(query.error().at <= text.size());
    FUZZ_REQUIRE(query.error().at + query.error().width <= text.size());
    FUZZ_REQUIRE(!query.error().message.empty());
    FUZZ_REQUIRE(!point_at(query.error(), text).empty());
    FUZZ_REQUIRE(!describe(query.error(), text).empty());
    return 0;
  }
  const std::string printed = to_text(*query);
  const auto again = parse(printed);
  // Brackets and names in full may carry a text over a bound that it kept to.
  if (!again) return 0;
  FUZZ_REQUIRE(*again == *query);
  FUZZ_REQUIRE(to_text(*again) == printed);
  check_execution(*query);
  return 0;
}
