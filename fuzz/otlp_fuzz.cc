// An export request of OTLP, whatever its bytes: the first one says which signal and which form.
// Reading it neither crashes nor grows beyond its bounds; JSON that is accepted becomes protobuf
// that is; exchanges that are read can be written as spans and read again, as many.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/require.h"
#include "src/wire/otlp_decode.h"
#include "src/wire/otlp_encode.h"

namespace {

using apitoolkit::wire::OtlpSignal;

constexpr unsigned kIsJson = 4;

std::vector<apitoolkit::wire::OtlpPart> split(OtlpSignal signal, std::string_view request,
                                              bool must_be_readable) {
  const auto parts = apitoolkit::wire::split_request(signal, request, {"before", "after"});
  FUZZ_REQUIRE(parts.has_value() || !must_be_readable);
  if (!parts) return {};
  std::size_t bytes = 0;
  for (const auto& part : *parts) {
    if (!part.is_key_of_span) bytes += part.group.size();
  }
  FUZZ_REQUIRE(bytes <= request.size());
  return *parts;
}

void read_traces(std::string_view request, bool must_be_readable) {
  const auto parts = split(OtlpSignal::kTraces, request, must_be_readable);
  const auto traces = apitoolkit::wire::decode_traces(parts);
  if (!traces || traces->exchanges.empty()) return;
  for (const auto& exchange : traces->exchanges) FUZZ_REQUIRE(!exchange.method.empty());
  const std::string written = apitoolkit::wire::encode_trace_request(traces->exchanges, {});
  const auto again = apitoolkit::wire::decode_traces(split(OtlpSignal::kTraces, written, true));
  FUZZ_REQUIRE(again.has_value());
  // What an SDK and an automatic instrumentation told both, is told once now.
  FUZZ_REQUIRE(again->exchanges.size() + again->twin_spans == traces->exchanges.size());
}

void read(OtlpSignal signal, std::string_view request, bool must_be_readable) {
  if (signal == OtlpSignal::kTraces) return read_traces(request, must_be_readable);
  const auto parts = split(signal, request, must_be_readable);
  if (signal == OtlpSignal::kLogs) static_cast<void>(apitoolkit::wire::decode_logs(parts));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto signal = static_cast<OtlpSignal>((data[0] & 3) % 3);
  if ((data[0] & kIsJson) == 0) {
    read(signal, bytes, false);
    return 0;
  }
  const auto protobuf = apitoolkit::wire::otlp_json_to_protobuf(signal, bytes);
  if (protobuf) {
    read(signal, *protobuf, true);
  } else {
    FUZZ_REQUIRE(!protobuf.error().message.empty());
  }
  return 0;
}
