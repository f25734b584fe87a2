// What can stand beside a field, for whoever offers completions: the operators that can hold, and
// the units that a literal may carry.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "src/server/query/fields.h"
#include "src/server/query/value.h"

namespace apitoolkit::server::query {

// As they are written, the most usual first. For kNull, which depends on what was sent, all.
std::span<const std::string_view> operators_for(ValueType type);

// Of a field itself, without a path: those of times or of sizes, the smallest first; else none.
std::span<const std::string_view> units_for(FieldId field);

// The value as a literal that the language reads; not for lists.
std::string literal_text(const Value& value);

}  // namespace apitoolkit::server::query
