// The least that a C++ application does to report its traffic.
//
//   minimal                                       keeps the message in memory and prints it
//   APITOOLKIT_API_KEY=… [APITOOLKIT_ROOT_URL=…] minimal      publishes it
#include <chrono>
#include <cstdlib>
#include <iostream>

#include "apitoolkit/client.h"

namespace {

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// What a web framework's hook would fill in from its request and response objects.
apitoolkit::Exchange handled_request() {
  apitoolkit::Exchange exchange;
  exchange.sdk_type = "CppMinimal";
  exchange.start_ns = now_ns() - 1'500'000;
  exchange.duration_ns = 1'500'000;
  exchange.method = "POST";
  exchange.host = "shop.example:8080";
  exchange.raw_url = "/orders/7?coupon=spring";
  exchange.url_path = "/orders/{id}";
  exchange.path_params = {{"id", "7"}};
  exchange.status_code = 201;
  exchange.request_headers = {{"Content-Type", "application/json"},
                              {"Authorization", "Bearer abc"}};
  exchange.request_body.bytes = R"({"card": {"number": "4111", "cvv": "123"}, "amount": 5})";
  exchange.response_headers = {{"Content-Type", "application/json"}};
  exchange.response_body.bytes = R"({"ok": true})";
  return exchange;
}

}  // namespace

int main() {
  apitoolkit::Config config;
  config.service_version = "1.0.0";
  config.tags = {"example"};
  config.redact_request_body = {"$.card.cvv"};
  // NOLINTBEGIN(concurrency-mt-unsafe): there is only this thread yet.
  const char* api_key = std::getenv("APITOOLKIT_API_KEY");
  const char* root_url = std::getenv("APITOOLKIT_ROOT_URL");
  // NOLINTEND(concurrency-mt-unsafe)
  if (api_key == nullptr || *api_key == '\0') {
    config.transport = "memory";
  } else {
    config.api_key = api_key;
    if (root_url != nullptr) config.root_url = root_url;
  }

  auto client = apitoolkit::Client::create(std::move(config));
  if (!client) {
    std::cerr << client.error().message << "\n";
    return 1;
  }
  std::cout << "As it is sent:\n" << (*client)->preview(handled_request()) << "\n";
  (*client)->push(handled_request());  // microseconds, whatever the server does
  (*client)->close();                  // waits for flush_timeout_ms at most

  const apitoolkit::Stats stats = (*client)->stats();
  for (const apitoolkit::LogRecord& record : (*client)->take_log()) {
    std::cerr << record.message << "\n";
  }
  std::cout << "captured " << stats.captured << ", sent " << stats.sent << "\n";
  return stats.sent == 1 ? 0 : 1;
}
