#include <algorithm>

#include "src/base/clock.h"
#include "src/base/uuid.h"
#include "src/server/query/json_value.h"
#include "src/server/query/source.h"

namespace apitoolkit::server::query {
namespace {

Value text_or_null(const std::string& text) {
  return text.empty() ? Value() : Value::text(text);
}

Value size_or_null(std::int64_t size) {
  return size < 0 ? Value() : Value::integer(size);
}

Value texts(const std::vector<std::string>& texts, std::span<const Step> steps) {
  Value::List list;
  list.reserve(texts.size());
  for (const std::string& text : texts) list.push_back(Value::text(text));
  return value_at(list_or_null(std::move(list)), steps);
}

bool same_header(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    const auto fold = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return fold(x) == fold(y);
  });
}

bool has_name(const Header& header, std::string_view name) {
  return same_header(header.name, name);
}
bool has_name(const Param& param, std::string_view name) {
  return param.name == name;
}

Value value_of_pair(const Header& header) {
  return Value::text(header.value);
}
Value value_of_pair(const Param& param) {
  if (!param.is_json) return Value::text(param.value);
  const auto document = json::Document::parse(param.value);
  return document ? value_of(*document, document->root()) : Value::text(param.value);
}

// All of it as one JSON object; of a repeated name a list.
template <class Pair>
Value as_object(const std::vector<Pair>& pairs) {
  if (pairs.empty()) return {};
  json::Writer writer;
  writer.begin_object();
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const auto same = [&](const Pair& other) { return has_name(other, pairs[i].name); };
    const auto from = pairs.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::any_of(pairs.begin(), from, same)) continue;
    const bool several = std::count_if(from, pairs.end(), same) > 1;
    writer.key(pairs[i].name);
    if (several) writer.begin_array();
    for (auto other = from; other != pairs.end(); ++other) {
      if (same(*other)) write_json(value_of_pair(*other), writer);
    }
    if (several) writer.end_array();
  }
  writer.end_object();
  return Value::json(std::move(writer).str());
}

// A name's value, or its list of values; [*] reaches every value there is.
template <class Pair>
Value pairs_at(const std::vector<Pair>& pairs, std::span<const Step> steps) {
  if (steps.empty()) return as_object(pairs);
  const bool every = steps[0].kind == Step::Kind::kEach;
  if (!every && steps[0].kind != Step::Kind::kName) return {};
  Value::List found;
  for (const Pair& pair : pairs) {
    if (every || has_name(pair, steps[0].name)) found.push_back(value_of_pair(pair));
  }
  if (every || found.size() > 1)
    return value_at(list_or_null(std::move(found)), every ? steps : steps.subspan(1));
  return found.empty() ? Value() : value_at(found[0], steps.subspan(1));
}

Value error_member(const ErrorReport& error, std::span<const Step> steps) {
  const std::string& name = steps[0].name;
  if (steps.size() == 1) {
    if (name == "error_type") return text_or_null(error.error_type);
    if (name == "message") return text_or_null(error.message);
    if (name == "root_error_type") return text_or_null(error.root_error_type);
    if (name == "root_error_message") return text_or_null(error.root_error_message);
    if (name == "stack_trace") return text_or_null(error.stack_trace);
    if (name == "when") return error.when_ns == 0 ? Value() : Value::time(error.when_ns);
  }
  if (error.other_json.empty()) return {};
  const auto document = json::Document::parse(error.other_json);
  return document ? value_at(*document, document->root(), steps) : Value();
}

Value error_as_object(const ErrorReport& error) {
  json::Writer writer;
  writer.begin_object();
  for (const std::string_view name :
       {"when", "error_type", "message", "root_error_type", "root_error_message", "stack_trace"}) {
    const Step step{Step::Kind::kName, std::string(name), 0};
    const Value value = error_member(error, {&step, 1});
    if (value.is_null()) continue;
    writer.key(name);
    write_json(value, writer);
  }
  writer.end_object();
  return Value::json(std::move(writer).str());
}

Value errors_at(const std::vector<ErrorReport>& errors, std::span<const Step> steps) {
  const auto one = [&](const ErrorReport& error, std::span<const Step> rest) {
    if (rest.empty()) return error_as_object(error);
    return rest[0].kind == Step::Kind::kName ? error_member(error, rest) : Value();
  };
  Value::List found;
  if (!steps.empty() && steps[0].kind == Step::Kind::kIndex) {
    if (steps[0].index >= static_cast<std::int64_t>(errors.size())) return {};
    return one(errors[static_cast<std::size_t>(steps[0].index)], steps.subspan(1));
  }
  for (const ErrorReport& error : errors) {
    Value value = one(error, steps.empty() ? steps : steps.subspan(1));
    if (value.is_list()) {
      found.insert(found.end(), value.as_list().begin(), value.as_list().end());
    } else if (!value.is_null()) {
      found.push_back(std::move(value));
    }
  }
  return list_or_null(std::move(found));
}

// Whether the operators' text of a body is its bytes, whatever they are.
bool is_text_as_it_is(std::string_view body) {
  constexpr std::string_view kScalars = "\"-0123456789tfn";
  return kScalars.find(body[0]) == std::string_view::npos;
}

bool any_header_has(const std::vector<Header>& headers, const SearchText& text) {
  return std::any_of(headers.begin(), headers.end(), [&](const Header& header) {
    return text.is_in(header.name) || text.is_in(header.value);
  });
}

bool any_error_has(const std::vector<ErrorReport>& errors, const SearchText& text) {
  return std::any_of(errors.begin(), errors.end(), [&](const ErrorReport& error) {
    return text.is_in(error.error_type) || text.is_in(error.message) ||
           text.is_in(error.root_error_type) || text.is_in(error.root_error_message);
  });
}

}  // namespace

std::string_view trimmed_body(std::string_view bytes) {
  constexpr std::string_view kBlanks = " \t\r\n";
  if (bytes.starts_with(json::kUtf8Bom)) bytes.remove_prefix(json::kUtf8Bom.size());
  const std::size_t first = bytes.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return bytes.substr(first, bytes.find_last_not_of(kBlanks) - first + 1);
}

void ExchangeSource::reset(const StoredExchange& row) {
  row_ = row;
  request_.tried = false;
  response_.tried = false;
}

Value ExchangeSource::body(const Body& body, ParsedBody& parsed, std::span<const Step> steps) {
  const std::string_view text = trimmed_body(body.bytes);
  if (text.empty()) return {};
  if (!parsed.tried) {
    parsed.tried = true;
    parsed.is_json = parsed.document.reparse(text).has_value();
  }
  if (parsed.is_json) return value_at(parsed.document, parsed.document.root(), steps);
  return steps.empty() ? Value::text(std::string(text)) : Value();
}

Value ExchangeSource::scalar(FieldId field) const {
  const Exchange& e = *row_.exchange;
  switch (field) {
    case FieldId::kTimestamp:
      return Value::time(e.start_ns);
    case FieldId::kReceivedAt:
      return Value::time(row_.received_ns);
    case FieldId::kTimestampCorrected:
      return Value::boolean(row_.timestamp_corrected);
    case FieldId::kMsgId:
      return Value::text(base::format_uuid(row_.identity));
    case FieldId::kParentId:
      return e.parent_id ? Value::text(base::format_uuid(*e.parent_id)) : Value();
    case FieldId::kStatusCode:
      return e.status_code == 0 ? Value() : Value::integer(e.status_code);
    case FieldId::kDuration:
      return Value::duration(e.duration_ns);
    case FieldId::kTtfb:
      return e.ttfb_ns < 0 ? Value() : Value::duration(e.ttfb_ns);
    case FieldId::kRequestSize:
      return size_or_null(e.request_body.size);
    case FieldId::kResponseSize:
      return size_or_null(e.response_body.size);
    case FieldId::kRequestBodyTruncated:
      return Value::boolean(e.request_body.truncated);
    case FieldId::kResponseBodyTruncated:
      return Value::boolean(e.response_body.truncated);
    case FieldId::kAborted:
      return Value::boolean(e.aborted);
    case FieldId::kSampleWeight:
      return Value::real(e.sample_weight);
    case FieldId::kProtoMajor:
      return Value::integer(e.proto_major);
    case FieldId::kProtoMinor:
      return Value::integer(e.proto_minor);
    default:
      return {};
  }
}

std::optional<std::string_view> ExchangeSource::view(FieldId field) {
  const Exchange& e = *row_.exchange;
  const auto body = [](const Body& of) -> std::optional<std::string_view> {
    const std::string_view text = trimmed_body(of.bytes);
    if (text.empty() || is_text_as_it_is(text)) return text;
    return std::nullopt;
  };
  switch (field) {
    case FieldId::kRequestType:
      return e.direction == Direction::kOutgoing ? "outgoing" : "incoming";
    case FieldId::kMethod:
      return e.method;
    case FieldId::kHost:
      return e.host;
    case FieldId::kUrlPath:
      return e.url_path;
    case FieldId::kRawUrl:
      return e.raw_url;
    case FieldId::kReferer:
      return e.referer;
    case FieldId::kClientIp:
      return e.client_ip;
    case FieldId::kConsumer:
      return e.consumer;
    case FieldId::kService:
      return e.service_name;
    case FieldId::kServiceVersion:
      return e.service_version;
    case FieldId::kSdkType:
      return e.sdk_type;
    case FieldId::kSdkVersion:
      return e.sdk_version;
    case FieldId::kTraceId:
      return e.trace_id;
    case FieldId::kSpanId:
      return e.span_id;
    case FieldId::kParentSpanId:
      return e.parent_span_id;
    case FieldId::kRequestBody:
      return body(e.request_body);
    case FieldId::kResponseBody:
      return body(e.response_body);
    default:
      return std::nullopt;
  }
}

Value ExchangeSource::get(FieldId field, std::span<const Step> steps) {
  const Exchange& e = *row_.exchange;
  switch (field) {
    case FieldId::kTags:
      return texts(e.tags, steps);
    case FieldId::kRedaction:
      return texts(e.redaction, steps);
    case FieldId::kErrors:
      return errors_at(e.errors, steps);
    case FieldId::kRequestHeaders:
      return pairs_at(e.request_headers, steps);
    case FieldId::kResponseHeaders:
      return pairs_at(e.response_headers, steps);
    case FieldId::kQueryParams:
      return pairs_at(e.query_params, steps);
    case FieldId::kPathParams:
      return pairs_at(e.path_params, steps);
    case FieldId::kRequestBody:
      return body(e.request_body, request_, steps);
    case FieldId::kResponseBody:
      return body(e.response_body, response_, steps);
    default:
      if (const auto text = view(field))
        return text->empty() ? Value() : Value::text(std::string(*text));
      return scalar(field);
  }
}

bool ExchangeSource::contains(const SearchText& text) {
  const Exchange& e = *row_.exchange;
  return text.is_in(e.raw_url) || text.is_in(e.url_path) || text.is_in(e.host) ||
         text.is_in(e.request_body.bytes) || text.is_in(e.response_body.bytes) ||
         any_header_has(e.request_headers, text) || any_header_has(e.response_headers, text) ||
         any_error_has(e.errors, text);
}

}  // namespace apitoolkit::server::query
