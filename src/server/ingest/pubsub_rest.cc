#include "src/server/ingest/pubsub_rest.h"

#include <algorithm>
#include <atomic>
#include <string>
#include <utility>

#include "src/base/limits.h"
#include "src/server/store/exchange_size.h"
#include "src/wire/jwt.h"
#include "src/wire/message.h"
#include "src/wire/pubsub.h"

namespace apitoolkit::server::ingest {
namespace {

constexpr std::string_view kGoogleAudience = "https://pubsub.googleapis.com/";
constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::size_t kReasonsShownMax = 10;  // of bad messages, in one answer

int http_status(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kCorrupt:
      return 400;
    case ErrorCode::kUnauthenticated:
      return 401;
    case ErrorCode::kPermissionDenied:
      return 403;
    case ErrorCode::kNotFound:
      return 404;
    case ErrorCode::kResourceExhausted:
      return 429;
    case ErrorCode::kUnavailable:
      return 503;
    default:
      return 500;
  }
}

bool looks_like_jwt(std::string_view token) {
  return std::count(token.begin(), token.end(), '.') == 2;
}

// "http://host/" for this server's own audience, whatever it was called by.
bool is_own_audience(std::string_view audience, std::string_view host) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!audience.starts_with(scheme)) continue;
    std::string_view rest = audience.substr(scheme.size());
    if (rest.ends_with('/')) rest.remove_suffix(1);
    return !host.empty() && rest == host;
  }
  return false;
}

// Ids that no two messages of this server share, also after a restart.
class MessageIds {
 public:
  explicit MessageIds(const base::Clock& clock)
      : next_(static_cast<std::uint64_t>(clock.now_ns())) {}
  std::vector<std::string> take(std::size_t count) {
    std::uint64_t id = next_.fetch_add(count);
    std::vector<std::string> ids(count);
    for (std::string& text : ids) text = std::to_string(id++);
    return ids;
  }

 private:
  std::atomic<std::uint64_t> next_;
};

// As wire::decode_message, but what is over the bound by itself is that message's own error.
Result<Exchange> decode_bounded(std::string_view data) {
  auto exchange = wire::decode_message(data);
  if (exchange && store::memory_bytes(*exchange) > limits::kDecodedBytesMax) {
    return fail(ErrorCode::kCorrupt, "message: too large once decoded");
  }
  return exchange;
}

class Publish final : public Delivery {
 public:
  Publish(net::ServerRequest request, const net::PathParams& params, net::Responder responder,
          const Context& context, std::shared_ptr<MessageIds> ids)
      : request_(std::move(request)),
        pubsub_project_(params["project"]),
        topic_(params["topic"]),
        responder_(std::move(responder)),
        accounts_(context.accounts),
        clock_(context.clock),
        ids_(std::move(ids)) {}

  std::string_view source() const override { return "pubsub_rest"; }
  std::int64_t bytes() const override { return static_cast<std::int64_t>(request_.body.size()); }

  Result<account::KeyHolder> authenticate() override {
    auto holder = accounts_.find_topic(topic_);
    if (!holder) return holder;
    if (holder->project->pubsub_project_id != pubsub_project_) {
      return fail(ErrorCode::kNotFound, "Resource not found (resource=" + topic_ + ").");
    }
    if (!holder->scopes.has(account::Scope::kIngest)) {
      return fail(ErrorCode::kPermissionDenied, "this topic's API key may not ingest");
    }
    const std::string_view token = bearer_token(request_.header("Authorization"));
    if (token.empty()) return holder;
    if (auto valid = check_token(token, *holder); !valid) {
      return tl::unexpected<Error>(valid.error());
    }
    return holder;
  }

  Result<Contents> decode() override {
    auto messages = wire::decode_publish_request(request_.body);
    if (!messages) return tl::unexpected<Error>(messages.error());
    request_.body = {};
    std::vector<Item> items;
    items.reserve(messages->size());
    std::int64_t decoded_bytes = 0;
    for (wire::PubsubMessage& message : *messages) {
      auto exchange = decode_bounded(message.data);
      if (exchange) decoded_bytes += store::memory_bytes(*exchange);
      if (decoded_bytes > limits::kDecodedBytesMax) {
        return fail(ErrorCode::kInvalidArgument,
                    "The messages are too large once decoded. Publish fewer at a time.");
      }
      std::string kept = exchange ? std::string() : std::move(message.data);
      items.push_back({std::move(exchange), std::move(kept)});
    }
    return Contents{std::move(items)};
  }

  void acknowledge(const Receipt& receipt) override {
    if (receipt.bad.empty()) {
      responder_({200,
                  {{"Content-Type", "application/json; charset=UTF-8"}},
                  wire::encode_publish_response(ids_->take(receipt.items))});
      return;
    }
    std::string reasons;
    for (std::size_t i = 0; i < std::min(receipt.bad.size(), kReasonsShownMax); i++) {
      reasons +=
          "messages[" + std::to_string(receipt.bad[i].index) + "]: " + receipt.bad[i].reason + "; ";
    }
    if (receipt.bad.size() > kReasonsShownMax) reasons += "…; ";
    responder_(google_error(400, reasons + std::to_string(receipt.items - receipt.bad.size()) +
                                     " of " + std::to_string(receipt.items) +
                                     " messages were stored"));
  }

  void refuse(const Error& error) override {
    responder_(google_error(http_status(error.code), error.message));
  }

 private:
  Status check_token(std::string_view token, const account::KeyHolder& holder) {
    const auto by_key = accounts_.find_key(token);
    if (by_key && by_key->key_id == holder.key_id) return {};
    if (by_key) return fail(ErrorCode::kUnauthenticated, "this topic belongs to another API key");
    if (!looks_like_jwt(token)) return tl::unexpected<Error>(by_key.error());
    const auto claims = holder.project->key.verify(token, clock_.now_ns() / kSecondNs);
    if (!claims) return tl::unexpected<Error>(claims.error());
    if (claims->issuer != holder.project->client_email) {
      return fail(ErrorCode::kUnauthenticated, "the token's issuer is not the project's account");
    }
    if (claims->audience != kGoogleAudience &&
        !is_own_audience(claims->audience, request_.header("Host"))) {
      return fail(ErrorCode::kUnauthenticated, "the token is for another audience");
    }
    return {};
  }

  net::ServerRequest request_;
  const std::string pubsub_project_;
  const std::string topic_;
  const net::Responder responder_;
  account::Accounts& accounts_;
  const base::Clock& clock_;
  const std::shared_ptr<MessageIds> ids_;  // shared: with the source and its other deliveries
};

class PubsubRestSource final : public Source {
 public:
  explicit PubsubRestSource(const Context& context)
      : context_(context), ids_(std::make_shared<MessageIds>(context.clock)) {}

  void add_routes(net::Router& router) override {
    router.add("POST", "/v1/projects/{project}/topics/{topic}:publish",
               [this](net::ServerRequest request, const net::PathParams& params,
                      net::Responder responder) {
                 context_.intake.take(std::make_shared<Publish>(
                     std::move(request), params, std::move(responder), context_, ids_));
               });
  }

 private:
  const Context context_;
  const std::shared_ptr<MessageIds> ids_;
};

}  // namespace

net::ServerResponse google_error(int status, std::string_view message) {
  net::ServerResponse response{status,
                               {{"Content-Type", "application/json; charset=UTF-8"}},
                               wire::encode_google_error(status, message)};
  if (status == 401) response.headers.push_back({"WWW-Authenticate", "Bearer"});
  if (status == 429 || status == 503) {
    response.headers.push_back({"Retry-After", std::to_string(limits::kRetryAfterS)});
  }
  return response;
}

std::unique_ptr<Source> make_pubsub_rest_source(const Context& context) {
  return std::make_unique<PubsubRestSource>(context);
}

}  // namespace apitoolkit::server::ingest
