// One HTTP exchange: a request with its response, and what happened between them.
//
// The same struct is captured by the SDK, written to the wire, read by the server and stored. The
// wire form of every field is in wire/README.md. Plain values; copy and move freely; not
// synchronised.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace apitoolkit {

// 16 bytes in network order. Our own ids are UUIDv7 (RFC 9562, section 5.7).
using Uuid = std::array<std::uint8_t, 16>;

struct Header {
  std::string name;  // as received; compared without regard to case
  std::string value;
  friend bool operator==(const Header&, const Header&) = default;
};

// A path or query parameter. `value` is plain text, or, if `is_json`, the text of one JSON value
// (a number of a typed route parameter, a nested query of PHP).
struct Param {
  std::string name;
  std::string value;
  bool is_json = false;
  friend bool operator==(const Param&, const Param&) = default;
};

struct Body {
  std::string bytes;       // what was captured, as received; may be shorter than `size`
  std::int64_t size = -1;  // bytes that went over the wire; -1 where not known
  bool truncated = false;  // `bytes` is a prefix: the rest was over the capture limit, or not read
};

// An error that was raised or reported while the exchange was served.
struct ErrorReport {
  std::int64_t when_ns = 0;  // Unix time; 0 where not known
  std::string error_type;    // for example "ValueError"
  std::string message;
  std::string root_error_type;  // of the innermost cause
  std::string root_error_message;
  std::string stack_trace;
  std::string other_json;  // further members the sender had, as JSON object text; or empty
};

enum class Direction { kIncoming, kOutgoing };

struct Exchange {
  Uuid id{};                      // msg_id; all zero where the sender gave none
  std::optional<Uuid> parent_id;  // the incoming exchange that this outgoing one belongs to
  std::string project_id;         // a UUID's text; empty in the SDK until the metadata is known
  Direction direction = Direction::kIncoming;
  std::string sdk_type;  // for example "PythonFlask"; "…Outgoing" for a client's call

  std::int64_t start_ns = 0;     // Unix time of the request's first byte
  std::int64_t duration_ns = 0;  // until the response's last byte was handed over
  std::int64_t ttfb_ns = -1;     // until the response's first byte; -1 where not known

  std::string method;
  std::string host;      // with the port where the sender gave one
  std::string raw_url;   // path and query as received
  std::string url_path;  // the route template, "/users/<int:id>"; the path where none matched
  std::string referer;
  int status_code = 0;
  int proto_major = 1;
  int proto_minor = 1;

  std::vector<Param> path_params;
  // In the SDK empty until encoding, which reads them from raw_url.
  std::vector<Param> query_params;
  std::vector<Header> request_headers;  // repeated names are repeated entries, in order
  std::vector<Header> response_headers;
  Body request_body;
  Body response_body;

  std::vector<ErrorReport> errors;
  std::vector<std::string> tags;
  std::string service_version;
  std::string client_ip;
  std::string trace_id;  // W3C trace context, lower-case hex; empty where there is none
  std::string span_id;
  std::string parent_span_id;
  std::string consumer;  // who called, as the application's own callable names them
  std::string sdk_version;
  std::string service_name;    // the application's, as its operator calls it
  bool aborted = false;        // the client went away before the response's end
  double sample_weight = 1.0;  // how many exchanges this one stands for

  std::vector<std::string> redaction;  // reason codes of what was masked whole (redact/reason.h)
};

}  // namespace apitoolkit
