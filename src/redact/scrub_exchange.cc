#include "src/redact/scrub_exchange.h"

#include <algorithm>
#include <string_view>

#include "src/redact/ascii.h"
#include "src/redact/media_type.h"
#include "src/redact/reason.h"
#include "src/redact/redactor.h"
#include "src/redact/scrub_detectors.h"

namespace apitoolkit::redact {
namespace {

void scrub_text(const Scrubber& scrubber, std::string& text) {
  std::string out;
  if (scrubber.scrub_text(text, out)) text = std::move(out);
}

void scrub_json(const Scrubber& scrubber, std::string& json) {
  std::string out;
  if (scrubber.scrub_json(json, out)) json = std::move(out);
}

void scrub_params(const Scrubber& scrubber, std::vector<Param>& params) {
  for (Param& param : params) {
    if (param.is_json) {
      scrub_json(scrubber, param.value);
    } else {
      scrub_value(scrubber, param.value);
    }
  }
}

// Whether the body, as Redactor left it, is JSON: by its type, which makes forms JSON too, or by
// how it begins.
bool is_json(std::string_view body, const std::vector<Header>& headers) {
  const auto type = std::find_if(headers.begin(), headers.end(), [](const Header& header) {
    return same_ignoring_case(header.name, "content-type");
  });
  switch (MediaType(type == headers.end() ? "" : type->value).kind) {
    case MediaKind::kJson:
    case MediaKind::kNdjson:
    case MediaKind::kJsonSeq:
    case MediaKind::kForm:
    case MediaKind::kMultipart:
      return true;
    default:
      break;
  }
  const std::size_t first = body.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  return first != std::string_view::npos &&
         std::string_view("{[\"").find(body[first]) != std::string_view::npos;
}

// What the values of all detectors consist of, and the words before them, escaped or not.
bool may_be_in_a_value(char c) {
  constexpr std::string_view kOther = " -+_.@/=~'%\\";
  return is_alphanumeric(c) || kOther.find(c) != std::string_view::npos || (c & 0x80) != 0;
}

void scrub_body(const Scrubber& scrubber, const std::vector<Header>& headers, Body& body,
                std::string_view name, std::vector<std::string>& reasons) {
  std::string& bytes = body.bytes;
  if (bytes.empty() || bytes == kMarkerJson) return;
  if (bytes.find('\0') != std::string::npos) {
    bytes = kMarkerJson;
    reasons.push_back(std::string(name) + ':' + std::string(to_string(Reason::kUnknownEncoding)));
    return;
  }
  if (body.truncated) {
    while (!bytes.empty() && may_be_in_a_value(bytes.back())) bytes.pop_back();
  }
  if (is_json(bytes, headers)) {
    scrub_json(scrubber, bytes);
  } else {
    scrub_text(scrubber, bytes);
  }
}

}  // namespace

void scrub_value(const Scrubber& scrubber, std::string& text) {
  std::string out;
  if (scrubber.scrub_url(text, out)) text = std::move(out);
}

void scrub_exchange(const Scrubber& scrubber, Exchange& exchange) {
  if (scrubber.empty()) return;
  scrub_body(scrubber, exchange.request_headers, exchange.request_body, "request_body",
             exchange.redaction);
  scrub_body(scrubber, exchange.response_headers, exchange.response_body, "response_body",
             exchange.redaction);
  for (std::string* url : {&exchange.raw_url, &exchange.url_path, &exchange.referer}) {
    scrub_value(scrubber, *url);
  }
  scrub_params(scrubber, exchange.path_params);
  scrub_params(scrubber, exchange.query_params);
  for (ErrorReport& error : exchange.errors) {
    for (std::string* text : {&error.message, &error.root_error_message, &error.stack_trace}) {
      scrub_value(scrubber, *text);
    }
    scrub_json(scrubber, error.other_json);
  }
}

}  // namespace apitoolkit::redact
