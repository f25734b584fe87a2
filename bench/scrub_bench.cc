// What the value scrubber costs: API-style text without a value, beside memchr over the same bytes
// in the same run, for each vector level; and text with values. The ratio to memchr is what counts.
#include <benchmark/benchmark.h>

#include <cstring>
#include <random>
#include <string>

#include "src/redact/scrub.h"
#include "src/redact/scrub_finder.h"
#include "src/redact/scrub_reference.h"

namespace apitoolkit::redact {
namespace {

// Objects as APIs return them: ids, times, prices, prose. With `values`, one in ten objects holds
// an email address and a card number.
std::string api_text(std::size_t bytes, bool values) {
  std::mt19937 random(1);
  const auto number = [&](unsigned below) { return std::to_string(random() % below); };
  const auto hex = [&](int digits) {
    std::string text;
    for (int i = 0; i < digits; ++i) text += "0123456789abcdef"[random() % 16];
    return text;
  };
  static const std::string kProse =
      "the parcel was left with a neighbour because nobody was at home when we came by; they "
      "signed "
      "for it, and the new key to the gate is under the mat. Please review the order and tell us "
      "whether all of the items arrived in good shape, so that we can close the case before the "
      "end "
      "of the week. Best regards from the whole team ";
  const auto prose = [&](std::size_t length) {
    return kProse.substr(random() % (kProse.size() - length), length);
  };
  std::string text = "[";
  for (int i = 0; text.size() < bytes; ++i) {
    text += R"({"id":)" + number(100'000'000) + R"(,"uuid":")" + hex(8) + '-' + hex(4) + '-' +
            hex(4) + '-' + hex(4) + '-' + hex(12) + R"(","created_at":"2026-05-01T12:)" +
            number(60) + ":07Z\",\"price\":" + number(1000) + '.' + number(100) + R"(,"title":")" +
            prose(4) + R"(","text":")" + prose(25) + R"(","active":true,"url":)" +
            R"("https://api.example.com/v1/orders/)" + number(100'000) + R"("},)";
    if (values && i % 10 == 0) {
      text += R"({"mail":"user)" + number(1000) + R"(@example.com","card":"4111 1111 1111 1111"},)";
    }
  }
  text.resize(bytes);
  return text;
}

void memchr_absent(benchmark::State& state) {
  const std::string text = api_text(static_cast<std::size_t>(state.range(0)), false);
  for (auto _ : state) {
    benchmark::DoNotOptimize(std::memchr(text.data(), '\x01', text.size()));
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

void find_nothing(benchmark::State& state, DetectorSet detectors, json::SimdLevel level) {
  if (!json::simd_level_supported(level)) return state.SkipWithError("not on this machine");
  const std::string text = api_text(static_cast<std::size_t>(state.range(0)), false);
  std::vector<Span> spans;
  for (auto _ : state) {
    if (find_values(detectors, text, spans, level)) state.SkipWithError("found something");
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

DetectorSet only(Detector detector) {
  DetectorSet set;
  set.add(detector);
  return set;
}

void scrub_json(benchmark::State& state, bool values) {
  const std::string text = api_text(static_cast<std::size_t>(state.range(0)), values);
  const Scrubber scrubber(all_detectors());
  std::string out;
  for (auto _ : state) benchmark::DoNotOptimize(scrubber.scrub_json(text, out));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

constexpr std::int64_t kSmall = 1 << 10;
constexpr std::int64_t kLarge = 1 << 20;

BENCHMARK(memchr_absent)->Arg(kSmall)->Arg(kLarge);
BENCHMARK_CAPTURE(find_nothing, all_avx512, all_detectors(), json::SimdLevel::kAvx512)
    ->Arg(kSmall)
    ->Arg(kLarge);
BENCHMARK_CAPTURE(find_nothing, all_avx2, all_detectors(), json::SimdLevel::kAvx2)
    ->Arg(kSmall)
    ->Arg(kLarge);
BENCHMARK_CAPTURE(find_nothing, all_portable, all_detectors(), json::SimdLevel::kPortable)
    ->Arg(kSmall)
    ->Arg(kLarge);
BENCHMARK_CAPTURE(find_nothing, credit_card, only(Detector::kCreditCard), json::simd_level())
    ->Arg(kLarge);
BENCHMARK_CAPTURE(find_nothing, jwt, only(Detector::kJwt), json::simd_level())->Arg(kLarge);
BENCHMARK_CAPTURE(find_nothing, email, only(Detector::kEmail), json::simd_level())->Arg(kLarge);
BENCHMARK_CAPTURE(find_nothing, iban, only(Detector::kIban), json::simd_level())->Arg(kLarge);
BENCHMARK_CAPTURE(find_nothing, ssn, only(Detector::kSsn), json::simd_level())->Arg(kLarge);
BENCHMARK_CAPTURE(find_nothing, bearer, only(Detector::kBearer), json::simd_level())->Arg(kLarge);
BENCHMARK_CAPTURE(scrub_json, nothing, false)->Arg(kSmall)->Arg(kLarge);
BENCHMARK_CAPTURE(scrub_json, values, true)->Arg(kSmall)->Arg(kLarge);

}  // namespace
}  // namespace apitoolkit::redact

BENCHMARK_MAIN();
