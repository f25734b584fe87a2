#include "src/sdk/deliver/pubsub.h"

#include "src/base/limits.h"
#include "src/net/deflate.h"
#include "src/sdk/deliver/retry.h"
#include "src/wire/pubsub.h"

namespace apitoolkit::sdk {
namespace {

using Outcome = Delivery::Outcome;

constexpr std::string_view kGoogle = "https://pubsub.googleapis.com";

// One segment of a path: whatever the metadata says, it cannot lead elsewhere.
std::string path_segment(std::string_view text) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (kPlain.find(c) != std::string_view::npos) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
  return out;
}

std::string without_slash(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

// Base64 always shrinks. It is compressed piece by piece: what is sent is a tenth of what was made.
void put_messages(std::span<const std::string_view> messages, net::HttpRequest& request) {
  std::size_t bytes = 0;
  for (const std::string_view message : messages) bytes += message.size() / 3 * 4;
  if (static_cast<std::int64_t>(bytes) < limits::kGzipBytesMin) {
    request.body = wire::encode_publish_request(messages);
    return;
  }
  net::GzipWriter gzip;
  wire::encode_publish_request(messages, [&](std::string_view piece) { gzip.append(piece); });
  request.body = gzip.finish();
  request.headers.push_back({"Content-Encoding", "gzip"});
}

// The status of Google's error shape; never its message, which may quote what was captured.
std::string describe(const net::HttpResponse& response) {
  std::string text = "publishing was answered " + std::to_string(response.status);
  const std::string status = wire::decode_google_error(response.body).status;
  constexpr std::size_t kStatusBytesMax = 40;
  const bool is_name = status.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == std::string::npos;
  if (!status.empty() && status.size() <= kStatusBytesMax && is_name) text += " " + status;
  return text;
}

}  // namespace

PubsubTransport::PubsubTransport(Options options, std::unique_ptr<net::HttpClient> http,
                                 const base::Clock& clock)
    : options_(std::move(options)),
      http_(std::move(http)),
      clock_(clock),
      source_(options_.metadata, *http_, clock) {}

Delivery PubsubTransport::refresh(std::chrono::steady_clock::time_point deadline,
                                  const std::atomic<bool>& interrupt) {
  return source_.refresh(deadline, interrupt);
}

std::string PubsubTransport::publish_url(const wire::ClientMetadata& metadata) const {
  std::string endpoint(kGoogle);
  if (!options_.endpoint.empty()) {
    endpoint = options_.endpoint;
  } else if (!options_.emulator_host.empty()) {
    endpoint = "http://" + options_.emulator_host;
  } else if (metadata.extension && !metadata.extension->pubsub_endpoint.empty()) {
    endpoint = metadata.extension->pubsub_endpoint;
  }
  return without_slash(std::move(endpoint)) + "/v1/projects/" +
         path_segment(metadata.pubsub_project_id) + "/topics/" + path_segment(metadata.topic_id) +
         ":publish";
}

Delivery PubsubTransport::deliver(std::span<const std::string_view> messages,
                                  std::chrono::steady_clock::time_point deadline,
                                  const std::atomic<bool>& interrupt) {
  const wire::ClientMetadata* metadata = source_.metadata();
  if (metadata == nullptr) return {Outcome::kRetry, -1, "the client metadata is not known yet"};
  net::HttpRequest request;
  request.method = "POST";
  request.url = publish_url(*metadata);
  request.headers = {{"Content-Type", "application/json"}, {"User-Agent", options_.metadata.sdk}};
  put_messages(messages, request);
  request.deadline = deadline;
  request.interrupt = &interrupt;
  auto response = publish(request, metadata->service_account);
  if (response && response->status == 401) {
    tokens_.discard();  // the clock may have been wrong when it was signed
    response = publish(request, metadata->service_account);
  }
  if (!response) {
    // A key that cannot be read will not become readable: only other metadata helps.
    if (response.error().code == ErrorCode::kInvalidArgument) source_.forget();
    return {Outcome::kRetry, -1, "cannot publish: " + response.error().message,
            response.error().code == ErrorCode::kDeadlineExceeded};
  }
  if (response->status == 401) return refused();
  was_refused_ = false;
  return judge(*response, messages.size());
}

Result<net::HttpResponse> PubsubTransport::publish(net::HttpRequest& request,
                                                   const wire::ServiceAccount& account) {
  // An emulator knows no credentials.
  if (options_.emulator_host.empty() || !options_.endpoint.empty()) {
    const auto token = tokens_.token(account, clock_.now_ns() / 1'000'000'000);
    if (!token) return tl::unexpected(token.error());
    std::erase_if(request.headers, [](const Header& it) { return it.name == "Authorization"; });
    request.headers.push_back({"Authorization", "Bearer " + *token});
  }
  return http_->send(request);
}

// The server may have got another key pair since; if that is not it, it is the key.
Delivery PubsubTransport::refused() {
  source_.forget();
  const bool is_second_time = std::exchange(was_refused_, true);
  return {is_second_time ? Outcome::kUnauthorized : Outcome::kRetry, -1,
          "publishing was answered 401 also with a new token"};
}

Delivery PubsubTransport::judge(const net::HttpResponse& response, std::size_t count) {
  const auto wait = parse_retry_after(response.header("Retry-After"), clock_.now_ns());
  switch (response.status) {
    case 200: {
      const auto ids = wire::decode_publish_response(response.body);
      if (ids && ids->size() == count) return {};
      return {Outcome::kRetry, -1, "publishing was answered 200 with something else than ids"};
    }
    case 403:
    case 404:
      source_.forget();  // the topic may have moved
      return {Outcome::kRetry, wait.value_or(-1), describe(response)};
    case 408:  // the server's own patience with a request that arrives too slowly
      return {Outcome::kRetry, wait.value_or(-1), describe(response), true};
    case 400:
    case 413:
    case 415:
    case 422:
      return {Outcome::kRejected, -1, describe(response)};
    case 409:
      if (!wire::is_retryable(409, response.body)) {
        return {Outcome::kRejected, -1, describe(response)};
      }
      [[fallthrough]];
    default:
      // What wire::is_retryable lists, and what no Pub/Sub answers at all: something in between
      // does, and may stop doing so.
      return {Outcome::kRetry, wait.value_or(-1), describe(response)};
  }
}

}  // namespace apitoolkit::sdk
