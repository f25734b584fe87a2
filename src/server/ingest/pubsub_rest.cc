#include "src/server/ingest/pubsub_rest.h"

#include <string>
#include <utility>

#include "src/base/limits.h"
#include "src/server/ingest/error_code.h"
#include "src/wire/pubsub.h"

namespace apitoolkit::server::ingest {
namespace {

class Publish final : public Delivery {
 public:
  Publish(net::ServerRequest request, const net::PathParams& params, net::Responder responder,
          const Context& context, std::shared_ptr<MessageIds> ids)
      : request_(std::move(request)),
        pubsub_project_(params["project"]),
        topic_(params["topic"]),
        responder_(std::move(responder)),
        context_(context),
        ids_(std::move(ids)) {}

  std::string_view source() const override { return "pubsub_rest"; }
  std::int64_t bytes() const override { return static_cast<std::int64_t>(request_.body.size()); }

  Result<account::KeyHolder> authenticate() override {
    return authenticate_publisher(
        context_,
        {pubsub_project_, topic_, request_.header("Authorization"), request_.header("Host")});
  }

  Result<Contents> decode() override {
    auto messages = wire::decode_publish_request(request_.body);
    if (!messages) return tl::unexpected<Error>(messages.error());
    request_.body = {};
    return decode_messages(std::move(*messages));
  }

  void acknowledge(const Receipt& receipt) override {
    if (!receipt.bad.empty()) return responder_(google_error(400, describe_bad(receipt)));
    responder_({200,
                {{"Content-Type", "application/json; charset=UTF-8"}},
                wire::encode_publish_response(ids_->take(receipt.items))});
  }

  void refuse(const Error& error) override {
    responder_(google_error(http_status(error.code), error.message));
  }

 private:
  net::ServerRequest request_;
  const std::string pubsub_project_;
  const std::string topic_;
  const net::Responder responder_;
  const Context context_;
  const std::shared_ptr<MessageIds> ids_;  // shared: with the source and its other deliveries
};

class PubsubRestSource final : public Source {
 public:
  PubsubRestSource(const Context& context, std::shared_ptr<MessageIds> ids)
      : context_(context), ids_(std::move(ids)) {}

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

std::unique_ptr<Source> make_pubsub_rest_source(const Context& context,
                                                std::shared_ptr<MessageIds> ids) {
  return std::make_unique<PubsubRestSource>(context, std::move(ids));
}

}  // namespace apitoolkit::server::ingest
