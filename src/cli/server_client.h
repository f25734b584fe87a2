// A server's REST interface, as commands use it: with an API key, and errors as one sentence.
#pragma once

#include <CLI/CLI.hpp>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apitoolkit/result.h"
#include "src/net/http_client.h"

namespace apitoolkit::cli {

// Where the server is, and who asks.
struct ServerAddress {
  std::string url = "http://127.0.0.1:8080";
  std::string key;
};

// --url (APITOOLKIT_ROOT_URL) and --key (APITOOLKIT_API_KEY). `scope` is what the key must allow:
// "read".
void add_server_options(CLI::App& command, ServerAddress& address, const std::string& scope);

// Becomes true at the first interrupt (Ctrl-C), if it was called before; a second one ends the
// process.
const std::atomic<bool>& watch_interrupt();

using Parameters = std::vector<std::pair<std::string, std::string>>;

// "?a=1&b=x%20y", or nothing; parameters without a value are left out.
std::string query_string(const Parameters& parameters);

// What a server answers to a request that it does not fulfil. `detail` is one sentence, shown text.
struct Refusal {
  int status = 0;  // 0: it could not be reached
  std::string detail;
  std::string at;  // of a query: the line, and carets below the place
  std::int64_t retry_after_s = 0;

  // Whether the same request may succeed later.
  bool is_passing() const { return status == 0 || status == 429 || status >= 500; }
};

// Used by one thread at a time.
class ServerClient {
 public:
  // `interrupt` ends every call.
  ServerClient(ServerAddress address, const std::atomic<bool>& interrupt);

  // The body of an answer 200.
  tl::expected<std::string, Refusal> get(const std::string& path_and_query);
  tl::expected<std::string, Refusal> post(const std::string& path, std::string json);

  // Hands over the body as it comes, however long it is; `take` returns false to end the call,
  // which counts as a refusal of status 0. Ends when nothing comes for `idle_s`.
  tl::expected<void, Refusal> stream(const std::string& path_and_query, std::vector<Header> headers,
                                     std::int64_t idle_s,
                                     std::function<bool(std::string_view)> take);

 private:
  net::HttpRequest request(const std::string& path) const;
  Refusal refusal_of(const Error& error) const;
  static Refusal refusal_of(const net::HttpResponse& response);
  tl::expected<std::string, Refusal> send(const net::HttpRequest& request);

  ServerAddress address_;
  const std::atomic<bool>& interrupt_;
  const std::unique_ptr<net::HttpClient> http_ = net::make_curl_client();
};

}  // namespace apitoolkit::cli
