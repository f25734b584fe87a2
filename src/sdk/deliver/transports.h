// The registry of transports: what Config::transport may name.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "apitoolkit/config.h"
#include "apitoolkit/result.h"
#include "apitoolkit/transport.h"
#include "src/base/clock.h"
#include "src/net/http_client.h"
#include "src/sdk/deliver/otel_environment.h"
#include "src/sdk/deliver/settings.h"

namespace apitoolkit::sdk {

// What the SDK uses of the world; tests pass their own.
struct World {
  std::function<std::unique_ptr<net::HttpClient>()> make_http_client = net::make_curl_client;
  const base::Clock* clock = &base::system_clock();
  std::string emulator_host;  // PUBSUB_EMULATOR_HOST
  OtelEnvironment otel = {};
};

// A transport, and what it learns from the server, if it learns anything (a part of the transport,
// not owned).
struct Channel {
  std::shared_ptr<Transport> transport;  // shared: a custom one is the application's as well
  SettingsSource* settings = nullptr;
};

// The names, for error messages: "pubsub, http, otlp, memory".
std::string transport_names();
bool is_transport(std::string_view name);

// The one that the configuration names, or its custom one. The configuration was checked.
Channel make_channel(const Config& config, const World& world);

}  // namespace apitoolkit::sdk
