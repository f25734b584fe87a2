// Whatever comes after the preface of HTTP/2: the session neither crashes nor keeps anything, calls
// only methods that there are, and gives back what it took of the bound on all bodies. The first
// byte says in pieces of which size the rest arrives.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fuzz/require.h"
#include "src/net/http2_session.h"

namespace {

namespace net = apitoolkit::net;

constexpr std::int64_t kMessageBytesMax = 1000;
constexpr std::size_t kSentBytesMax = 16 << 20;  // in answer to one input

std::shared_ptr<net::ServerShared> make_shared() {
  net::HttpServerOptions options;
  options.bodies_bytes_max = 1 << 20;
  auto shared = std::make_shared<net::ServerShared>(std::move(options));
  shared->methods.add("/a/Echo", kMessageBytesMax,
                      [](net::GrpcRequest request, const net::GrpcResponder& responder) {
                        FUZZ_REQUIRE(request.method == "/a/Echo");
                        FUZZ_REQUIRE(request.message.size() <= kMessageBytesMax);
                        responder({net::GrpcCode::kOk, "", std::move(request.message), ""});
                      });
  shared->methods.add("/a/Fail", kMessageBytesMax,
                      [](const net::GrpcRequest& request, const net::GrpcResponder& responder) {
                        responder({net::GrpcCode::kNotFound, request.message, "", "details"});
                      });
  return shared;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece_bytes = data[0] == 0 ? size : data[0];
  std::string input(net::kHttp2Preface);
  input.append(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto shared = make_shared();
  std::vector<std::pair<std::int32_t, net::GrpcAnswer>> answers;
  {
    net::Http2Session session(shared, "127.0.0.1", [&](std::int32_t id, net::GrpcAnswer answer) {
      answers.emplace_back(id, std::move(answer));
    });
    std::string output;
    std::size_t sent_bytes = 0;
    const auto send = [&] {
      output.clear();
      session.send_to(output, kSentBytesMax);
      sent_bytes += output.size();
      FUZZ_REQUIRE(sent_bytes < kSentBytesMax);
    };
    std::string_view rest = input;
    bool is_whole = true;
    while (is_whole && !rest.empty()) {
      const std::string_view piece = rest.substr(0, piece_bytes);
      rest.remove_prefix(piece.size());
      is_whole = session.receive(piece);
      for (const auto& [id, answer] : std::exchange(answers, {})) session.answer(id, answer);
      send();
    }
    session.expire(net::Http2Session::Clock::time_point::max());
    send();
    session.finish();
    send();
  }
  FUZZ_REQUIRE(shared->counters.body_bytes == 0);
  return 0;
}
