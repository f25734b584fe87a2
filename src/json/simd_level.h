// Which vector instructions the scan uses. The three levels give identical results; only their
// speed differs.
#pragma once

#include <cstdint>
#include <string_view>

namespace apitoolkit::json {

enum class SimdLevel : std::uint8_t {
  kPortable,  // 64-bit words, any processor
  kAvx2,      // with PCLMUL, BMI and BMI2: Haswell, Zen and later
  kAvx512,    // with BW, VBMI and VBMI2: Ice Lake, Zen 4 and later
};

// Whether this machine, and this build, can run that level.
bool simd_level_supported(SimdLevel level);

// The best supported level. APITOOLKIT_SIMD=portable|avx2|avx512 lowers it for a process; a value
// that names no supported level is ignored. Read once.
SimdLevel simd_level();

std::string_view to_string(SimdLevel level);

}  // namespace apitoolkit::json
