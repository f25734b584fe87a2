#include "src/json/number.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <system_error>

namespace apitoolkit::json {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::size_t skip_digits(std::string_view text, std::size_t i) {
  while (i < text.size() && is_digit(text[i])) ++i;
  return i;
}

// A literal as 0.d1d2d3… × 10^(point + exponent), where d1 is not zero; no copy is made.
class Decimal {
 public:
  explicit Decimal(std::string_view literal) {
    negative_ = !literal.empty() && literal.front() == '-';
    if (negative_) literal.remove_prefix(1);
    const std::size_t whole_end = skip_digits(literal, 0);
    whole_ = literal.substr(0, whole_end);
    literal.remove_prefix(whole_end);
    if (!literal.empty() && literal.front() == '.') {
      const std::size_t fraction_end = skip_digits(literal, 1);
      fraction_ = literal.substr(1, fraction_end - 1);
      literal.remove_prefix(fraction_end);
    }
    trim();
    if (zero()) {
      negative_ = false;
    } else if (!literal.empty()) {
      read_exponent(literal.substr(1));
    }
  }

  bool negative() const { return negative_; }
  bool zero() const { return digits() == 0; }
  std::size_t digits() const { return whole_.size() + fraction_.size(); }
  // Digit i of d1d2d3…, '0' past the last one.
  char digit(std::size_t i) const {
    if (i < whole_.size()) return whole_[i];
    i -= whole_.size();
    return i < fraction_.size() ? fraction_[i] : '0';
  }
  // Saturates at ±10^18, or near it.
  std::int64_t magnitude() const {
    constexpr std::int64_t kMax = 1'000'000'000'000'000'000;
    std::int64_t value = 0;
    for (const char c : exponent_) value = value >= kMax / 10 ? kMax : value * 10 + (c - '0');
    return point_ + (exponent_negative_ ? -value : value);
  }

  static int compare_absolute(const Decimal& a, const Decimal& b) {
    if (a.zero() || b.zero()) return static_cast<int>(b.zero()) - static_cast<int>(a.zero());
    const std::int64_t apart = a.point_ - b.point_ + exponents_apart(a, b);
    if (apart != 0) return apart < 0 ? -1 : 1;
    const std::size_t length = std::max(a.digits(), b.digits());
    for (std::size_t i = 0; i < length; ++i) {
      if (a.digit(i) != b.digit(i)) return a.digit(i) < b.digit(i) ? -1 : 1;
    }
    return 0;
  }

 private:
  // Drops the zeros that carry no value, and notes where the point stands.
  void trim() {
    while (!whole_.empty() && whole_.front() == '0') whole_.remove_prefix(1);
    point_ = static_cast<std::int64_t>(whole_.size());
    if (whole_.empty()) {
      while (!fraction_.empty() && fraction_.front() == '0') {
        fraction_.remove_prefix(1);
        --point_;
      }
    }
    while (!fraction_.empty() && fraction_.back() == '0') fraction_.remove_suffix(1);
    if (fraction_.empty()) {
      while (!whole_.empty() && whole_.back() == '0') whole_.remove_suffix(1);
    }
  }

  // What stands after the "e".
  void read_exponent(std::string_view text) {
    exponent_negative_ = text.front() == '-';
    if (exponent_negative_ || text.front() == '+') text.remove_prefix(1);
    while (!text.empty() && text.front() == '0') text.remove_prefix(1);
    exponent_ = text;
  }

  // The exponent of `a` less that of `b`, whatever their length. Stops where it is larger than any
  // number of digits that could make up for it: each further digit only makes it larger.
  static std::int64_t exponents_apart(const Decimal& a, const Decimal& b) {
    constexpr std::int64_t kFar = 100'000'000'000'000'000;
    const std::size_t length = std::max(a.exponent_.size(), b.exponent_.size());
    std::int64_t apart = 0;
    for (std::size_t left = length; left > 0 && apart > -kFar && apart < kFar; --left) {
      apart = apart * 10 + a.exponent_digit(left) - b.exponent_digit(left);
    }
    return apart;
  }

  // With its sign; counted from the end, which is 1.
  std::int64_t exponent_digit(std::size_t from_end) const {
    if (from_end > exponent_.size()) return 0;
    const std::int64_t digit = exponent_[exponent_.size() - from_end] - '0';
    return exponent_negative_ ? -digit : digit;
  }

  bool negative_ = false;
  std::string_view whole_;
  std::string_view fraction_;
  std::int64_t point_ = 0;     // its place, without the exponent
  std::string_view exponent_;  // its digits, without leading zeros
  bool exponent_negative_ = false;
};

}  // namespace

std::size_t number_length(std::string_view text, std::size_t i) {
  const std::size_t begin = i;
  const auto at = [&](std::size_t k) { return k < text.size() ? text[k] : '\0'; };
  if (at(i) == '-') ++i;
  if (at(i) == '0') {
    ++i;
  } else {
    if (!is_digit(at(i))) return 0;
    i = skip_digits(text, i);
  }
  if (at(i) == '.') {
    if (!is_digit(at(i + 1))) return 0;
    i = skip_digits(text, i + 1);
  }
  if (at(i) == 'e' || at(i) == 'E') {
    ++i;
    if (at(i) == '+' || at(i) == '-') ++i;
    if (!is_digit(at(i))) return 0;
    i = skip_digits(text, i);
  }
  return i - begin;
}

int compare_numbers(std::string_view a, std::string_view b) {
  const Decimal left(a);
  const Decimal right(b);
  if (left.negative() != right.negative()) return left.negative() ? -1 : 1;
  const int order = Decimal::compare_absolute(left, right);
  return left.negative() ? -order : order;
}

std::optional<std::int64_t> to_int64(std::string_view number) {
  if (number_length(number, 0) != number.size() || number.empty()) return std::nullopt;
  const Decimal decimal(number);
  if (decimal.zero()) return 0;
  // No more digits than stand before the point, and at most the 19 of 2^63.
  if (decimal.magnitude() < static_cast<std::int64_t>(decimal.digits()) ||
      decimal.magnitude() > 19) {
    return std::nullopt;
  }
  std::uint64_t value = 0;  // below 10^19, which 64 bits hold
  for (std::int64_t i = 0; i < decimal.magnitude(); ++i) {
    value =
        value * 10 + static_cast<std::uint64_t>(decimal.digit(static_cast<std::size_t>(i)) - '0');
  }
  constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
  if (value > kMax + (decimal.negative() ? 1 : 0)) return std::nullopt;
  return static_cast<std::int64_t>(decimal.negative() ? 0 - value : value);
}

double to_double(std::string_view number) {
  double value = 0;
  const auto result = std::from_chars(number.data(), number.data() + number.size(), value);
  if (result.ec != std::errc::result_out_of_range) return value;
  const bool negative = !number.empty() && number.front() == '-';
  const double size = Decimal(number).magnitude() > 0 ? std::numeric_limits<double>::infinity() : 0;
  return negative ? -size : size;
}

}  // namespace apitoolkit::json
