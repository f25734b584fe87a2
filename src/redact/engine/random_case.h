// Random paths and texts of the kind that find defects: few names, many of them escaped or
// repeated, some that hold quotes and structure; every kind of selector and filter; numbers that no
// integer holds; every kind of escape; blanks and strings that move tokens over the borders of
// blocks and chunks; nesting up to the bound, and beyond it; damage.
// For tests and fuzz targets only.
#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <string_view>

namespace apitoolkit::redact {

// A source of choices: a seed, or the bytes of a fuzzer, after which it gives the last choice.
class Random {
 public:
  explicit Random(std::uint32_t seed) : engine_(seed) {}
  explicit Random(std::span<const std::uint8_t> bytes) : bytes_(bytes), from_bytes_(true) {}

  // At least 0, less than `bound`, which is at most 256.
  std::uint32_t below(std::uint32_t bound);
  bool exhausted() const { return from_bytes_ && bytes_.empty(); }

 private:
  std::mt19937 engine_;
  std::span<const std::uint8_t> bytes_;
  bool from_bytes_ = false;
};

std::string random_path(Random& random);

// Valid JSON for the most part.
std::string random_text(Random& random);

// A JSON string of this value (valid UTF-8), with some of its characters escaped.
std::string random_string(Random& random, std::string_view value);

}  // namespace apitoolkit::redact
