// The reference's own reading of JSON: one recursive function a production of RFC 8259, a plain
// tree, every string unescaped. It shares no code with src/json, so that it can be compared with
// it. For tests and fuzz targets only.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/json/document.h"  // only json::Type, which the syntax tree of a path uses too

namespace apitoolkit::redact::reference {

struct Value {
  json::Type type = json::Type::kNull;
  std::size_t begin = 0;  // byte offsets in the text; strings include their quotes
  std::size_t end = 0;
  std::string text;                // a string's value, a number as it is written
  std::vector<std::string> names;  // an object's, one for each of its children
  bool has_name_twice = false;     // some name stands twice among them
  std::vector<Value> children;
};

enum class Fault { kNone, kUtf8, kSyntax, kTooDeep };

// The tree of one JSON text, after a byte order mark if there is one. A lone surrogate is U+FFFD.
// kUtf8 whatever else is wrong; else what is wrong first.
Fault read(std::string_view text, Value& root);

// The characters of a text; nullopt if it is not UTF-8.
std::optional<std::u32string> characters(std::string_view text);
// The opposite, for one character.
std::string utf8(char32_t character);

}  // namespace apitoolkit::redact::reference
