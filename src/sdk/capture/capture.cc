#include "src/sdk/capture/capture.h"

#include "src/base/clock.h"
#include "src/base/uuid.h"

namespace apitoolkit::sdk {
namespace {

std::int64_t size_of(const std::string& text) {
  return static_cast<std::int64_t>(text.size());
}

template <class Entry>
std::int64_t pairs_bytes(const std::vector<Entry>& entries) {
  std::int64_t bytes = 0;
  for (const Entry& entry : entries) {
    bytes += static_cast<std::int64_t>(sizeof(Entry)) + size_of(entry.name) + size_of(entry.value);
  }
  return bytes;
}

std::int64_t list_bytes(const std::vector<std::string>& texts) {
  std::int64_t bytes = 0;
  for (const std::string& text : texts) {
    bytes += static_cast<std::int64_t>(sizeof(std::string)) + size_of(text);
  }
  return bytes;
}

}  // namespace

std::int64_t footprint(const CapturedExchange& captured) {
  const Exchange& exchange = captured.exchange;
  // Not what is used of it: a small body may wait in the room of a large one that was before.
  auto bytes = static_cast<std::int64_t>(captured.capacity());
  bytes += size_of(exchange.raw_url) + size_of(exchange.url_path) + size_of(exchange.referer);
  bytes += size_of(exchange.host) + size_of(exchange.consumer) + size_of(exchange.trace_id);
  bytes += pairs_bytes(exchange.request_headers) + pairs_bytes(exchange.response_headers);
  bytes += pairs_bytes(exchange.path_params) + pairs_bytes(exchange.query_params);
  bytes += list_bytes(exchange.tags) + list_bytes(exchange.redaction);
  for (const ErrorReport& error : exchange.errors) {
    bytes += static_cast<std::int64_t>(sizeof(ErrorReport)) + size_of(error.message) +
             size_of(error.root_error_message) + size_of(error.stack_trace) +
             size_of(error.other_json);
  }
  return bytes;
}

void give_id(Exchange& exchange) {
  if (!base::is_nil(exchange.id)) return;
  const std::int64_t now_ns = base::system_clock().now_ns();
  exchange.id = base::make_uuid_v7(exchange.start_ns > 0 ? exchange.start_ns : now_ns);
}

void complete(Exchange& exchange, const Config& config) {
  give_id(exchange);
  if (exchange.service_name.empty()) exchange.service_name = config.service_name;
  if (exchange.service_version.empty()) exchange.service_version = config.service_version;
  if (exchange.tags.empty()) exchange.tags = config.tags;
  if (exchange.sdk_version.empty()) exchange.sdk_version = config.sdk;
}

}  // namespace apitoolkit::sdk
