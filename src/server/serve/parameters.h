// The parameters of a request's query, read by a table.
#pragma once

#include <charconv>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "src/server/serve/answer.h"

namespace apitoolkit::server::serve {

// One parameter: reads its value and says what it should have been.
struct Parameter {
  std::string_view expected;
  std::string_view same_as;  // the name under which repetition is counted
  std::function<bool(const std::string&)> read;
};
using Parameters = std::map<std::string_view, Parameter>;

// The first that is unknown, given twice, or has a bad value is a problem with its name as the
// pointer; for one that is unknown with the name that was probably meant.
std::optional<Problem> read_parameters(std::string_view query, const Parameters& parameters);

// All of the text, or nothing.
template <class T>
std::optional<T> parse_integer(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

template <class T>
bool assign(std::optional<T> value, std::optional<T>& target) {
  target = std::move(value);
  return target.has_value();
}

// since and until, relative to `now_ns`.
void add_time_parameters(Parameters& parameters, std::optional<std::int64_t>& since_ns,
                         std::optional<std::int64_t>& until_ns, std::int64_t now_ns);

// limit, from 1 to limits::kPageRowsMax.
void add_limit_parameter(Parameters& parameters, int& limit);

}  // namespace apitoolkit::server::serve
