#include "src/sdk/deliver/otlp.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "src/base/limits.h"
#include "src/sdk/deliver/compress.h"
#include "src/sdk/deliver/retry.h"
#include "src/wire/message.h"
#include "src/wire/otlp_answer.h"

namespace apitoolkit::sdk {
namespace {

using Outcome = Delivery::Outcome;

bool same_name(std::string_view a, std::string_view b) {
  const auto fold = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return fold(x) == fold(y); });
}

// What a portal in between says of itself, in whatever status.
bool is_web_page(const net::HttpResponse& response) {
  constexpr std::string_view kHtml = "text/html";
  return same_name(response.header("Content-Type").substr(0, kHtml.size()), kHtml);
}

}  // namespace

OtlpTransport::OtlpTransport(Options options, std::unique_ptr<net::HttpClient> http,
                             const base::Clock& clock)
    : options_(std::move(options)),
      http_(std::move(http)),
      clock_(clock),
      source_(options_.metadata, *http_, clock) {}

Delivery OtlpTransport::refresh(std::chrono::steady_clock::time_point deadline,
                                const std::atomic<bool>& interrupt) {
  if (options_.metadata.api_key.empty()) return {};
  return source_.refresh(deadline, interrupt);
}

// The configured ones; ours only where they do not say the same.
std::vector<Header> OtlpTransport::headers() const {
  std::vector<Header> all = options_.target.headers;
  const auto add = [&](const char* name, std::string value) {
    const bool is_said = std::any_of(
        all.begin(), all.end(), [&](const Header& header) { return same_name(header.name, name); });
    if (!is_said) all.push_back({name, std::move(value)});
  };
  add("Content-Type", "application/x-protobuf");
  add("User-Agent", options_.metadata.sdk);
  if (const std::string& key = options_.metadata.api_key; !key.empty()) {
    add("Authorization", "Bearer " + key);
  }
  return all;
}

Delivery OtlpTransport::deliver(std::span<const std::string_view> messages,
                                std::chrono::steady_clock::time_point deadline,
                                const std::atomic<bool>& interrupt) {
  std::vector<Exchange> exchanges;
  exchanges.reserve(messages.size());
  for (const std::string_view message : messages) {
    auto exchange = wire::decode_message(message);
    // Only what an application made itself can be that; why is not said, since it may be quoted.
    if (!exchange) return {Outcome::kRejected, -1, "a message that is no exchange cannot be sent"};
    exchanges.push_back(std::move(*exchange));
  }
  net::HttpRequest request;
  request.method = "POST";
  request.url = options_.target.url;
  request.headers = headers();
  request.body = wire::encode_trace_request(exchanges, options_.resource);
  compress(request);
  request.deadline = deadline;
  request.interrupt = &interrupt;
  const auto response = http_->send(request);
  if (!response) {
    return {Outcome::kRetry, -1, "cannot send spans: " + response.error().message,
            response.error().code == ErrorCode::kDeadlineExceeded};
  }
  return judge(*response, messages.size());
}

Delivery OtlpTransport::judge(const net::HttpResponse& response, std::size_t count) const {
  const int status = response.status;
  const std::string where = "(" + std::to_string(status) + " from " + options_.target.url + ")";
  const auto wait = parse_retry_after(response.header("Retry-After"), clock_.now_ns());
  if (status >= 200 && status < 300) {
    if (is_web_page(response)) {
      return {Outcome::kRetry, -1, "a web page answered in the receiver's place " + where};
    }
    const auto rejected = wire::decode_rejected_spans(response.body).value_or(0);
    if (rejected <= 0) return {};
    Delivery partial;
    partial.rejected = std::min(rejected, static_cast<std::int64_t>(count));
    partial.detail = "the receiver refused " + std::to_string(partial.rejected) + " of " +
                     std::to_string(count) + " spans " + where;
    return partial;
  }
  switch (status) {
    case 401:
    case 403:
      return {Outcome::kUnauthorized, wait.value_or(-1),
              "the receiver does not accept the API key or the headers " + where};
    case 404:
      return {Outcome::kRetry, wait.value_or(-1), "there is no receiver of OTLP traces " + where};
    case 408:  // the receiver's patience with a request that arrives too slowly
      return {Outcome::kRetry, wait.value_or(-1), "sending spans took too long " + where, true};
    case 429:
    case 502:
    case 503:
    case 504:
      return {Outcome::kRetry, wait.value_or(-1), "the receiver takes no spans now " + where};
    default:
      // By the specification nothing else may be tried again, but what is below 400 is no answer of
      // a receiver at all.
      return {status < 400 ? Outcome::kRetry : Outcome::kRejected, wait.value_or(-1),
              "the receiver refused spans " + where};
  }
}

}  // namespace apitoolkit::sdk
