// Log lines: nobody declares what they hold, so names decide wherever they stand.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "src/json/document.h"
#include "src/json/writer.h"
#include "src/redact/ascii.h"
#include "src/redact/exchange_redactor.h"

namespace apitoolkit::redact {
namespace {

// What is a token by its looks is masked whatever the rules say.
Scrubber tokens() {
  DetectorSet detectors;
  detectors.add(Detector::kBearer);
  detectors.add(Detector::kJwt);
  return Scrubber(detectors);
}

void scrub(const Scrubber& scrubber, std::string& text) {
  std::string out;
  if (scrubber.scrub_url(text, out)) text = std::move(out);
}

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

bool is_quote(char c) {
  return c == '"' || c == '\'';
}

// Where the value that begins at `at` ends: at its closing quote, else at the line's end for a
// header's ("Cookie: a=1; b=2"), at the next blank or comma for "password=x".
std::size_t end_of_value(std::string_view text, std::size_t at, char separator) {
  if (at < text.size() && is_quote(text[at])) {
    const std::size_t close = text.find(text[at], at + 1);
    return close == std::string_view::npos ? text.size() : close + 1;
  }
  return std::min(text.find_first_of(separator == ':' ? "\r\n" : " ,;&\r\n", at), text.size());
}

}  // namespace

// "http.request.header.x_api_key", "user.password": each part of a dotted name is one, and "_" may
// stand for "-".
bool ExchangeRedactor::is_masked_log_name(std::string_view name) const {
  while (true) {
    const std::size_t dot = std::min(name.find('.'), name.size());
    const std::string part(name.substr(0, dot));
    std::string dashed = part;
    std::replace(dashed.begin(), dashed.end(), '_', '-');
    if (is_masked_header(part) || is_masked_header(dashed) || is_secret_query_name(part) ||
        query_.contains(part)) {
      return true;
    }
    if (dot == name.size()) return false;
    name.remove_prefix(dot + 1);
  }
}

// name [quote] (":" | "=") blanks value, where the name is a secret's.
std::string ExchangeRedactor::redact_named_values(std::string_view text) const {
  std::string out;
  std::size_t copied = 0;
  for (std::size_t at = text.find_first_of(":="); at != std::string_view::npos;
       at = text.find_first_of(":=", at + 1)) {
    if (at < copied) continue;
    std::size_t end = at;
    if (end > copied && is_quote(text[end - 1])) --end;
    std::size_t begin = end;
    while (begin > copied && is_name_char(text[begin - 1])) --begin;
    if (begin == end || !is_masked_log_name(text.substr(begin, end - begin))) continue;
    std::size_t value = at + 1;
    while (value < text.size() && text[value] == ' ') ++value;
    const std::size_t after = end_of_value(text, value, text[at]);
    if (after == value) continue;
    out.append(text.substr(copied, value - copied)).append(kMarker);
    copied = after;
  }
  return out.append(text.substr(copied));
}

std::string ExchangeRedactor::redact_log_text(std::string_view text) const {
  std::string out = redact_named_values(redact_urls_in_text(text, query_));
  scrub(tokens(), out);
  scrub(scrubber_, out);
  return out;
}

// Members of secret names are masked whole, other strings as texts; the rest stays as it stands.
std::string ExchangeRedactor::redact_log_json(std::string_view text) const {
  const auto parsed = json::Document::parse(text);
  if (!parsed) return redact_log_text(text);
  const json::Document& document = *parsed;
  std::string out;
  std::size_t copied = 0;
  const auto replace = [&](const json::Node& node, std::string_view by) {
    out.append(text.substr(copied, node.begin - copied)).append(by);
    copied = node.end;
  };
  std::vector<bool> is_name(document.nodes().size(), false);
  std::vector<bool> is_secret(document.nodes().size(), false);
  for (std::uint32_t i = 0; i < document.nodes().size();) {
    const json::Node& node = document[i];
    if (is_secret[i]) {
      replace(node, kMarkerJson);
      i = node.next;
      continue;
    }
    if (node.type == json::Type::kObject) {
      for (std::uint32_t name = i + 1; name < node.next; name = document[name + 1].next) {
        is_name[name] = true;
        is_secret[name + 1] = is_masked_log_name(document.text(name));
      }
    } else if (node.type == json::Type::kString && !is_name[i]) {
      const std::string value = document.text(i);
      if (const std::string redacted = redact_log_text(value); redacted != value) {
        std::string literal;
        json::append_string(redacted, literal);
        replace(node, literal);
      }
    }
    ++i;
  }
  return out.append(text.substr(copied));
}

void ExchangeRedactor::redact_log(std::string& body, std::string& attributes_json) const {
  const std::size_t first = body.find_first_not_of(" \t\r\n");
  const bool may_be_json = first != std::string::npos && (body[first] == '{' || body[first] == '[');
  body = may_be_json ? redact_log_json(body) : redact_log_text(body);
  if (!attributes_json.empty()) attributes_json = redact_log_json(attributes_json);
  // Numbers may be secrets too.
  std::string out;
  if (scrubber_.scrub_json(attributes_json, out)) attributes_json = std::move(out);
}

}  // namespace apitoolkit::redact
