// Export{Trace,Logs,Metrics}ServiceResponse{partial_success=1{int64 rejected=1; error_message=2}}
#include "src/json/writer.h"
#include "src/wire/otlp_decode.h"
#include "src/wire/protobuf_writer.h"

namespace apitoolkit::wire {
namespace {

bool is_whole(const PartialSuccess& partial) {
  return partial.rejected == 0 && partial.message.empty();
}

}  // namespace

std::string encode_export_response(const PartialSuccess& partial) {
  ProtobufWriter out;
  if (is_whole(partial)) return {};
  out.message(1, [&] {
    if (partial.rejected != 0) out.integer(1, partial.rejected);
    if (!partial.message.empty()) out.text(2, partial.message);
  });
  return std::move(out).str();
}

std::string encode_export_response_json(OtlpSignal signal, const PartialSuccess& partial) {
  if (is_whole(partial)) return "{}";
  constexpr std::string_view kRejected[] = {"rejectedSpans", "rejectedLogRecords",
                                            "rejectedDataPoints"};
  json::Writer out;
  out.begin_object().key("partialSuccess").begin_object();
  // 64-bit integers are strings in protobuf's JSON.
  if (partial.rejected != 0) {
    out.key(kRejected[static_cast<std::size_t>(signal)]).value(std::to_string(partial.rejected));
  }
  if (!partial.message.empty()) out.key("errorMessage").value(partial.message);
  out.end_object().end_object();
  return std::move(out).str();
}

}  // namespace apitoolkit::wire
