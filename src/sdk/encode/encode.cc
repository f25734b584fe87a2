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

Result<Encoded> redact_message(std::string_view message, const redact::ExchangeRedactor& redactor,
                               std::int64_t body_bytes_max) {
  auto exchange = wire::decode_message(message);
  if (!exchange) return tl::unexpected(exchange.error());
  const std::string before = wire::encode_message(*exchange);
  Encoded encoded = redact_and_encode(std::move(*exchange), redactor, "", body_bytes_max);
  if (encoded.message == before) return Encoded{std::string(message), {}};
  return encoded;
}

}  // namespace apitoolkit::sdk
