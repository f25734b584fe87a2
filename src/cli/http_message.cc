#include "src/cli/http_message.h"

#include <algorithm>

namespace apitoolkit::cli {
namespace {

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// "GET /path HTTP/1.1" or "HTTP/1.1 200 OK": a header's name ends with a colon and has no blanks.
bool is_start_line(std::string_view line) {
  return line.find(' ') < line.find(':') || line.starts_with("HTTP/");
}

// RFC 9110's token.
bool is_name(std::string_view text) {
  constexpr std::string_view kChars =
      "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  return !text.empty() && text.find_first_not_of(kChars) == std::string_view::npos;
}

}  // namespace

Result<HttpMessage> read_http_message(std::string_view text) {
  HttpMessage message;
  int number = 0;
  while (!text.empty()) {
    ++number;
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) break;
    if (number == 1 && is_start_line(line)) {
      message.start_line = line;
      continue;
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_name(line.substr(0, colon))) {
      return fail(ErrorCode::kCorrupt,
                  "line " + std::to_string(number) +
                      ": expected a header (\"Name: value\") or the empty line before the body");
    }
    message.headers.push_back(
        {std::string(line.substr(0, colon)), std::string(trim(line.substr(colon + 1)))});
  }
  message.body = text;
  return message;
}

std::string write_http_message(const HttpMessage& message) {
  std::string out;
  if (!message.start_line.empty()) out += message.start_line + '\n';
  for (const Header& header : message.headers) out += header.name + ": " + header.value + '\n';
  out += '\n';
  out += message.body;
  return out;
}

}  // namespace apitoolkit::cli
