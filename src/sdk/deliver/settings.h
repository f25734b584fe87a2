// What a server tells the SDK about how it wants to be served.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

#include "apitoolkit/transport.h"
#include "src/redact/exchange_redactor.h"

namespace apitoolkit::sdk {

struct RemoteSettings {
  std::uint64_t version = 0;  // grows whenever anything of it changed; 0: nothing is known yet
  std::string project_id;
  double sample_rate = 1.0;
  redact::Rules rules;  // to be added to the application's own
};

// A transport that needs such settings implements this too. Used by the worker only.
class SettingsSource {
 public:
  virtual ~SettingsSource() = default;

  // Makes sure that the settings are known and not older than the server allows. kDelivered: they
  // are; returns at once where there is nothing to ask.
  virtual Delivery refresh(std::chrono::steady_clock::time_point deadline,
                           const std::atomic<bool>& interrupt) = 0;

  virtual const RemoteSettings& settings() const = 0;
};

}  // namespace apitoolkit::sdk
