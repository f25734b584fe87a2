// A value of the query language: of a literal, a field of an exchange, a cell of an answer.
//
// Durations are numbers (of nanoseconds) with a unit for display: they compare with integers and
// doubles, and so does nothing else across types. A list is what a path with several ends reaches
// (`errors[*].message`, a repeated header, `tags`); a container of a body is JSON text.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/json/writer.h"

namespace apitoolkit::server::query {

// In the order in which values of different types are sorted; the three numbers are one type there.
enum class ValueType : std::uint8_t {
  kNull,
  kBool,
  kInteger,   // 64 bits
  kDouble,    // never NaN
  kDuration,  // nanoseconds
  kTime,      // Unix time in nanoseconds
  kText,      // bytes, UTF-8 as a rule
  kJson,      // the text of one JSON object or array, as it was sent
  kList,
};

// "null", "bool", "integer", "double", "duration", "time", "text", "json", "list".
std::string_view to_string(ValueType type);

// Immutable but for assignment; copies of a list share it.
class Value {
 public:
  using List = std::vector<Value>;

  Value() = default;
  static Value boolean(bool value) { return Value(ValueType::kBool, value ? 1 : 0); }
  static Value integer(std::int64_t value) { return Value(ValueType::kInteger, value); }
  static Value real(double value);  // null where it is not a number
  static Value duration(std::int64_t ns) { return Value(ValueType::kDuration, ns); }
  static Value time(std::int64_t unix_ns) { return Value(ValueType::kTime, unix_ns); }
  static Value text(std::string value) { return Value(ValueType::kText, std::move(value)); }
  // `text` must be one object or array.
  static Value json(std::string text) { return Value(ValueType::kJson, std::move(text)); }
  static Value list(List values);

  ValueType type() const { return type_; }
  bool is_null() const { return type_ == ValueType::kNull; }
  bool is_number() const {
    return type_ == ValueType::kInteger || type_ == ValueType::kDouble ||
           type_ == ValueType::kDuration;
  }
  bool is_text() const { return type_ == ValueType::kText; }
  bool is_list() const { return type_ == ValueType::kList; }

  // Each for its type; asserted.
  bool as_bool() const;
  std::int64_t as_int() const;         // kInteger, kDuration and kTime
  double as_double() const;            // of any number
  const std::string& as_text() const;  // kText and kJson
  const List& as_list() const;

  // Bytes of memory, its own included.
  std::int64_t memory_bytes() const;

  // The same type and content: 1 and 1.0 differ.
  friend bool operator==(const Value& a, const Value& b);

 private:
  Value(ValueType type, std::int64_t number) : type_(type), number_(number) {}
  Value(ValueType type, std::string text) : type_(type), text_(std::move(text)) {}

  ValueType type_ = ValueType::kNull;
  std::int64_t number_ = 0;  // a double by its bits
  std::string text_;
  std::shared_ptr<const List> list_;  // shared, because rows are copied from stage to stage
};

// The order of two values that can be compared: two numbers (exactly, also an integer with a
// double), two times, a time with a text that is one (RFC 3339, or its date alone), two texts (by
// their bytes), two bools, two JSON texts, null with null. Nothing across types. Lists: see
// evaluate.h.
std::optional<std::strong_ordering> compare(const Value& a, const Value& b);

// A total order for `sort by` and groups: by type as ValueType lists them, then as compare() says;
// equal numbers of different types by type.
std::strong_ordering order(const Value& a, const Value& b);

// Unix nanoseconds of RFC 3339, or of a date alone ("2026-01-31", midnight UTC).
std::optional<std::int64_t> read_time(std::string_view text);

// -1, 0, 1, exactly. `b` may be infinite and must not be NaN.
std::strong_ordering compare_numbers(std::int64_t a, double b);

// As JSON: durations as integers of nanoseconds, times as RFC 3339, doubles that are infinite as
// null.
void write_json(const Value& value, json::Writer& writer);

// For people and strcat: null is empty, text is itself, a duration is "1m30s", the rest is as JSON.
std::string to_text(const Value& value);

// "1d2h30m", "200ms", "0s", "-5s": what the language reads as the same duration.
std::string format_duration(std::int64_t ns);

}  // namespace apitoolkit::server::query
