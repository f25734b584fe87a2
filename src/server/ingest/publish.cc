#include "src/server/ingest/publish.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "src/base/limits.h"
#include "src/server/ingest/message_logs.h"
#include "src/server/store/exchange_size.h"
#include "src/wire/jwt.h"
#include "src/wire/message.h"

namespace apitoolkit::server::ingest {
namespace {

constexpr std::string_view kGoogleHost = "pubsub.googleapis.com";
constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::size_t kReasonsShownMax = 10;  // of bad messages, in one answer

bool looks_like_jwt(std::string_view token) {
  return std::count(token.begin(), token.end(), '.') == 2;
}

// "https://host/" for Google's audience or this server's own, whatever it was called by. Google's
// gRPC clients may name the service behind it.
bool is_audience(std::string_view audience, std::string_view host) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!audience.starts_with(scheme)) continue;
    std::string_view rest = audience.substr(scheme.size());
    constexpr std::string_view kService = "/google.pubsub.v1.Publisher";
    if (rest.ends_with(kService)) rest.remove_suffix(kService.size());
    if (rest.ends_with('/')) rest.remove_suffix(1);
    return !host.empty() && rest == host;
  }
  return false;
}

Status check_token(const Context& context, std::string_view token, std::string_view host,
                   const account::KeyHolder& holder) {
  const auto by_key = context.accounts.find_key(token);
  if (by_key && by_key->key_id == holder.key_id) return {};
  if (by_key) return fail(ErrorCode::kUnauthenticated, "this topic belongs to another API key");
  if (!looks_like_jwt(token)) return tl::unexpected<Error>(by_key.error());
  const auto claims = holder.project->key.verify(token, context.clock.now_ns() / kSecondNs);
  if (!claims) return tl::unexpected<Error>(claims.error());
  if (claims->issuer != holder.project->client_email) {
    return fail(ErrorCode::kUnauthenticated, "the token's issuer is not the project's account");
  }
  const bool for_google =
      claims->audience.starts_with("https://") && is_audience(claims->audience, kGoogleHost);
  if (!for_google && !is_audience(claims->audience, host)) {
    return fail(ErrorCode::kUnauthenticated, "the token is for another audience");
  }
  return {};
}

// As wire::decode_message, but what is over the bound by itself is that message's own error.
Result<Exchange> decode_bounded(std::string_view data) {
  auto exchange = wire::decode_message(data);
  if (exchange && store::memory_bytes(*exchange) > limits::kDecodedBytesMax) {
    return fail(ErrorCode::kCorrupt, "message: too large once decoded");
  }
  return exchange;
}

}  // namespace

Result<account::KeyHolder> authenticate_publisher(const Context& context,
                                                  const Publisher& publisher) {
  auto holder = context.accounts.find_topic(publisher.topic);
  if (!holder) return holder;
  if (holder->project->pubsub_project_id != publisher.pubsub_project) {
    return fail(ErrorCode::kNotFound,
                "Resource not found (resource=" + std::string(publisher.topic) + ").");
  }
  if (!holder->scopes.has(account::Scope::kIngest)) {
    return fail(ErrorCode::kPermissionDenied, "this topic's API key may not ingest");
  }
  const std::string_view token = bearer_token(publisher.authorization);
  if (token.empty()) return holder;
  if (auto valid = check_token(context, token, publisher.host, *holder); !valid) {
    return tl::unexpected<Error>(valid.error());
  }
  return holder;
}

Result<Contents> decode_messages(std::vector<wire::PubsubMessage> messages) {
  Contents contents;
  contents.items.reserve(messages.size());
  std::int64_t decoded_bytes = 0;
  for (wire::PubsubMessage& message : messages) {
    auto exchange = decode_bounded(message.data);
    if (exchange) {
      decoded_bytes += store::memory_bytes(*exchange);
      auto logs = logs_of(message.data, exchange->trace_id);
      std::move(logs.begin(), logs.end(), std::back_inserter(contents.logs));
    }
    if (decoded_bytes > limits::kDecodedBytesMax) {
      return fail(ErrorCode::kInvalidArgument,
                  "The messages are too large once decoded. Publish fewer at a time.");
    }
    std::string kept = exchange ? std::string() : std::move(message.data);
    contents.items.push_back({std::move(exchange), std::move(kept)});
  }
  return contents;
}

std::string describe_bad(const Receipt& receipt) {
  std::string text;
  for (std::size_t i = 0; i < std::min(receipt.bad.size(), kReasonsShownMax); i++) {
    text +=
        "messages[" + std::to_string(receipt.bad[i].index) + "]: " + receipt.bad[i].reason + "; ";
  }
  if (receipt.bad.size() > kReasonsShownMax) text += "…; ";
  return text + std::to_string(receipt.items - receipt.bad.size()) + " of " +
         std::to_string(receipt.items) + " messages were stored";
}

std::vector<std::string> MessageIds::take(std::size_t count) {
  std::uint64_t id = next_.fetch_add(count);
  std::vector<std::string> ids(count);
  for (std::string& text : ids) text = std::to_string(id++);
  return ids;
}

}  // namespace apitoolkit::server::ingest
