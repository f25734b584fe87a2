// Many HTTP calls at the same time, from one thread. For one call after another there is
// http_client.h.
//
//   const auto calls = make_curl_calls();
//   calls->start(std::move(request), [&](HttpRequest request, const Result<HttpResponse>& response)
//   {
//     …                                       // may start the next call
//   });
//   while (calls->running() > 0) calls->run(std::chrono::milliseconds(100));
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>

#include "apitoolkit/result.h"
#include "src/net/http_client.h"

namespace apitoolkit::net {

// Used by one thread.
class HttpCalls {
 public:
  // Gets the request back, to send it again or to reuse its memory. Errors as HttpClient::send has
  // them.
  using Done = std::function<void(HttpRequest request, const Result<HttpResponse>& response)>;

  // Ends what is still running without a word.
  virtual ~HttpCalls() = default;

  // Connections are kept and reused; each call that runs has one to itself, over HTTP/2
  // too. The request's deadline counts from here on, its interrupt is not looked at. `done` is
  // called by run(), or, where the call cannot even begin, at once.
  virtual void start(HttpRequest request, Done done) = 0;

  // Moves the calls on; returns when some have ended, or after `at_most`, which may be 0.
  virtual void run(std::chrono::milliseconds at_most) = 0;

  // Calls that were started and have not ended.
  virtual std::size_t running() const = 0;
};

// As make_curl_client().
std::unique_ptr<HttpCalls> make_curl_calls();

}  // namespace apitoolkit::net
