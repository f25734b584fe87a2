// For tests: a network and a clock that do as they are told.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "src/base/clock.h"
#include "src/net/http_client.h"

namespace apitoolkit::sdk {

class FakeClock final : public base::Clock {
 public:
  std::int64_t now_ns() const override { return now_ns_; }
  void set_s(std::int64_t seconds) { now_ns_ = seconds * 1'000'000'000; }
  void advance_s(std::int64_t seconds) { now_ns_ += seconds * 1'000'000'000; }

 private:
  std::atomic<std::int64_t> now_ns_ = 1'700'000'000'000'000'000;
};

// Answers every request as `script` says, and keeps what was asked.
class FakeHttp final : public net::HttpClient {
 public:
  using Script = std::function<Result<net::HttpResponse>(const net::HttpRequest&)>;
  explicit FakeHttp(Script script) : script_(std::move(script)) {}

  Result<net::HttpResponse> send(const net::HttpRequest& request) override {
    requests.push_back(request);
    return script_(request);
  }

  std::vector<net::HttpRequest> requests;

 private:
  Script script_;
};

inline net::HttpResponse answer(int status, std::string body = "",
                                std::vector<Header> headers = {}) {
  return {status, std::move(headers), std::move(body)};
}

inline std::string header_of(const net::HttpRequest& request, std::string_view name) {
  for (const Header& header : request.headers) {
    if (header.name == name) return header.value;
  }
  return "";
}

// Metadata with a key that was made for the tests.
std::string test_metadata(const std::string& topic = "topic", const std::string& extension = "");
const std::string& test_private_key();

}  // namespace apitoolkit::sdk
