// What a receiver of OTLP answers to an export, as the SDK reads it; otlp_decode.h writes it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace apitoolkit::wire {

// How many spans of a request that was accepted (200) the receiver refused nevertheless, from the
// body of its answer, a protobuf message; 0 where it took them all. nullopt if it is not such a
// message.
//
//   ExportTraceServiceResponse{partial_success=1{int64 rejected_spans=1; error_message=2}}
//
// The error_message is not read: it may quote what was captured.
std::optional<std::int64_t> decode_rejected_spans(std::string_view body);

}  // namespace apitoolkit::wire
