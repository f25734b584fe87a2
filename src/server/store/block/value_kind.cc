#include "src/server/store/block/value_kind.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>

namespace apitoolkit::server::store {
namespace {

constexpr std::size_t kDigitsMax = 18;  // of a number of 64 bits, whatever they are
constexpr std::size_t kHexDigitsMin = 16;
constexpr std::size_t kHexDigitsMax = 2 * kIdBytesMax;
constexpr std::size_t kUuidDigits = 36;
constexpr std::size_t kSecondsText = 19;  // "2026-01-02T03:04:05"
constexpr std::size_t kFractionDigitsMax = 9;
// The detail of a time: digits of the second's fraction, how the text ends, whether there is a
// space for the T.
constexpr std::uint8_t kDigitsMask = 15;
constexpr int kEndShift = 4;
constexpr std::uint8_t kEndMask = 3;
constexpr std::string_view kEnds[] = {"Z", "+00:00", "", ""};
constexpr std::uint8_t kSpace = 64;
constexpr int kYearMin = 1970;  // with which nanoseconds stay within 64 bits
constexpr int kYearMax = 2199;
constexpr std::int64_t kDayS = 86'400;
constexpr std::string_view kWords[] = {"false", "true", "null"};

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// 0 to 15, or 16 for what is no lower-case digit.
constexpr std::array<std::uint8_t, 256> kHexValues = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(16);
  for (std::uint8_t i = 0; i < 10; ++i) values[std::size_t{'0'} + i] = i;
  for (std::uint8_t i = 0; i < 6; ++i) {
    values[std::size_t{'a'} + i] = static_cast<std::uint8_t>(10 + i);
  }
  return values;
}();

bool take_uuid(std::string_view text, char* bytes) {
  if (text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-') return false;
  return take_hex(text.substr(0, 8), bytes) && take_hex(text.substr(9, 4), bytes + 4) &&
         take_hex(text.substr(14, 4), bytes + 6) && take_hex(text.substr(19, 4), bytes + 8) &&
         take_hex(text.substr(24, 12), bytes + 10);
}

// Of digits only, else nullopt.
std::optional<std::int64_t> digits_value(std::string_view digits) {
  std::int64_t value = 0;
  for (const char c : digits) {
    if (!is_digit(c)) return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

std::int64_t power_of_ten(std::size_t digits) {
  std::int64_t power = 1;
  for (std::size_t i = 0; i < digits; ++i) power *= 10;
  return power;
}

std::optional<TypedValue> time_of(std::string_view text) {
  if (text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != ' ') || text[13] != ':' ||
      text[16] != ':') {
    return std::nullopt;
  }
  std::size_t digits = 0;
  std::string_view end = text.substr(kSecondsText);
  if (end.size() > 1 && end[0] == '.') {
    while (digits + 1 < end.size() && is_digit(end[digits + 1])) ++digits;
    if (digits == 0 || digits > kFractionDigitsMax) return std::nullopt;
    end.remove_prefix(digits + 1);
  }
  const auto ending = static_cast<std::size_t>(std::find(kEnds, kEnds + 3, end) - kEnds);
  if (ending == 3) return std::nullopt;
  const auto part = [&](std::size_t at, std::size_t size) {
    return digits_value(text.substr(at, size)).value_or(-1);
  };
  const std::int64_t year = part(0, 4);
  const std::int64_t month = part(5, 2);
  const std::int64_t day = part(8, 2);
  const std::int64_t hour = part(11, 2);
  const std::int64_t minute = part(14, 2);
  const std::int64_t second = part(17, 2);
  const std::int64_t behind = part(digits == 0 ? 0 : kSecondsText + 1, digits);
  if (year < kYearMin || year > kYearMax || month < 1 || day < 1 || hour < 0 || hour > 23 ||
      minute < 0 || minute > 59 || second < 0 || second > 59 || behind < 0) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  const std::int64_t seconds = days * kDayS + hour * 3600 + minute * 60 + second;
  return TypedValue{ValueKind::kTime,
                    static_cast<std::uint8_t>(digits),
                    seconds * power_of_ten(digits) + behind,
                    {}};
}

void append_digits(std::int64_t value, std::size_t width, std::string& out) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  const auto size = static_cast<std::size_t>(end - digits);
  if (size < width) out.append(width - size, '0');
  out.append(digits, size);
}

void append_time(std::uint8_t detail, std::int64_t number, std::string& out) {
  const std::size_t digits = std::min<std::size_t>(detail & kDigitsMask, kFractionDigitsMax);
  const std::int64_t unit = power_of_ten(digits);
  std::int64_t seconds = number / unit;
  std::int64_t behind = number % unit;
  if (behind < 0) {
    behind += unit;
    --seconds;
  }
  std::int64_t days = seconds / kDayS;
  std::int64_t second = seconds % kDayS;
  if (second < 0) {
    second += kDayS;
    --days;
  }
  constexpr std::int64_t kDaysMax = 10'000'000;  // of the calendar below
  days = std::clamp(days, -kDaysMax, kDaysMax);
  const std::chrono::year_month_day date{
      std::chrono::sys_days(std::chrono::days(static_cast<int>(days)))};
  append_digits(static_cast<int>(date.year()), 4, out);
  out += '-';
  append_digits(static_cast<unsigned>(date.month()), 2, out);
  out += '-';
  append_digits(static_cast<unsigned>(date.day()), 2, out);
  out += (detail & kSpace) != 0 ? ' ' : 'T';
  append_digits(second / 3600, 2, out);
  out += ':';
  append_digits(second / 60 % 60, 2, out);
  out += ':';
  append_digits(second % 60, 2, out);
  if (digits != 0) {
    out += '.';
    append_digits(behind, digits, out);
  }
  out += kEnds[detail >> kEndShift & kEndMask];
}

}  // namespace

bool take_hex(std::string_view digits, char* bytes) {
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    const unsigned high = kHexValues[static_cast<std::uint8_t>(digits[i])];
    const unsigned low = kHexValues[static_cast<std::uint8_t>(digits[i + 1])];
    if ((high | low) > 15) return false;
    *bytes++ = static_cast<char>(high << 4 | low);
  }
  return true;
}

void append_hex(std::string_view bytes, std::string& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const char byte : bytes) {
    out += kDigits[static_cast<std::uint8_t>(byte) >> 4];
    out += kDigits[static_cast<std::uint8_t>(byte) & 15];
  }
}

TypedValue type_of_number(std::string_view text) {
  const TypedValue as_text{ValueKind::kText, 0, 0, text};
  std::string_view rest = text;
  const bool negative = !rest.empty() && rest[0] == '-';
  if (negative) rest.remove_prefix(1);
  if (rest.empty() || rest.size() > kDigitsMax + 1) return as_text;
  std::uint64_t digits = 0;  // of one more than is taken for a number
  std::size_t point = rest.size();
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (rest[i] == '.' && point == rest.size()) {
      point = i;
      continue;
    }
    if (!is_digit(rest[i])) return as_text;
    digits = digits * 10 + static_cast<std::uint64_t>(rest[i] - '0');
  }
  const std::size_t behind = point == rest.size() ? 0 : rest.size() - point - 1;
  const bool ends_in_point = point + 1 == rest.size();
  if (point == 0 || ends_in_point || (rest[0] == '0' && point > 1) ||
      rest.size() - (behind > 0 ? 1 : 0) > kDigitsMax || (negative && digits == 0)) {
    return as_text;
  }
  const auto value = static_cast<std::int64_t>(digits);
  return {behind == 0 ? ValueKind::kInteger : ValueKind::kDecimal,
          static_cast<std::uint8_t>(behind),
          negative ? -value : value,
          {}};
}

TypedValue type_of(std::string_view text, IdBytes& id) {
  const TypedValue as_text{ValueKind::kText, 0, 0, text};
  if (text.empty()) return as_text;
  if (is_digit(text[0]) || text[0] == '-') {
    const TypedValue number = type_of_number(text);
    if (number.kind != ValueKind::kText) return number;
  }
  if (kHexValues[static_cast<std::uint8_t>(text[0])] > 15) return as_text;
  if (text.size() == kUuidDigits && text[8] == '-') {
    if (!take_uuid(text, id.data())) return as_text;
    return {ValueKind::kUuid, 0, 0, {id.data(), 16}};
  }
  if (text.size() >= kSecondsText && text[4] == '-') return time_of(text).value_or(as_text);
  if (text.size() >= kHexDigitsMin && text.size() <= kHexDigitsMax && text.size() % 2 == 0 &&
      take_hex(text, id.data())) {
    return {ValueKind::kHex,
            static_cast<std::uint8_t>(text.size() / 2),
            0,
            {id.data(), text.size() / 2}};
  }
  return as_text;
}

void append_number_text(ValueKind kind, std::uint8_t detail, std::int64_t number,
                        std::string& out) {
  switch (kind) {
    case ValueKind::kWord:
      out += kWords[static_cast<std::uint64_t>(number) % std::size(kWords)];
      return;
    case ValueKind::kTime:
      append_time(detail, number, out);
      return;
    case ValueKind::kDecimal: {
      if (number < 0) out += '-';
      const std::size_t begin = out.size();
      const std::uint64_t size =
          number < 0 ? ~static_cast<std::uint64_t>(number) + 1 : static_cast<std::uint64_t>(number);
      std::string digits = std::to_string(size);
      if (digits.size() <= detail) digits.insert(0, detail + 1 - digits.size(), '0');
      out += digits;
      out.insert(begin + digits.size() - detail, 1, '.');
      return;
    }
    default:
      append_digits(number, 1, out);
  }
}

void append_id_text(ValueKind kind, std::string_view bytes, std::string& out) {
  if (kind != ValueKind::kUuid || bytes.size() != 16) return append_hex(bytes, out);
  append_hex(bytes.substr(0, 4), out);
  for (const std::size_t at : {4, 6, 8}) {
    out += '-';
    append_hex(bytes.substr(at, 2), out);
  }
  out += '-';
  append_hex(bytes.substr(10), out);
}

}  // namespace apitoolkit::server::store
