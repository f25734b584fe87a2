#include "src/redact/exchange_redactor.h"

#include <algorithm>

#include "src/json/document.h"
#include "src/redact/ascii.h"
#include "src/redact/media_type.h"
#include "src/redact/scrub_exchange.h"
#include "src/redact/splice.h"

namespace apitoolkit::redact {
namespace {

constexpr std::string_view kUrlHeaders[] = {"referer", "location", "content-location", "refresh"};

// RFC 9110's token characters; a name that has others would never match.
bool is_token_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         (c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos);
}

Status reject(std::string_view argument, std::size_t index, std::string_view text, std::size_t at,
              std::string_view what) {
  return fail(ErrorCode::kInvalidArgument,
              std::string(argument) + '[' + std::to_string(index) + "]: \"" + std::string(text) +
                  "\": expected " + std::string(what) + " at column " + std::to_string(at + 1));
}

Status check_headers(const std::vector<std::string>& names) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto bad = std::find_if_not(names[i].begin(), names[i].end(), is_token_char);
    if (names[i].empty() || bad != names[i].end()) {
      return reject("redact_headers", i, names[i], static_cast<std::size_t>(bad - names[i].begin()),
                    "a header's name");
    }
  }
  return {};
}

Status check_query_names(const std::vector<std::string>& names) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].empty()) return reject("redact_query", i, names[i], 0, "a parameter's name");
  }
  return {};
}

// All values of a header, joined as RFC 9110, section 5.3, allows.
std::string header_value(const std::vector<Header>& headers, std::string_view name) {
  std::string value;
  for (const Header& header : headers) {
    if (!same_ignoring_case(header.name, name)) continue;
    if (!value.empty()) value += ", ";
    value += header.value;
  }
  return value;
}

// The cut may have gone through a character.
void drop_cut_character(std::string& text) {
  for (std::size_t back = 1; back <= 3 && back <= text.size(); ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if ((byte & 0xC0) == 0x80) continue;
    if (byte >= 0xC0 &&
        json::utf8_sequence(std::string_view(text).substr(text.size() - back)) == 0) {
      text.resize(text.size() - back);
    }
    return;
  }
}

bool is_binary(const Body& body, MediaKind kind) {
  if (kind == MediaKind::kBinary) return true;
  if (!json::is_valid_utf8(body.bytes)) return true;
  return kind == MediaKind::kNone && body.bytes.find('\0') != std::string::npos;
}

void redact_body(const Redactor& redactor, const std::vector<Header>& headers, Body& body,
                 std::string_view name, std::vector<std::string>& reasons) {
  if (body.bytes.empty()) return;
  const std::string type = header_value(headers, "content-type");
  const std::string encoding = header_value(headers, "content-encoding");
  const MediaKind kind = MediaType(type).kind;
  if (kind == MediaKind::kBinary) {
    body.bytes.clear();
    return;
  }
  Redacted redacted = redactor.redact(
      body.bytes,
      {.content_type = type, .content_encoding = encoding, .truncated = body.truncated});
  body.bytes = std::move(redacted.body);
  if (redacted.reason != Reason::kNone) {
    reasons.push_back(std::string(name) + ':' + std::string(to_string(redacted.reason)));
  } else if (body.truncated) {
    drop_cut_character(body.bytes);
  }
  if (is_binary(body, kind)) body.bytes.clear();
}

// Whether `word` is one of the value's words: "Bearer word", "word, other".
bool has_word(std::string_view value, std::string_view word) {
  const auto is_edge = [&](std::size_t at) {
    return at >= value.size() || value[at] == ' ' || value[at] == ',';
  };
  for (std::size_t at = value.find(word); at != std::string_view::npos;
       at = value.find(word, at + 1)) {
    if ((at == 0 || is_edge(at - 1)) && is_edge(at + word.size())) return true;
  }
  return false;
}

// Members of a nested query parameter whose name is masked.
std::string redact_nested(const std::string& json, const NameSet& names) {
  const auto document = json::Document::parse(json);
  if (!document) return std::string(kMarkerJson);
  std::vector<Span> spans;
  for (std::uint32_t i = 0; i < document->nodes().size(); ++i) {
    if ((*document)[i].type != json::Type::kObject) continue;
    for (std::uint32_t k = i + 1; k < (*document)[i].next; k = (*document)[k + 1].next) {
      const std::string name = document->text(k);
      if (!is_secret_query_name(name) && !names.contains(name)) continue;
      spans.push_back({(*document)[k + 1].begin, (*document)[k + 1].end});
    }
  }
  keep_outermost(spans);
  return splice(json, spans).value_or(std::string(kMarkerJson));
}

void redact_params(std::vector<Param>& params, const NameSet& names) {
  for (Param& param : params) {
    // A name may carry its own nesting; redact_url knows how to read that.
    const std::string masked = redact_url("?" + param.name + "=", names);
    if (masked.ends_with(kMarker)) {
      param.value = kMarker;
      param.is_json = false;
    } else if (param.is_json) {
      param.value = redact_nested(param.value, names);
    } else {
      param.value = redact_url(param.value, names);
    }
  }
}

}  // namespace

Result<ExchangeRedactor> ExchangeRedactor::compile(const Rules& rules) {
  Status status = check_headers(rules.headers);
  if (status) status = check_query_names(rules.query);
  if (!status) return tl::unexpected<Error>(std::move(status.error()));
  auto request = Redactor::compile(rules.request_body, "redact_request_body", rules.non_json);
  if (!request) return tl::unexpected<Error>(std::move(request.error()));
  auto response = Redactor::compile(rules.response_body, "redact_response_body", rules.non_json);
  if (!response) return tl::unexpected<Error>(std::move(response.error()));
  auto scrubber = Scrubber::compile(rules.scrub, "scrub");
  if (!scrubber) return tl::unexpected<Error>(std::move(scrubber.error()));
  ExchangeRedactor redactor;
  redactor.headers_ = NameSet(rules.headers);
  redactor.query_ = NameSet(rules.query);
  redactor.default_headers_ = rules.default_headers;
  redactor.request_body_ = std::move(*request);
  redactor.response_body_ = std::move(*response);
  redactor.scrubber_ = *scrubber;
  return redactor;
}

bool ExchangeRedactor::is_masked_header(std::string_view name) const {
  return headers_.contains(name) || (default_headers_ && is_secret_header(name));
}

void ExchangeRedactor::redact_headers(std::vector<Header>& headers) const {
  for (Header& header : headers) {
    if (is_masked_header(header.name)) {
      header.value = kMarker;
    } else if (std::any_of(
                   std::begin(kUrlHeaders), std::end(kUrlHeaders),
                   [&](std::string_view name) { return same_ignoring_case(name, header.name); })) {
      header.value = redact_url(header.value, query_);
    }
    scrub_value(scrubber_, header.value);
  }
}

void ExchangeRedactor::redact(Exchange& exchange) const {
  // Bodies first: their headers say how to read them.
  redact_body(request_body_, exchange.request_headers, exchange.request_body, "request_body",
              exchange.redaction);
  redact_body(response_body_, exchange.response_headers, exchange.response_body, "response_body",
              exchange.redaction);
  redact_copies(exchange);
  redact_headers(exchange.request_headers);
  redact_headers(exchange.response_headers);
  exchange.raw_url = redact_url(exchange.raw_url, query_);
  exchange.url_path = redact_url(exchange.url_path, query_);
  exchange.referer = redact_url(exchange.referer, query_);
  redact_params(exchange.query_params, query_);
  for (ErrorReport& error : exchange.errors) {
    // HTTP clients say which URL it was that failed, query and all.
    for (std::string* text : {&error.message, &error.root_error_message, &error.stack_trace}) {
      *text = redact_urls_in_text(*text, query_);
    }
  }
  // Last, so that what is left of a value's surroundings is what leaves the process.
  scrub_exchange(scrubber_, exchange);
}

// Fields that repeat what a masked header holds.
void ExchangeRedactor::redact_copies(Exchange& exchange) const {
  if (!exchange.referer.empty() && is_masked_header("referer")) exchange.referer = kMarker;
  for (const Header& header : exchange.request_headers) {
    if (header.value.empty() || !is_masked_header(header.name)) continue;
    for (std::string* copy : {&exchange.host, &exchange.client_ip, &exchange.consumer}) {
      if (!copy->empty() && has_word(header.value, *copy)) *copy = kMarker;
    }
  }
}

}  // namespace apitoolkit::redact
