#include <algorithm>

#include "src/json/utf8.h"
#include "src/server/query/parse.h"

namespace apitoolkit::server::query {
namespace {

// The line that holds byte `at`: where it begins, and its text.
struct Line {
  std::size_t number = 1;
  std::size_t begin = 0;
  std::string_view text;
};

Line line_of(std::string_view text, std::size_t at) {
  at = std::min(at, text.size());
  Line line;
  for (std::size_t i = 0; i < at; ++i) {
    if (text[i] != '\n') continue;
    ++line.number;
    line.begin = i + 1;
  }
  line.text = text.substr(line.begin, std::min(text.find('\n', at), text.size()) - line.begin);
  return line;
}

std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

}  // namespace

Span span_of(const ValueExpr& value) {
  return std::visit([](const auto& node) { return node.span; }, value.node);
}

std::string describe(const QueryError& error, std::string_view text) {
  const Line line = line_of(text, error.at);
  const std::size_t column = columns(line.text.substr(0, error.at - line.begin)) + 1;
  std::string out = "line " + std::to_string(line.number) + ", column " + std::to_string(column) +
                    ": " + error.message;
  if (!error.suggestion.empty()) out += "; did you mean '" + error.suggestion + "'?";
  return out;
}

std::string point_at(const QueryError& error, std::string_view text) {
  const Line line = line_of(text, error.at);
  const std::size_t before = std::min<std::size_t>(error.at - line.begin, line.text.size());
  const std::string_view marked = line.text.substr(before, error.width);
  std::string out(line.text);
  out.push_back('\n');
  for (const char c : line.text.substr(0, before)) {
    if (c == '\t') {
      out.push_back('\t');
    } else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) {
      out.push_back(' ');
    }
  }
  return out.append(std::max<std::size_t>(columns(marked), 1), '^');
}

}  // namespace apitoolkit::server::query
