// Whatever bytes arrive: the decoders of what comes over the wire neither crash nor read beyond
// them, and what they accept can be written and read again.
#include <cstdlib>
#include <string_view>

#include "src/json/document.h"
#include "src/wire/jwt.h"
#include "src/wire/message.h"
#include "src/wire/metadata.h"
#include "src/wire/otlp_answer.h"
#include "src/wire/otlp_encode.h"
#include "src/wire/pubsub.h"

namespace {

void check(bool is_true) {
  if (!is_true) std::abort();
}

void fuzz_message(std::string_view bytes) {
  const auto exchange = apitoolkit::wire::decode_message(bytes);
  if (!exchange) {
    check(!exchange.error().message.empty());
    return;
  }
  static_cast<void>(apitoolkit::wire::encode_trace_request({&*exchange, 1}, {}));
  const std::string encoded = apitoolkit::wire::encode_message(*exchange);
  // Depth and digits may pass a bound on the way, but what we write is JSON.
  const auto again = apitoolkit::wire::decode_message(encoded);
  if (!again) return;
  check(apitoolkit::wire::encode_message(*again) ==
        apitoolkit::wire::encode_message(
            *apitoolkit::wire::decode_message(apitoolkit::wire::encode_message(*again))));
  apitoolkit::wire::identity(*exchange);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  fuzz_message(bytes);
  if (const auto messages = apitoolkit::wire::decode_publish_request(bytes)) {
    for (const auto& message : *messages) fuzz_message(message.data);
  }
  if (const auto metadata = apitoolkit::wire::decode_metadata(bytes)) {
    check(apitoolkit::wire::decode_metadata(apitoolkit::wire::encode_metadata(*metadata))
              .has_value());
  }
  static_cast<void>(apitoolkit::wire::decode_publish_response(bytes));
  static_cast<void>(apitoolkit::wire::decode_google_error(bytes));
  static_cast<void>(apitoolkit::wire::decode_rejected_spans(bytes));
  static_cast<void>(apitoolkit::wire::token_key_id(bytes));
  return 0;
}
