#include "src/server/store/exchange_size.h"

namespace apitoolkit::server::store {

std::int64_t memory_bytes(const Exchange& exchange) {
  std::size_t bytes = sizeof exchange;
  for (const std::string* text :
       {&exchange.project_id, &exchange.sdk_type, &exchange.method, &exchange.host,
        &exchange.raw_url, &exchange.url_path, &exchange.referer, &exchange.request_body.bytes,
        &exchange.response_body.bytes, &exchange.service_version, &exchange.client_ip,
        &exchange.trace_id, &exchange.span_id, &exchange.parent_span_id, &exchange.consumer,
        &exchange.sdk_version, &exchange.service_name}) {
    bytes += text->size();
  }
  for (const auto* params : {&exchange.path_params, &exchange.query_params}) {
    for (const Param& param : *params) {
      bytes += sizeof param + param.name.size() + param.value.size();
    }
  }
  for (const auto* headers : {&exchange.request_headers, &exchange.response_headers}) {
    for (const Header& header : *headers) {
      bytes += sizeof header + header.name.size() + header.value.size();
    }
  }
  for (const ErrorReport& error : exchange.errors) {
    bytes += sizeof error + error.error_type.size() + error.message.size() +
             error.root_error_type.size() + error.root_error_message.size() +
             error.stack_trace.size() + error.other_json.size();
  }
  for (const auto* list : {&exchange.tags, &exchange.redaction}) {
    for (const std::string& text : *list) bytes += sizeof(std::string) + text.size();
  }
  return static_cast<std::int64_t>(bytes);
}

}  // namespace apitoolkit::server::store
