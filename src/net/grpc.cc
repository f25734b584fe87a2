#include "src/net/grpc.h"

#include <atomic>
#include <utility>

namespace apitoolkit::net {

struct GrpcResponder::Once {
  explicit Once(Send given) : send(std::move(given)) {}
  Once(const Once&) = delete;
  Once& operator=(const Once&) = delete;
  ~Once() { answer({GrpcCode::kInternal, "no answer was given", "", ""}); }

  void answer(GrpcAnswer given) {
    if (!done.exchange(true)) send(std::move(given));
  }

  Send send;
  std::atomic<bool> done{false};
};

GrpcResponder::GrpcResponder(Send send) : once_(std::make_shared<Once>(std::move(send))) {}

void GrpcResponder::operator()(GrpcAnswer answer) const {
  once_->answer(std::move(answer));
}

std::string_view GrpcRequest::find(std::string_view name) const {
  for (const Header& entry : metadata) {
    if (entry.name == name) return entry.value;
  }
  return {};
}

void GrpcMethods::add(std::string path, std::int64_t message_bytes_max, GrpcHandler handler) {
  methods_.insert_or_assign(std::move(path), Method{message_bytes_max, std::move(handler)});
}

const GrpcMethods::Method* GrpcMethods::find(std::string_view path) const {
  const auto found = methods_.find(path);
  return found == methods_.end() ? nullptr : &found->second;
}

std::string grpc_percent_encode(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f && c != '%') {
      out.push_back(c);
    } else {
      out.append({'%', kHex[byte >> 4], kHex[byte & 15]});
    }
  }
  return out;
}

std::string grpc_frame(std::string_view message) {
  const auto size = static_cast<std::uint32_t>(message.size());
  std::string out;
  out.reserve(5 + message.size());
  out.push_back(0);
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(size >> shift));
  return out.append(message);
}

}  // namespace apitoolkit::net
