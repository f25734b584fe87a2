// The HTTP client over libcurl's multi interface, which, unlike the easy one, returns often enough
// to look at the deadline and at the caller's interrupt flag.
#include <algorithm>

#include "src/net/curl_transfer.h"
#include "src/net/http_client.h"

namespace apitoolkit::net {
namespace {

using Clock = std::chrono::steady_clock;

// How late an interrupt or the deadline may be noticed.
constexpr auto kPollInterval = std::chrono::milliseconds(50);

class CurlClient final : public HttpClient {
 public:
  Result<HttpResponse> send(const HttpRequest& request) override {
    if (!multi_) return fail(ErrorCode::kInternal, "libcurl cannot be initialised");
    if (auto begun = transfer_.begin(request, roots_); !begun) {
      return tl::unexpected(begun.error());
    }
    if (curl_multi_add_handle(multi_.get(), transfer_.handle()) != CURLM_OK) {
      return fail(ErrorCode::kInternal, "libcurl cannot start a transfer");
    }
    auto code = run(request);
    curl_multi_remove_handle(multi_.get(), transfer_.handle());
    auto response = code ? transfer_.end(*code) : tl::unexpected(code.error());
    transfer_.forget();
    return response;
  }

 private:
  // Until the transfer has ended, for whatever reason.
  Result<CURLcode> run(const HttpRequest& request) {
    while (true) {
      int running = 0;
      if (curl_multi_perform(multi_.get(), &running) != CURLM_OK) {
        return fail(ErrorCode::kInternal, "libcurl failed");
      }
      if (running == 0) return outcome();
      if (request.interrupt != nullptr && request.interrupt->load(std::memory_order_relaxed)) {
        return fail(ErrorCode::kUnavailable, "interrupted");
      }
      const auto now = Clock::now();
      if (now >= request.deadline) return fail(ErrorCode::kDeadlineExceeded, "no answer in time");
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(request.deadline - now);
      const auto wait =
          std::clamp(left, std::chrono::milliseconds(1), std::chrono::milliseconds(kPollInterval));
      curl_multi_poll(multi_.get(), nullptr, 0, static_cast<int>(wait.count()), nullptr);
    }
  }

  Result<CURLcode> outcome() {
    int left = 0;
    const CURLMsg* message = curl_multi_info_read(multi_.get(), &left);
    if (message == nullptr || message->msg != CURLMSG_DONE) {
      return fail(ErrorCode::kInternal, "libcurl lost the transfer");
    }
    return message->data.result;
  }

  CurlMulti multi_ = make_curl_multi();
  CurlTransfer transfer_;
  const TrustedRoots roots_ = trusted_roots();
};

}  // namespace

std::unique_ptr<HttpClient> make_curl_client() {
  return std::make_unique<CurlClient>();
}

}  // namespace apitoolkit::net
