// GET /api/client_metadata: what an SDK must know to publish. wire/README.md, "Metadata".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apitoolkit/result.h"

namespace apitoolkit::wire {

struct ServiceAccount {
  std::string project_id;
  std::string private_key_id;
  std::string private_key;  // PEM
  std::string client_email;
};

// The fifth key, only for our own SDK.
struct MetadataExtension {
  std::string pubsub_endpoint;  // "http://host:port"
  std::vector<std::string> redact_headers;
  std::vector<std::string> redact_request_body;
  std::vector<std::string> redact_response_body;
  std::vector<std::string> redact_query;
  std::vector<std::string> scrub;  // names of detectors
  double sample_rate = 1.0;
  std::int64_t refresh_s = 60;
};

struct ClientMetadata {
  std::string project_id;  // a UUID
  std::string topic_id;
  std::string pubsub_project_id;
  ServiceAccount service_account;
  std::optional<MetadataExtension> extension;
};

// Exactly the four keys of the reference server, and `apitoolkit` where there is an extension.
std::string encode_metadata(const ClientMetadata& metadata);

// kCorrupt names the member that is missing or of the wrong type.
Result<ClientMetadata> decode_metadata(std::string_view json);

}  // namespace apitoolkit::wire
