// One HTTP call over libcurl, whoever drives it: what the request asks for becomes options of an
// easy handle, and what the handle's callbacks were told becomes a response. A handle may make one
// call after another. Not synchronised.
#pragma once

#include <curl/curl.h>

#include <array>
#include <memory>
#include <string>

#include "src/net/ca_file.h"
#include "src/net/http_client.h"

namespace apitoolkit::net {

struct FreeCurlMulti {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
using CurlMulti = std::unique_ptr<CURLM, FreeCurlMulti>;
// Initialises libcurl, if that was not done yet. Null where that fails.
CurlMulti make_curl_multi();

// Made after the multi handle that drives it, and destroyed before.
class CurlTransfer {
 public:
  struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };
  using List = std::unique_ptr<curl_slist, FreeList>;
  // What curl's callbacks write to.
  struct Receiver {
    HttpResponse response;
    CURL* easy = nullptr;
    const HttpRequest* request = nullptr;
    std::size_t header_bytes = 0;
    std::size_t body_bytes_max = 0;
    bool is_too_long = false;
  };

  CurlTransfer();

  // Makes the handle ready for this call. `request` and `roots` must stay as they are until end().
  // kInvalidArgument: the URL or a header.
  Status begin(const HttpRequest& request, const TrustedRoots& roots);
  // The response to a call that ended with `code`, errors as HttpClient::send has them.
  Result<HttpResponse> end(CURLcode code);
  // The handle no longer refers to the request.
  void forget();

  CURL* handle() const { return easy_.get(); }

 private:
  struct FreeEasy {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  };

  void set_options(const HttpRequest& request, const std::string& host);

  std::unique_ptr<CURL, FreeEasy> easy_;
  List headers_;
  Receiver receiver_;
  std::array<char, CURL_ERROR_SIZE> detail_{};
};

}  // namespace apitoolkit::net
