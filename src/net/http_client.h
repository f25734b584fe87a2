// An HTTP client that keeps its connection. The interface, so that tests can break the network; the
// one that talks is curl_client.h.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "apitoolkit/exchange.h"
#include "apitoolkit/result.h"

namespace apitoolkit::net {

enum class HttpVersion {
  kAny,  // 1.1, and 2 where TLS's handshake chose it
  k2,    // 2, without asking first, as gRPC has it; for HttpCalls, and one host
};

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  std::vector<Header> headers;
  std::string body;
  std::chrono::steady_clock::time_point deadline;  // for the whole call
  std::int64_t response_bytes_max = 1 << 20;       // a longer answer is an error
  const std::atomic<bool>* interrupt = nullptr;    // the call ends soon after this becomes true
  // Takes the body of an answer of status 200 as it comes, in the place of response.body, however
  // long it is; false ends the call with kUnavailable.
  std::function<bool(std::string_view piece)> on_piece{};
  std::int64_t idle_s = 0;  // the call ends when nothing comes for so long; 0: it may take its time
  HttpVersion version = HttpVersion::kAny;
};

struct HttpResponse {
  int status = 0;
  std::vector<Header> headers;  // and trailers
  std::string body;
  // The first value of that header, names compared without case; empty if there is none.
  std::string_view header(std::string_view name) const;
};

// Used by one thread at a time.
class HttpClient {
 public:
  virtual ~HttpClient() = default;
  // Any answer, whatever its status, is a value. kUnavailable (cannot connect, reset, TLS),
  // kDeadlineExceeded, kResourceExhausted (answer too long), kInvalidArgument (the URL).
  virtual Result<HttpResponse> send(const HttpRequest& request) = 0;
};

// libcurl: HTTP/1.1, and 2 where it was built with it, TLS verified with the roots of ca_file.h, no
// redirects followed, no proxy for loopback, no signals, no DNS cache across forks.
std::unique_ptr<HttpClient> make_curl_client();

}  // namespace apitoolkit::net
