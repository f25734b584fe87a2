#include "src/wire/url.h"

#include <algorithm>
#include <string>

#include "src/base/limits.h"

namespace apitoolkit::wire {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// A "%" that does not introduce two hex digits stands for itself.
std::string decode_percent(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
        hex_value(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
      i += 2;
    } else {
      out += c == '+' ? ' ' : c;
    }
  }
  return out;
}

}  // namespace

std::vector<Param> parse_query(std::string_view url) {
  std::vector<Param> params;
  url = url.substr(0, url.find('#'));
  const std::size_t mark = url.find('?');
  if (mark == std::string_view::npos) return params;
  std::string_view rest = url.substr(mark + 1);
  while (!rest.empty() && params.size() < limits::kParamsMax) {
    const std::size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view pair = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::string_view value = pair.substr(std::min(equals + 1, pair.size()));
    params.push_back({decode_percent(pair.substr(0, equals)), decode_percent(value), false});
  }
  return params;
}

Urls normal_urls(const Exchange& exchange) {
  Urls urls{exchange.raw_url, exchange.url_path};
  const std::size_t mark = urls.raw_url.find('?');
  if (mark == std::string_view::npos) return urls;
  if (urls.url_path == urls.raw_url) urls.url_path = urls.url_path.substr(0, mark);
  if (mark + 1 == urls.raw_url.size()) urls.raw_url.remove_suffix(1);
  return urls;
}

}  // namespace apitoolkit::wire
