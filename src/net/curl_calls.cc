// HttpCalls over libcurl's multi interface.
#include <algorithm>
#include <utility>
#include <vector>

#include "src/net/curl_transfer.h"
#include "src/net/http_calls.h"

namespace apitoolkit::net {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// libcurl 7.88 loses trailers, and then the connection, where thousands of calls a second share
// one.
CurlMulti make_multi_of_connections() {
  CurlMulti multi = make_curl_multi();
  if (multi) {
    curl_multi_setopt(multi.get(), CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_NOTHING));
  }
  return multi;
}

// A body of any size that a server takes goes to the socket in few pieces.
constexpr long kUploadBufferBytes = 512 << 10;
constexpr milliseconds kDeadlinesEvery{50};  // how late a deadline may be noticed

class CurlCalls final : public HttpCalls {
 public:
  ~CurlCalls() override {
    for (const auto& call : calls_) {
      if (call->is_running) curl_multi_remove_handle(multi_.get(), call->transfer.handle());
    }
  }

  void start(HttpRequest request, Done done) override {
    Call& call = idle_call();
    call.request = std::move(request);
    call.done = std::move(done);
    Status begun = multi_ ? call.transfer.begin(call.request, roots_)
                          : fail(ErrorCode::kInternal, "libcurl cannot be initialised");
    CURL* easy = call.transfer.handle();
    if (begun) {
      curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, kUploadBufferBytes);
      curl_easy_setopt(easy, CURLOPT_PRIVATE, &call);
      if (call.request.version == HttpVersion::k2) ask_for_http2(easy);
      if (curl_multi_add_handle(multi_.get(), easy) != CURLM_OK) {
        if (call.request.version == HttpVersion::k2) end_http2(false);
        begun = fail(ErrorCode::kInternal, "libcurl cannot start a transfer");
      }
    }
    call.is_running = begun.has_value();
    if (begun) {
      ++running_;
    } else {
      finish(call, tl::unexpected(begun.error()));
    }
  }

  void run(milliseconds at_most) override {
    const auto end = Clock::now() + at_most;
    while (running_ > 0) {
      int running = 0;
      curl_multi_perform(multi_.get(), &running);
      if (end_what_is_done() | end_what_is_late()) return;
      const auto left = std::chrono::duration_cast<milliseconds>(end - Clock::now());
      if (left.count() <= 0) return;
      const auto wait = std::min(left, kDeadlinesEvery);
      curl_multi_poll(multi_.get(), nullptr, 0, static_cast<int>(wait.count()), nullptr);
    }
  }

  std::size_t running() const override { return running_; }

 private:
  struct Call {
    CurlTransfer transfer;
    HttpRequest request;
    Done done;
    bool is_running = false;
  };

  Call& idle_call() {
    for (const auto& call : calls_) {
      if (!call->is_running) return *call;
    }
    calls_.push_back(std::make_unique<Call>());
    return *calls_.back();
  }

  // libcurl 7.88, which Debian 12 has, breaks a connection that was made with prior knowledge if
  // the next request asks for that again. So a call asks for it only where no connection is idle.
  void ask_for_http2(CURL* easy) {
    const bool is_fresh = http2_running_ == http2_connections_;
    if (is_fresh) ++http2_connections_;
    ++http2_running_;
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
                     is_fresh ? static_cast<long>(CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE)
                              : static_cast<long>(CURL_HTTP_VERSION_2_0));
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, is_fresh ? 1L : 0L);
  }

  // What became of the call; where the connection that it should have reused is no more, an error.
  Result<HttpResponse> result_of(Call& call, CURLcode code) {
    long version = CURL_HTTP_VERSION_2_0;
    curl_easy_getinfo(call.transfer.handle(), CURLINFO_HTTP_VERSION, &version);
    auto response = call.transfer.end(code);
    if (call.request.version != HttpVersion::k2) return response;
    if (response && version != CURL_HTTP_VERSION_2_0) {
      response = fail(ErrorCode::kUnavailable, "the connection that speaks HTTP/2 is gone");
    }
    end_http2(response.has_value());
    return response;
  }

  void end_http2(bool is_kept) {
    --http2_running_;
    if (!is_kept) --http2_connections_;
  }

  bool end_what_is_done() {
    bool any = false;
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      void* context = nullptr;
      curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &context);
      // The message does not outlive the handle's removal.
      const CURLcode code = message->data.result;
      Call& call = *static_cast<Call*>(context);
      stop(call);
      finish(call, result_of(call, code));
      any = true;
    }
    return any;
  }

  bool end_what_is_late() {
    const auto now = Clock::now();
    if (now < next_deadlines_) return false;
    next_deadlines_ = now + kDeadlinesEvery;
    bool any = false;
    for (std::size_t i = 0; i < calls_.size(); ++i) {  // which may grow meanwhile
      Call& call = *calls_[i];
      if (!call.is_running || now < call.request.deadline) continue;
      stop(call);
      if (call.request.version == HttpVersion::k2) end_http2(false);
      finish(call, fail(ErrorCode::kDeadlineExceeded, "no answer in time"));
      any = true;
    }
    return any;
  }

  void stop(Call& call) {
    curl_multi_remove_handle(multi_.get(), call.transfer.handle());
    call.is_running = false;
    --running_;
  }

  // The call may be reused from within `done`.
  static void finish(Call& call, const Result<HttpResponse>& response) {
    call.transfer.forget();
    const Done done = std::exchange(call.done, nullptr);
    done(std::move(call.request), response);
  }

  CurlMulti multi_ = make_multi_of_connections();
  const TrustedRoots roots_ = trusted_roots();
  std::vector<std::unique_ptr<Call>> calls_;
  std::size_t running_ = 0;
  // Made with prior knowledge and not known to be gone; those of them that a call has.
  std::size_t http2_connections_ = 0;
  std::size_t http2_running_ = 0;
  Clock::time_point next_deadlines_{};
};

}  // namespace

std::unique_ptr<HttpCalls> make_curl_calls() {
  return std::make_unique<CurlCalls>();
}

}  // namespace apitoolkit::net
