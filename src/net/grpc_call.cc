#include "src/net/grpc_call.h"

#include <algorithm>
#include <utility>

#include "src/base/limits.h"
#include "src/net/inflate.h"

namespace apitoolkit::net {
namespace {

constexpr std::size_t kPrefixBytes = 5;
// What RFC 9113 adds to each field's size, section 6.5.2.
constexpr std::int64_t kHeaderOverheadBytes = 32;

bool is_grpc(std::string_view content_type) {
  constexpr std::string_view kType = "application/grpc";
  if (!content_type.starts_with(kType)) return false;
  content_type.remove_prefix(kType.size());
  return content_type.empty() || content_type.front() == '+' || content_type.front() == ';';
}

}  // namespace

GrpcCall::GrpcCall(std::shared_ptr<ServerShared> shared, std::string peer)
    : shared_(std::move(shared)), share_(std::make_shared<BodyShare>(shared_)) {
  request_.peer = std::move(peer);
}

void GrpcCall::add_header(std::string_view name, std::string_view value) {
  header_bytes_ += static_cast<std::int64_t>(name.size() + value.size()) + kHeaderOverheadBytes;
  if (header_bytes_ > shared_->options.header_bytes_max) return;
  if (name == ":path") {
    request_.method = value;
  } else if (name == ":method") {
    http_method_ = value;
  } else if (name == ":authority") {
    request_.authority = value;
  } else if (!name.starts_with(':')) {
    request_.metadata.push_back({std::string(name), std::string(value)});
  }
}

std::optional<GrpcCall::Refusal> GrpcCall::begin() {
  auto& counters = shared_->counters;
  if (header_bytes_ > shared_->options.header_bytes_max) {
    counters.refused_too_large++;
    return refuse(GrpcCode::kResourceExhausted,
                  "the metadata is larger than " +
                      std::to_string(shared_->options.header_bytes_max) + " bytes");
  }
  if (auto refusal = grow()) return refusal;
  if (!is_grpc(request_.find("content-type"))) {
    counters.refused_malformed++;
    return Refusal{{}, 415};
  }
  if (http_method_ != "POST") {
    counters.refused_malformed++;
    return Refusal{{}, 405};
  }
  method_ = shared_->methods.find(request_.method);
  if (method_ == nullptr) {
    return refuse(GrpcCode::kUnimplemented, "there is no method " + request_.method + " here");
  }
  const std::string_view encoding = request_.find("grpc-encoding");
  if (!encoding.empty() && encoding != "identity" && encoding != "gzip" && encoding != "deflate") {
    return refuse(GrpcCode::kUnimplemented, "the encodings understood are gzip and deflate");
  }
  return std::nullopt;
}

std::optional<GrpcCall::Refusal> GrpcCall::append(std::string_view bytes) {
  if (prefix_.size() < kPrefixBytes) {
    const std::size_t taken = std::min(kPrefixBytes - prefix_.size(), bytes.size());
    prefix_.append(bytes.substr(0, taken));
    bytes.remove_prefix(taken);
    if (prefix_.size() < kPrefixBytes) return std::nullopt;
    if (auto refusal = check_prefix()) return refusal;
  }
  if (bytes.size() > message_bytes_ - request_.message.size()) {
    shared_->counters.refused_malformed++;
    return refuse(GrpcCode::kUnimplemented, "a unary call has exactly one message");
  }
  request_.message.append(bytes);
  return grow();
}

std::optional<GrpcCall::Refusal> GrpcCall::check_prefix() {
  for (std::size_t i = 1; i < kPrefixBytes; i++) {
    message_bytes_ = message_bytes_ << 8 | static_cast<unsigned char>(prefix_[i]);
  }
  const char flag = prefix_[0];
  if (flag != 0 && flag != 1) {
    shared_->counters.refused_malformed++;
    return refuse(GrpcCode::kInternal, "the message's prefix has an unknown flag");
  }
  const std::string_view encoding = request_.find("grpc-encoding");
  if (flag == 1 && (encoding.empty() || encoding == "identity")) {
    shared_->counters.refused_malformed++;
    return refuse(GrpcCode::kInternal, "the message is compressed, but no grpc-encoding is named");
  }
  if (message_bytes_ > method_->message_bytes_max) return too_large(message_bytes_);
  return std::nullopt;
}

std::optional<GrpcCall::Refusal> GrpcCall::end() {
  if (prefix_.empty()) {
    shared_->counters.refused_malformed++;
    return refuse(GrpcCode::kUnimplemented, "a unary call has exactly one message");
  }
  if (prefix_.size() < kPrefixBytes || request_.message.size() < message_bytes_) {
    shared_->counters.refused_malformed++;
    return refuse(GrpcCode::kInternal, "the message ends early");
  }
  if (prefix_[0] == 0) return std::nullopt;
  auto inflated = inflate(request_.message, method_->message_bytes_max);
  if (!inflated && inflated.error().code == ErrorCode::kResourceExhausted) {
    return too_large(method_->message_bytes_max + 1);
  }
  if (!inflated) {
    shared_->counters.refused_malformed++;
    return refuse(GrpcCode::kInternal, inflated.error().message);
  }
  request_.message = std::move(*inflated);
  return grow();
}

std::optional<GrpcCall::Refusal> GrpcCall::grow() {
  const std::int64_t bytes = limits::kHttp2StreamBytesMin + header_bytes_ +
                             static_cast<std::int64_t>(request_.message.size());
  if (share_->grow_to(bytes)) return std::nullopt;
  return refuse(GrpcCode::kUnavailable, "too many requests at once; try again later");
}

std::optional<GrpcCall::Refusal> GrpcCall::refuse(GrpcCode code, std::string text) {
  request_ = {};
  share_->release();
  return Refusal{{code, std::move(text), "", ""}};
}

std::optional<GrpcCall::Refusal> GrpcCall::too_large(std::int64_t bytes) {
  shared_->counters.refused_too_large++;
  const std::int64_t bytes_max = method_->message_bytes_max;
  return refuse(GrpcCode::kResourceExhausted,
                bytes > bytes_max + 1
                    ? "Received message larger than max (" + std::to_string(bytes) + " vs. " +
                          std::to_string(bytes_max) + ")"
                    : "Received message larger than max (" + std::to_string(bytes_max) + ")");
}

}  // namespace apitoolkit::net
