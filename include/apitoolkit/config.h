// What a Client is told once, at construction.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "apitoolkit/result.h"

namespace apitoolkit {

class Transport;

struct Config {
  std::string api_key;  // required by the transports pubsub and http
  std::string root_url = "https://app.apitoolkit.io";
  // Overrides where messages are published: "http://host:port". Empty: PUBSUB_EMULATOR_HOST, then
  // what the metadata says, then Google.
  std::string pubsub_endpoint;
  // Of the transport "otlp". Where spans are sent: "http://host:port", to which /v1/traces is
  // appended. Empty: OTEL_EXPORTER_OTLP_TRACES_ENDPOINT as it is, OTEL_EXPORTER_OTLP_ENDPOINT,
  // root_url where that was set, http://localhost:4318.
  std::string otlp_endpoint;
  // "name=value", the value percent-encoded. Empty: OTEL_EXPORTER_OTLP_TRACES_HEADERS or
  // OTEL_EXPORTER_OTLP_HEADERS.
  std::vector<std::string> otlp_headers;

  std::string service_name;  // empty: OTEL_SERVICE_NAME
  std::string service_version;
  std::vector<std::string> tags;

  std::vector<std::string> redact_headers;        // names, without regard to case
  std::vector<std::string> redact_request_body;   // JSONPath
  std::vector<std::string> redact_response_body;  // JSONPath
  std::vector<std::string> redact_query;          // names of query parameters
  // Values that are masked wherever they stand: credit_card, jwt, email, iban, ssn, bearer.
  std::vector<std::string> scrub;
  // Text that is no JSON and no form, where there are paths for the body, none of which can select
  // in it: "pass" or "mask".
  std::string redact_non_json = "pass";
  bool redact_default_headers = true;  // also mask the names of redact/names.h

  // The part of the exchanges that is taken, 0 to 1; errors (500 and above, or anything raised or
  // reported) always are. A server that asks for less gets less.
  double sample_rate = 1.0;
  std::int64_t body_bytes_max = 1 << 20;    // of each body; the rest is cut and marked
  std::int64_t queue_bytes_max = 32 << 20;  // what waits for delivery; more is dropped and counted
  std::int64_t flush_timeout_ms = 2000;     // at close

  // A directory for what cannot be delivered now; other processes may use it as well. Messages
  // stand there redacted, survive the process, and are sent by whichever process comes next. Empty:
  // what cannot be delivered stays in memory.
  std::string spool_dir;
  std::int64_t spool_bytes_max = 256 << 20;  // of all processes that share the directory

  bool debug = false;   // log what is sent, redacted
  bool enabled = true;  // false: push() does nothing

  // "pubsub"; "http", the same but always to root_url (or pubsub_endpoint) itself; "otlp";
  // "memory". Ignored where `custom_transport` is set.
  std::string transport = "pubsub";
  std::shared_ptr<Transport> custom_transport;  // shared: tests and bindings keep a handle to it
  // The name and version that the SDK gives of itself, as "<name>/<version>".
  std::string sdk = "apitoolkit-cpp/" APITOOLKIT_VERSION;
};

// Sets the members that a TOML file names, in place of what they were:
//
//   api_key = "…"
//   redact_request_body = ["$.user.password"]
//   flush_timeout_s = 2.5
//
// The names are the members' own, but for flush_timeout_s, in seconds; sdk and custom_transport
// have none. An error names the file, the line and the setting; the Config is as it was then. The
// values are checked by Client::create. `apitoolkit redact --config` reads the same file.
Status read_config_file(const std::string& path, Config& config);

}  // namespace apitoolkit
