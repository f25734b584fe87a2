#include "src/json/simd_level.h"

#include <cstdlib>

namespace apitoolkit::json {
namespace {

SimdLevel choose() {
  constexpr SimdLevel kBestFirst[] = {SimdLevel::kAvx512, SimdLevel::kAvx2, SimdLevel::kPortable};
  // Read once, at the first scan; nothing of ours writes the environment.
  const char* wanted = std::getenv("APITOOLKIT_SIMD");  // NOLINT(concurrency-mt-unsafe)
  if (wanted != nullptr) {
    for (const SimdLevel level : kBestFirst) {
      if (to_string(level) == wanted && simd_level_supported(level)) return level;
    }
  }
  for (const SimdLevel level : kBestFirst) {
    if (simd_level_supported(level)) return level;
  }
  return SimdLevel::kPortable;
}

}  // namespace

bool simd_level_supported(SimdLevel level) {
#if defined(__x86_64__)
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("pclmul") &&
                    __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
                    __builtin_cpu_supports("popcnt");
  switch (level) {
    case SimdLevel::kPortable:
      return true;
    case SimdLevel::kAvx2:
      return avx2;
    case SimdLevel::kAvx512:
      return avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
             __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2");
  }
#endif
  return level == SimdLevel::kPortable;
}

SimdLevel simd_level() {
  static const SimdLevel level = choose();
  return level;
}

std::string_view to_string(SimdLevel level) {
  switch (level) {
    case SimdLevel::kPortable:
      return "portable";
    case SimdLevel::kAvx2:
      return "avx2";
    case SimdLevel::kAvx512:
      return "avx512";
  }
  return "portable";
}

}  // namespace apitoolkit::json
