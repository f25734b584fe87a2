#include "src/redact/engine/reference_number.h"

#include <algorithm>
#include <string>

namespace apitoolkit::redact::reference {
namespace {

// An integer of any length. `digits` has no leading zeros; that of zero is empty, and not negative.
struct Integer {
  bool negative = false;
  std::string digits;
};

Integer integer(bool negative, std::string digits) {
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  return {negative && !digits.empty(), std::move(digits)};
}

int compare_digits(const std::string& a, const std::string& b) {
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return a == b ? 0 : a < b ? -1 : 1;
}

int compare(const Integer& a, const Integer& b) {
  if (a.negative != b.negative) return a.negative ? -1 : 1;
  return a.negative ? compare_digits(b.digits, a.digits) : compare_digits(a.digits, b.digits);
}

// Digits of large + small, or of large - small.
std::string column_by_column(const std::string& large, const std::string& small, bool subtract) {
  std::string out;
  int carry = 0;
  for (std::size_t i = 0; i < large.size(); ++i) {
    const int x = large[large.size() - 1 - i] - '0';
    const int y = i < small.size() ? small[small.size() - 1 - i] - '0' : 0;
    const int column = subtract ? x - y - carry : x + y + carry;
    carry = subtract ? (column < 0 ? 1 : 0) : column / 10;
    out.insert(out.begin(), static_cast<char>('0' + (column + 10) % 10));
  }
  if (!subtract && carry != 0) out.insert(out.begin(), '1');
  return out;
}

Integer add(const Integer& a, const Integer& b) {
  const bool a_larger = compare_digits(a.digits, b.digits) >= 0;
  const Integer& large = a_larger ? a : b;
  const Integer& small = a_larger ? b : a;
  return integer(large.negative,
                 column_by_column(large.digits, small.digits, a.negative != b.negative));
}

// 0.digits × 10^exponent, where the first digit is not zero; without digits, zero.
struct Number {
  bool negative = false;
  std::string digits;
  Integer exponent;
};

Number parse(std::string_view text) {
  Number number;
  number.negative = text.front() == '-';
  if (number.negative) text.remove_prefix(1);
  const std::size_t e = std::min(text.find_first_of("eE"), text.size());
  std::string_view exponent = text.substr(std::min(e + 1, text.size()));
  const std::string_view mantissa = text.substr(0, e);
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  number.digits = mantissa.substr(0, point);
  if (point < mantissa.size()) number.digits += mantissa.substr(point + 1);
  const bool negative = !exponent.empty() && exponent.front() == '-';
  if (!exponent.empty() && (negative || exponent.front() == '+')) exponent.remove_prefix(1);
  const std::size_t zeros = std::min(number.digits.find_first_not_of('0'), number.digits.size());
  number.exponent =
      add(integer(negative, std::string(exponent)),
          add(integer(false, std::to_string(point)), integer(true, std::to_string(zeros))));
  number.digits.erase(0, zeros);
  while (!number.digits.empty() && number.digits.back() == '0') number.digits.pop_back();
  if (number.digits.empty()) number = Number();
  return number;
}

int compare_sizes(const Number& a, const Number& b) {
  if (a.digits.empty() || b.digits.empty()) {
    return static_cast<int>(b.digits.empty()) - static_cast<int>(a.digits.empty());
  }
  if (const int order = compare(a.exponent, b.exponent); order != 0) return order;
  // As fractions: a shorter one that begins the longer one is less, as std::string has it.
  return a.digits == b.digits ? 0 : a.digits < b.digits ? -1 : 1;
}

}  // namespace

int compare_numbers(std::string_view a, std::string_view b) {
  const Number left = parse(a);
  const Number right = parse(b);
  if (left.negative != right.negative) return left.negative ? -1 : 1;
  return left.negative ? compare_sizes(right, left) : compare_sizes(left, right);
}

}  // namespace apitoolkit::redact::reference
