// google.pubsub.v1.Publisher/Publish over gRPC:
//
//   body = 0 (1 byte) size (4 bytes, big endian) PublishRequest{topic=1; PubsubMessage{data=1}=2 …}
//   answer = the same around PublishResponse{message_ids=1 …}; grpc-status in the trailers
#include <charconv>

#include "src/cli/load_door.h"
#include "src/cli/pubsub_access.h"
#include "src/wire/protobuf_reader.h"
#include "src/wire/protobuf_writer.h"

namespace apitoolkit::cli {
namespace {

constexpr std::size_t kPrefixBytes = 5;

std::size_t count_ids(std::string_view body) {
  if (body.size() < kPrefixBytes) return 0;
  std::size_t count = 0;
  wire::ProtobufReader reader(body.substr(kPrefixBytes));
  while (reader.next()) count += reader.number() == 1 ? 1 : 0;
  return reader.failed() ? 0 : count;
}

class GrpcDoor final : public LoadDoor {
 public:
  GrpcDoor(LoadAddress address, const base::Clock& clock) : access_(std::move(address), clock) {}

  Status open(net::HttpClient& http) override { return access_.open(http); }

  net::HttpRequest request() override {
    net::HttpRequest request;
    request.method = "POST";
    request.url = access_.url() + "/google.pubsub.v1.Publisher/Publish";
    request.version = net::HttpVersion::k2;
    request.headers = {{"Content-Type", "application/grpc"},
                       {"TE", "trailers"},
                       {"Authorization", access_.authorization()}};
    return request;
  }

  void begin(std::string& body) override {
    body.clear();
    message_ = {};
    message_.text(1, access_.topic());
  }

  void add(const LoadMessage& message, std::string& /*body*/) override {
    message_.message(2, [&] { message_.bytes(1, message.json); });
  }

  void end(std::string& body) override {
    const std::string message = std::move(message_).str();
    const auto size = static_cast<std::uint32_t>(message.size());
    body += '\0';
    for (int shift = 24; shift >= 0; shift -= 8) body += static_cast<char>(size >> shift);
    body += message;
  }

  Verdict judge(const net::HttpResponse& response, std::size_t count) const override {
    switch (status_of(response)) {
      case 0:
        return count_ids(response.body) == count ? Verdict::kAcknowledged : Verdict::kRetry;
      case -1:
        // The trailers are lost. What became of the call is not known then, and sent twice is
        // stored once.
        return response.status == 200 && count_ids(response.body) == count ? Verdict::kRetry
                                                                           : Verdict::kRefused;
      case 4:   // DEADLINE_EXCEEDED
      case 8:   // RESOURCE_EXHAUSTED
      case 10:  // ABORTED
      case 13:  // INTERNAL
      case 14:  // UNAVAILABLE
        return Verdict::kRetry;
      default:
        return Verdict::kRefused;
    }
  }

  std::string describe(const net::HttpResponse& response) const override {
    const int status = status_of(response);
    if (status < 0) {
      return "HTTP status " + std::to_string(response.status) + " without a grpc-status, and " +
             std::to_string(response.body.size()) + " bytes";
    }
    return "status " + std::to_string(status) + ": " + std::string(response.header("grpc-message"));
  }

 private:
  // -1 where there is none: what answers does not speak gRPC.
  static int status_of(const net::HttpResponse& response) {
    const std::string_view text = response.header("grpc-status");
    int status = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), status);
    return error == std::errc() && end == text.data() + text.size() ? status : -1;
  }

  PubsubAccess access_;
  wire::ProtobufWriter message_;  // being made
};

}  // namespace

std::unique_ptr<LoadDoor> make_grpc_door(LoadAddress address, const base::Clock& clock) {
  return std::make_unique<GrpcDoor>(std::move(address), clock);
}

}  // namespace apitoolkit::cli
