// Keeps a message within the bounds of limits.h: nothing is ever too large to be sent, it is cut
// and says so. Bodies give way first, other text only where the message would not fit without them.
#include <algorithm>

#include "src/base/limits.h"
#include "src/wire/message.h"
#include "src/wire/message_members.h"
#include "src/wire/url.h"

namespace apitoolkit::wire {
namespace {

std::int64_t base64_size(std::int64_t bytes) {
  return (bytes + 2) / 3 * 4;
}

// Shares `base64_bytes` out between the two bodies: the smaller is cut only where half is not
// enough for it.
void cut_bodies(Exchange& exchange, std::int64_t base64_bytes) {
  const std::int64_t raw_bytes = std::max<std::int64_t>(0, base64_bytes / 4 * 3 - 6);
  const auto request = static_cast<std::int64_t>(exchange.request_body.bytes.size());
  const auto response = static_cast<std::int64_t>(exchange.response_body.bytes.size());
  const std::int64_t half = raw_bytes / 2;
  cut_body(exchange.request_body, std::max(half, raw_bytes - response));
  cut_body(exchange.response_body, std::max(half, raw_bytes - std::min(request, half)));
}

void cut_text(std::string& text, std::size_t bytes) {
  if (text.size() <= bytes) return;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) --bytes;
  text.resize(bytes);
}

template <class T>
void cut_list(std::vector<T>& list, std::size_t count) {
  if (list.size() > count)
    list.erase(list.begin() + static_cast<std::ptrdiff_t>(count), list.end());
}

bool has_too_many(const Exchange& exchange) {
  const auto is_long = [](const ErrorReport& error) {
    return error.stack_trace.size() > limits::kStackTraceBytesMax;
  };
  return exchange.request_headers.size() > limits::kHeadersMax ||
         exchange.response_headers.size() > limits::kHeadersMax ||
         exchange.path_params.size() > limits::kParamsMax ||
         exchange.query_params.size() > limits::kParamsMax ||
         exchange.errors.size() > limits::kErrorsMax ||
         std::any_of(exchange.errors.begin(), exchange.errors.end(), is_long);
}

void cut_counts(Exchange& exchange) {
  cut_list(exchange.request_headers, limits::kHeadersMax);
  cut_list(exchange.response_headers, limits::kHeadersMax);
  cut_list(exchange.path_params, limits::kParamsMax);
  cut_list(exchange.query_params, limits::kParamsMax);
  cut_list(exchange.errors, limits::kErrorsMax);
  for (ErrorReport& error : exchange.errors) {
    cut_text(error.stack_trace, limits::kStackTraceBytesMax);
  }
}

// Cuts every text but the bodies to `bytes`, for an exchange that is too large even without them.
void cut_texts(Exchange& exchange, std::size_t bytes) {
  for (std::string* text :
       {&exchange.method, &exchange.host, &exchange.raw_url, &exchange.url_path, &exchange.referer,
        &exchange.service_version, &exchange.sdk_type, &exchange.project_id, &exchange.client_ip,
        &exchange.trace_id, &exchange.span_id, &exchange.parent_span_id, &exchange.consumer,
        &exchange.sdk_version, &exchange.service_name}) {
    cut_text(*text, bytes);
  }
  for (auto* headers : {&exchange.request_headers, &exchange.response_headers}) {
    for (Header& header : *headers) {
      cut_text(header.name, bytes);
      cut_text(header.value, bytes);
    }
  }
  for (auto* params : {&exchange.path_params, &exchange.query_params}) {
    for (Param& param : *params) {
      cut_text(param.name, bytes);
      cut_text(param.value, bytes);  // where that spoils JSON it is sent as text
    }
  }
  for (auto* list : {&exchange.tags, &exchange.redaction}) {
    cut_list(*list, limits::kParamsMax);
    for (std::string& text : *list) cut_text(text, bytes);
  }
  for (ErrorReport& error : exchange.errors) {
    error.other_json.clear();
    for (std::string* text : {&error.error_type, &error.message, &error.root_error_type,
                              &error.root_error_message, &error.stack_trace}) {
      cut_text(*text, bytes);
    }
  }
}

}  // namespace

void cut_body(Body& body, std::int64_t bytes) {
  if (bytes >= static_cast<std::int64_t>(body.bytes.size())) return;
  if (body.size < 0 && !body.truncated) body.size = static_cast<std::int64_t>(body.bytes.size());
  body.bytes.resize(static_cast<std::size_t>(bytes));
  body.truncated = true;
}

bool may_exceed_limits(const Exchange& exchange) {
  const auto bodies_bytes = static_cast<std::int64_t>(exchange.request_body.bytes.size()) +
                            static_cast<std::int64_t>(exchange.response_body.bytes.size());
  return has_too_many(exchange) || base64_size(bodies_bytes) > limits::kMessageBytesMax;
}

Exchange fitted(Exchange exchange) {
  if (exchange.query_params.empty()) exchange.query_params = parse_query(exchange.raw_url);
  cut_counts(exchange);
  Body request = std::move(exchange.request_body);
  Body response = std::move(exchange.response_body);
  // Both flags and sizes are written while measuring, as they may have to be in the end.
  exchange.request_body = {"", limits::kMessageBytesMax, true};
  exchange.response_body = {"", limits::kMessageBytesMax, true};
  auto skeleton = static_cast<std::int64_t>(write_members(exchange).size());
  for (std::size_t bytes = 64 << 10; skeleton > limits::kMessageBytesMax && bytes >= 64;
       bytes /= 8) {
    cut_texts(exchange, bytes);
    skeleton = static_cast<std::int64_t>(write_members(exchange).size());
  }
  exchange.request_body = std::move(request);
  exchange.response_body = std::move(response);
  constexpr std::int64_t kSizesBytesMax = 64;  // sizes with more digits than those measured
  cut_bodies(exchange, limits::kMessageBytesMax - skeleton - kSizesBytesMax);
  return exchange;
}

}  // namespace apitoolkit::wire
