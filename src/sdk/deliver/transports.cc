#include "src/sdk/deliver/transports.h"

#include "src/sdk/deliver/memory.h"
#include "src/sdk/deliver/otlp.h"
#include "src/sdk/deliver/pubsub.h"

namespace apitoolkit::sdk {
namespace {

MetadataSource::Options metadata_options(const Config& config) {
  std::string root_url = config.root_url;
  while (root_url.ends_with('/')) root_url.pop_back();
  return {root_url, config.api_key, config.sdk};
}

Channel publish_to(std::string endpoint, const Config& config, const World& world) {
  auto transport = std::make_shared<PubsubTransport>(
      PubsubTransport::Options{metadata_options(config), std::move(endpoint), world.emulator_host},
      world.make_http_client(), *world.clock);
  SettingsSource* settings = transport.get();
  return {std::move(transport), settings};
}

Channel make_pubsub(const Config& config, const World& world) {
  return publish_to(config.pubsub_endpoint, config, world);
}

// An endpoint that is given goes before Google and emulators.
Channel make_http(const Config& config, const World& world) {
  const bool is_given = !config.pubsub_endpoint.empty();
  return publish_to(is_given ? config.pubsub_endpoint : config.root_url, config, world);
}

Channel make_otlp(const Config& config, const World& world) {
  const std::string language = config.sdk.starts_with("apitoolkit-flask/") ? "python" : "cpp";
  auto transport = std::make_shared<OtlpTransport>(
      OtlpTransport::Options{
          metadata_options(config),
          find_otlp_target(config, world.otel).value_or(OtlpTarget{}),
          {config.service_name, config.service_version, config.sdk, language, config.api_key}},
      world.make_http_client(), *world.clock);
  SettingsSource* settings = config.api_key.empty() ? nullptr : transport.get();
  return {std::move(transport), settings};
}

Channel make_memory(const Config&, const World&) {
  return {std::make_shared<MemoryTransport>()};
}

struct Entry {
  std::string_view name;
  Channel (*make)(const Config&, const World&);
};

// One line a transport.
constexpr Entry kTransports[] = {
    {"pubsub", make_pubsub},
    {"http", make_http},
    {"otlp", make_otlp},
    {"memory", make_memory},
};

}  // namespace

std::string transport_names() {
  std::string names;
  for (const Entry& entry : kTransports) {
    if (!names.empty()) names += ", ";
    names += entry.name;
  }
  return names;
}

bool is_transport(std::string_view name) {
  for (const Entry& entry : kTransports) {
    if (entry.name == name) return true;
  }
  return false;
}

Channel make_channel(const Config& config, const World& world) {
  if (config.custom_transport) return {config.custom_transport};
  for (const Entry& entry : kTransports) {
    if (entry.name == config.transport) return entry.make(config, world);
  }
  return make_memory(config, world);  // not reached: the name was checked
}

}  // namespace apitoolkit::sdk
