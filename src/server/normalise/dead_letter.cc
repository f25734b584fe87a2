#include "src/server/normalise/dead_letter.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

#include "src/json/document.h"
#include "src/redact/redactor.h"

namespace apitoolkit::server::normalise {
namespace {

struct Span {
  std::size_t begin;
  std::size_t end;
  std::string_view mask = redact::kMarkerJson;
};

// The marker as a body is: base64 of a JSON string. A letter with it can still be replayed.
constexpr std::string_view kMaskedBody = "\"IltDTElFTlRfUkVEQUNURURdIg==\"";

// The values of secret headers of object node `headers`, in their order.
void find_secrets(const json::Document& document, std::uint32_t headers,
                  const redaction::ProjectRedactor& rules, std::vector<Span>& found) {
  if (document[headers].type != json::Type::kObject) return;
  std::uint32_t name = headers + 1;
  for (std::uint32_t i = 0; i < document[headers].count; i++) {
    const std::uint32_t value = name + 1;
    if (rules.is_masked_header(document.text(name))) {
      found.push_back({document[value].begin, document[value].end});
    }
    name = document[value].next;
  }
}

// Whether that member of a message holds what rules for bodies and the scrubber look at. Only what
// cannot is kept.
bool may_hold_content(const json::Document& document, std::uint32_t name) {
  constexpr std::string_view kPlain[] = {
      "duration",        "method",          "proto_major", "proto_minor", "status_code",
      "timestamp",       "project_id",      "msg_id",      "parent_id",   "sdk_type",
      "sdk_version",     "service_version", "tags",        "url_path",    "host",
      "request_headers", "response_headers"};
  return std::none_of(std::begin(kPlain), std::end(kPlain),
                      [&](std::string_view plain) { return document.text_equals(name, plain); });
}

}  // namespace

std::string mask_dead_letter(std::string bytes, const redaction::ProjectRedactor& rules) {
  const auto document = json::Document::parse(bytes);
  if (!document || (*document)[document->root()].type != json::Type::kObject) {
    return rules.hides_content() ? std::string(redact::kMarker) : std::move(bytes);
  }
  std::vector<Span> secrets;
  // All members of those names, not only the last: a reader sees what is stored, not what is meant.
  std::uint32_t name = document->root() + 1;
  for (std::uint32_t i = 0; i < (*document)[document->root()].count; i++) {
    const std::uint32_t value = name + 1;
    if (document->text_equals(name, "request_headers") ||
        document->text_equals(name, "response_headers")) {
      find_secrets(*document, value, rules, secrets);
    } else if (rules.hides_content() && may_hold_content(*document, name)) {
      const bool body = document->text_equals(name, "request_body") ||
                        document->text_equals(name, "response_body");
      secrets.push_back({(*document)[value].begin, (*document)[value].end,
                         body ? kMaskedBody : std::string_view("null")});
    }
    name = (*document)[value].next;
  }
  for (auto span = secrets.rbegin(); span != secrets.rend(); ++span) {
    bytes.replace(span->begin, span->end - span->begin, span->mask);
  }
  return bytes;
}

}  // namespace apitoolkit::server::normalise
