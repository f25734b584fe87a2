#include "src/server/ingest/pubsub_grpc.h"

#include <string>
#include <utility>

#include "src/base/limits.h"
#include "src/server/ingest/grpc_answer.h"
#include "src/wire/pubsub_protobuf.h"

namespace apitoolkit::server::ingest {
namespace {

struct TopicName {
  std::string_view pubsub_project;
  std::string_view topic;
};

// "projects/p/topics/t", views into it.
Result<TopicName> parse_topic(std::string_view name) {
  constexpr std::string_view kProjects = "projects/";
  constexpr std::string_view kTopics = "/topics/";
  const std::size_t middle = name.find(kTopics);
  if (name.starts_with(kProjects) && middle != std::string_view::npos &&
      middle > kProjects.size()) {
    const TopicName parsed{name.substr(kProjects.size(), middle - kProjects.size()),
                           name.substr(middle + kTopics.size())};
    const bool plain = parsed.pubsub_project.find('/') == std::string_view::npos &&
                       parsed.topic.find('/') == std::string_view::npos;
    if (plain && !parsed.topic.empty()) return parsed;
  }
  return fail(ErrorCode::kInvalidArgument,
              "Invalid [topics] name: (name=" + std::string(name.substr(0, 300)) + ")");
}

// Whose topic the request names; `name` becomes a view into the request.
Result<account::KeyHolder> authenticate_topic(const Context& context,
                                              const net::GrpcRequest& request,
                                              std::string_view& name) {
  const auto decoded = wire::decode_topic_name(request.message);
  if (!decoded) return tl::unexpected<Error>(decoded.error());
  name = *decoded;
  const auto parsed = parse_topic(name);
  if (!parsed) return tl::unexpected<Error>(parsed.error());
  return authenticate_publisher(context, {parsed->pubsub_project, parsed->topic,
                                          request.find("authorization"), request.authority});
}

class Publish final : public Delivery {
 public:
  Publish(net::GrpcRequest request, net::GrpcResponder responder, const Context& context,
          std::shared_ptr<MessageIds> ids)
      : request_(std::move(request)),
        responder_(std::move(responder)),
        context_(context),
        ids_(std::move(ids)) {}

  std::string_view source() const override { return "pubsub_grpc"; }
  std::int64_t bytes() const override { return static_cast<std::int64_t>(request_.message.size()); }

  Result<account::KeyHolder> authenticate() override {
    std::string_view name;
    return authenticate_topic(context_, request_, name);
  }

  Result<Contents> decode() override {
    auto messages = wire::decode_publish_request_protobuf(request_.message);
    if (!messages) return tl::unexpected<Error>(messages.error());
    request_.message = {};
    return decode_messages(std::move(*messages));
  }

  void acknowledge(const Receipt& receipt) override {
    if (!receipt.bad.empty()) {
      return responder_(grpc_answer({ErrorCode::kInvalidArgument, describe_bad(receipt)}));
    }
    responder_({net::GrpcCode::kOk, "",
                wire::encode_publish_response_protobuf(ids_->take(receipt.items)), ""});
  }

  void refuse(const Error& error) override { responder_(grpc_answer(error)); }

 private:
  net::GrpcRequest request_;
  const net::GrpcResponder responder_;
  const Context context_;
  const std::shared_ptr<MessageIds> ids_;  // shared: with the source and its other deliveries
};

class PubsubGrpcSource final : public Source {
 public:
  PubsubGrpcSource(const Context& context, std::shared_ptr<MessageIds> ids)
      : context_(context), ids_(std::move(ids)) {}

  void add_methods(net::GrpcMethods& methods) override {
    methods.add("/google.pubsub.v1.Publisher/Publish", limits::kGrpcPublishBytesMax,
                [this](net::GrpcRequest request, net::GrpcResponder responder) {
                  context_.intake.take(std::make_shared<Publish>(
                      std::move(request), std::move(responder), context_, ids_));
                });
    for (const char* method : {"GetTopic", "CreateTopic"}) {
      methods.add(std::string("/google.pubsub.v1.Publisher/") + method, limits::kGrpcTopicBytesMax,
                  [this](const net::GrpcRequest& request, const net::GrpcResponder& responder) {
                    responder(describe_topic(request));
                  });
    }
  }

 private:
  net::GrpcAnswer describe_topic(const net::GrpcRequest& request) const {
    std::string_view name;
    if (const auto holder = authenticate_topic(context_, request, name); !holder) {
      return grpc_answer(holder.error());
    }
    return {net::GrpcCode::kOk, "", wire::encode_topic(name), ""};
  }

  const Context context_;
  const std::shared_ptr<MessageIds> ids_;
};

}  // namespace

std::unique_ptr<Source> make_pubsub_grpc_source(const Context& context,
                                                std::shared_ptr<MessageIds> ids) {
  return std::make_unique<PubsubGrpcSource>(context, std::move(ids));
}

}  // namespace apitoolkit::server::ingest
