#include "src/sdk/deliver/transports.h"

#include "src/sdk/deliver/memory.h"
#include "src/sdk/deliver/pubsub.h"

namespace apitoolkit::sdk {
namespace {

Channel make_pubsub(const Config& config, const World& world) {
  std::string root_url = config.root_url;
  while (root_url.ends_with('/')) root_url.pop_back();
  auto transport = std::make_shared<PubsubTransport>(
      PubsubTransport::Options{
          {root_url, config.api_key, config.sdk}, config.pubsub_endpoint, world.emulator_host},
      world.make_http_client(), *world.clock);
  SettingsSource* settings = transport.get();
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
