#include "src/net/router.h"

#include <algorithm>
#include <utility>

namespace apitoolkit::net {
namespace {

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  std::size_t begin = 0;
  while (true) {
    const std::size_t end = text.find(separator, begin);
    parts.push_back(text.substr(begin, end == std::string_view::npos ? end : end - begin));
    if (end == std::string_view::npos) return parts;
    begin = end + 1;
  }
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

void PathParams::set(std::string name, std::string value) {
  values_.push_back({std::move(name), std::move(value)});
}

const std::string& PathParams::operator[](std::string_view name) const {
  static const std::string kNone;
  for (const Header& entry : values_) {
    if (entry.name == name) return entry.value;
  }
  return kNone;
}

void Router::add(std::string method, std::string pattern, RouteHandler handler) {
  Route route{std::move(method), std::move(pattern), {}, std::move(handler)};
  for (const std::string_view part : split(route.pattern, '/')) {
    const std::size_t close = part.find('}');
    if (part.starts_with('{') && close != std::string_view::npos) {
      route.segments.push_back(
          {std::string(part.substr(1, close - 1)), std::string(part.substr(close + 1))});
    } else {
      route.segments.push_back({"", std::string(part)});
    }
  }
  routes_.push_back(std::move(route));
}

bool Router::fits(const Route& route, const std::vector<std::string_view>& segments) {
  if (route.segments.size() != segments.size()) return false;
  for (std::size_t i = 0; i < segments.size(); i++) {
    const Segment& wanted = route.segments[i];
    const std::string_view given = segments[i];
    if (wanted.name.empty() ? given != wanted.text
                            : given.size() <= wanted.text.size() || !given.ends_with(wanted.text)) {
      return false;
    }
  }
  return true;
}

bool Router::is_more_literal(const Route& a, const Route& b) {
  for (std::size_t i = 0; i < a.segments.size(); i++) {
    const Segment& left = a.segments[i];
    const Segment& right = b.segments[i];
    if (left.name.empty() != right.name.empty()) return left.name.empty();
    if (left.text.size() != right.text.size()) return left.text.size() > right.text.size();
  }
  return false;
}

Router::Match Router::match(std::string_view method, std::string_view path) const {
  const std::vector<std::string_view> segments = split(path, '/');
  const Route* best = nullptr;
  Match match;
  for (const Route& route : routes_) {
    if (!fits(route, segments)) continue;
    match.allow.push_back(route.method);
    if (route.method == "GET") match.allow.emplace_back("HEAD");
    const bool exact = route.method == method;
    if (!exact && !(method == "HEAD" && route.method == "GET")) continue;
    if (best == nullptr || is_more_literal(route, *best) || (exact && best->method != method)) {
      best = &route;
    }
  }
  std::sort(match.allow.begin(), match.allow.end());
  match.allow.erase(std::unique(match.allow.begin(), match.allow.end()), match.allow.end());
  if (best == nullptr) return match;
  match.allow.clear();
  match.handler = &best->handler;
  match.pattern = best->pattern;
  for (std::size_t i = 0; i < segments.size(); i++) {
    const Segment& wanted = best->segments[i];
    if (wanted.name.empty()) continue;
    const std::string_view value = segments[i].substr(0, segments[i].size() - wanted.text.size());
    match.params.set(wanted.name, percent_decode(value));
  }
  return match;
}

std::vector<Router::Listed> Router::routes() const {
  std::vector<Listed> listed;
  listed.reserve(routes_.size());
  for (const Route& route : routes_) listed.push_back({route.method, route.pattern});
  return listed;
}

std::string percent_decode(std::string_view text, bool form) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); i++) {
    if (text[i] == '%' && i + 2 < text.size()) {
      const int high = hex_digit(text[i + 1]);
      const int low = hex_digit(text[i + 2]);
      if (high >= 0 && low >= 0) {
        out.push_back(static_cast<char>(high * 16 + low));
        i += 2;
        continue;
      }
    }
    out.push_back(form && text[i] == '+' ? ' ' : text[i]);
  }
  return out;
}

std::vector<Header> parse_query(std::string_view query) {
  std::vector<Header> pairs;
  if (query.empty()) return pairs;
  for (const std::string_view part : split(query, '&')) {
    if (part.empty()) continue;
    const std::size_t equals = part.find('=');
    pairs.push_back({percent_decode(part.substr(0, equals), true),
                     equals == std::string_view::npos
                         ? std::string()
                         : percent_decode(part.substr(equals + 1), true)});
  }
  return pairs;
}

}  // namespace apitoolkit::net
