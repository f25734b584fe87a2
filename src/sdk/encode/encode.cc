#include "src/sdk/encode/encode.h"

#include "src/wire/message.h"

namespace apitoolkit::sdk {

Encoded redact_and_encode(Exchange exchange, const redact::ExchangeRedactor& redactor,
                          const std::string& project_id, std::int64_t body_bytes_max) {
  redactor.redact(exchange);
  wire::cut_body(exchange.request_body, body_bytes_max);
  wire::cut_body(exchange.response_body, body_bytes_max);
  if (exchange.project_id.empty()) exchange.project_id = project_id;
  Encoded encoded;
  encoded.message = wire::encode_message(exchange);
  encoded.redaction = std::move(exchange.redaction);
  return encoded;
}

}  // namespace apitoolkit::sdk
