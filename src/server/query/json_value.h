// Values out of JSON, by a path.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "src/json/document.h"
#include "src/server/query/ast.h"

namespace apitoolkit::server::query {

// Node i as a value: containers as their own text, numbers as integers where they are and fit, else
// as the nearest double.
Value value_of(const json::Document& document, std::uint32_t i);

// What the steps lead to from node i: null if nothing; a list if a step is [*] and leads to
// something. [*] goes over an array's elements and an object's values; of a name that is there
// twice, the last counts.
Value value_at(const json::Document& document, std::uint32_t i, std::span<const Step> steps);

// The same from a value: a list's elements are what [*] and [n] choose from.
Value value_at(const Value& from, std::span<const Step> steps);

// Puts what was reached into the list that a path with [*] gives: null if nothing was.
Value list_or_null(Value::List values);

bool has_each(std::span<const Step> steps);

}  // namespace apitoolkit::server::query
