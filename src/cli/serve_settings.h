// The options of `apitoolkit serve` from their four places: a flag counts before an environment
// variable APITOOLKIT_SERVER_<NAME>, that before the file, that before the default.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "apitoolkit/result.h"
#include "src/base/limits.h"

namespace apitoolkit::cli {

struct Address {
  std::string host = "127.0.0.1";  // an IP address, as long as the user wrote one
  std::uint16_t port = 8080;       // 0: any free one
};

struct ServeSettings {
  std::string data;
  Address listen;
  std::optional<Address> grpc_listen;  // where clients look for OTLP by default: 4317 and 4318
  std::optional<Address> otlp_listen;
  int retention_days = limits::kRetentionDaysDefault;
  std::int64_t retention_bytes = 0;  // 0: no such limit
  bool insecure_http = false;
  std::string tls_cert;  // both PEM files, or neither
  std::string tls_key;
  std::vector<std::string> trusted_proxies;
  std::int64_t key_requests_per_s = 0;  // 0: no limit
  std::int64_t key_bytes_per_s = 0;
  std::int64_t metadata_refresh_s = limits::kMetadataRefreshS;
};

// By the option's name in snake_case: "data", "listen", "retention_days", … (serve_settings.cc has
// them all).
using Given = std::map<std::string, std::string, std::less<>>;

// Reads APITOOLKIT_SERVER_* for those names.
Given read_environment(const std::function<const char*(const char*)>& getenv);

// TOML: `data = "…"`, `retention_days = 14`, `insecure_http = false` and so on, and nothing else.
// The error names the file and the line or the key.
Result<Given> read_config_file(const std::string& path);

// The error names the option, as the place it came from writes it.
Result<ServeSettings> resolve(const Given& flags, const Given& environment, const Given& file);

}  // namespace apitoolkit::cli
