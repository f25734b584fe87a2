// Forms: what a browser or a client library sends as fields rather than as JSON.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/redact/engine/engine.h"
#include "src/redact/reason.h"
#include "src/redact/splice.h"

namespace apitoolkit::redact {

// One field: its decoded name, and its value as JSON text.
struct Field {
  std::string name;
  std::string json;
};

// application/x-www-form-urlencoded. Reads anything; nullopt if there are more fields than
// limits::kFormFieldsMax, each of which costs a hundred times the two bytes that it may have.
std::optional<std::vector<Field>> parse_urlencoded(std::string_view body);

// multipart/form-data (RFC 7578). A file is an object of name, type and size; its content is not
// kept. A part with a file's name is a file, and so is one whose type is neither text/plain nor
// JSON. A part of type application/json is the JSON it holds. nullopt if the body is not what its
// boundary says; with `truncated`, it may end anywhere.
std::optional<std::vector<Field>> parse_multipart(std::string_view body, std::string_view boundary,
                                                  bool truncated);

// The fields as one JSON object, in order of first appearance; a name that comes again makes the
// value a list. What the paths select is masked, where they may see the fields flat
// ($['user[password]']) or nested ($.user.password). An engine without paths masks nothing.
Reason form_to_json(const std::vector<Field>& fields, const Engine& engine, std::string& out);

}  // namespace apitoolkit::redact
