// The message: one exchange as one JSON object. wire/README.md describes every field; the golden
// vectors in wire/vectors/ hold both sides to it.
#pragma once

#include <string>
#include <string_view>

#include "apitoolkit/exchange.h"
#include "apitoolkit/result.h"

namespace apitoolkit::wire {

// The exchange as our SDK sends it. Bodies are cut, and marked as cut, where the message would
// exceed limits::kMessageBytesMax. query_params are read from raw_url if the exchange has none.
std::string encode_message(const Exchange& exchange);

// The same of an exchange that is stored: its times to the nanosecond.
std::string encode_stored_message(const Exchange& exchange);

// Reads what any SDK of the field sends; tolerant as wire/README.md's table says (values as
// strings, lists or nulls, base64 of both alphabets, five forms of time, NUL bytes, unknown
// members). kCorrupt names the member: `timestamp: expected an ISO 8601 time, got "yesterday"`. A
// missing method, or a text that is not a JSON object, is an error; a missing timestamp is 0.
Result<Exchange> decode_message(std::string_view json);

// What makes two messages the same one (wire/README.md, "Identity"): the msg_id where there is one,
// else the first 128 bits of the SHA-256 of the message in canonical form.
Uuid identity(const Exchange& exchange);

// Keeps at most the first `bytes` of what was captured, says so, and remembers the size.
void cut_body(Body& body, std::int64_t bytes);

// Of `sdk_type`: a client's call if it ends in "Outgoing", else a request that was served.
Direction direction_of(std::string_view sdk_type);

}  // namespace apitoolkit::wire
