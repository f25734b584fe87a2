#include "src/json/writer.h"

#include <array>
#include <cassert>
#include <charconv>
#include <cmath>

#include "src/base/base64.h"
#include "src/json/text_scan.h"
#include "src/json/utf8.h"

namespace apitoolkit::json {
namespace {

void append_escape(char c, std::string& out) {
  constexpr char kHex[] = "0123456789abcdef";
  out += '\\';
  switch (c) {
    case '"':
    case '\\':
      out += c;
      return;
    case '\b':
      out += 'b';
      return;
    case '\f':
      out += 'f';
      return;
    case '\n':
      out += 'n';
      return;
    case '\r':
      out += 'r';
      return;
    case '\t':
      out += 't';
      return;
    default:
      out += "u00";
      out += kHex[static_cast<unsigned char>(c) >> 4];
      out += kHex[static_cast<unsigned char>(c) & 15];
  }
}

template <class Number>
void append_number(Number number, std::string& out) {
  std::array<char, 32> digits{};  // the longest double has 24 characters
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

}  // namespace

void append_string(std::string_view text, std::string& out) {
  out += '"';
  std::size_t i = 0;
  while (true) {
    const std::size_t end = skip_plain(text, i);
    out.append(text.substr(i, end - i));
    i = end;
    if (i == text.size()) break;
    if (static_cast<unsigned char>(text[i]) < 0x80) {
      append_escape(text[i++], out);
      continue;
    }
    const std::size_t length = utf8_sequence(text.substr(i));
    out.append(length == 0 ? kReplacementUtf8 : text.substr(i, length));
    i += length == 0 ? 1 : length;
  }
  out += '"';
}

void Writer::separate() {
  if (needs_comma_) out_ += ',';
  needs_comma_ = true;
}

Writer& Writer::begin(char bracket) {
  separate();
  out_ += bracket;
  needs_comma_ = false;
  ++depth_;
  return *this;
}

Writer& Writer::end(char bracket) {
  assert(depth_ > 0);
  --depth_;
  out_ += bracket;
  needs_comma_ = true;
  return *this;
}

Writer& Writer::begin_object() {
  return begin('{');
}
Writer& Writer::end_object() {
  return end('}');
}
Writer& Writer::begin_array() {
  return begin('[');
}
Writer& Writer::end_array() {
  return end(']');
}

Writer& Writer::key(std::string_view name) {
  separate();
  append_string(name, out_);
  out_ += ':';
  needs_comma_ = false;
  return *this;
}

Writer& Writer::value(std::string_view text) {
  separate();
  append_string(text, out_);
  return *this;
}

Writer& Writer::value(double number) {
  if (!std::isfinite(number)) return null();
  separate();
  append_number(number, out_);
  return *this;
}

Writer& Writer::value_int(std::int64_t number) {
  separate();
  append_number(number, out_);
  return *this;
}

Writer& Writer::value_uint(std::uint64_t number) {
  separate();
  append_number(number, out_);
  return *this;
}

Writer& Writer::raw(std::string_view json) {
  separate();
  out_ += json;
  return *this;
}

Writer& Writer::base64(std::string_view bytes) {
  separate();
  out_ += '"';
  base::base64_append(bytes, out_);
  out_ += '"';
  return *this;
}

}  // namespace apitoolkit::json
