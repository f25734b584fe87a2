// Arithmetic and the scalar functions. What cannot be computed is null.
#pragma once

#include <cstdint>
#include <span>

#include "src/server/query/ast.h"

namespace apitoolkit::server::query {

// Integers as long as they fit, then doubles; `/` of two integers is a double; `%` has the sign of
// the dividend. Durations add up with durations and numbers (of nanoseconds), are multiplied and
// divided by numbers, and divided by durations into numbers. A time less a time is a duration; a
// time and a duration are a time.
Value arithmetic(char op, const Value& a, const Value& b);

// The multiple of `size` at or below the value: of numbers, and of times since 1970, whose size is
// a duration or nanoseconds.
Value bin(const Value& value, const Value& size);
// The same of plain numbers; `size` > 0.
std::int64_t bin_floor(std::int64_t value, std::int64_t size);
// The size that bin_auto takes for a query over that span.
std::int64_t bin_auto_ns(std::int64_t span_ns);

// Those of one value: tofloat toint tostring tobool lower upper hour dayofweek, and round.
Value convert(Function function, const Value& value);
Value round_to(const Value& value, std::int64_t digits);

}  // namespace apitoolkit::server::query
