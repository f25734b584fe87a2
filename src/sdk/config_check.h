// Whether a configuration makes sense, before anything is made of it.
#pragma once

#include "apitoolkit/config.h"
#include "apitoolkit/result.h"
#include "src/sdk/deliver/otel_environment.h"

namespace apitoolkit::sdk {

// The first thing wrong: "root_url: …". Paths and header names are checked by the redactor's
// compile. `emulator_host` is the value of PUBSUB_EMULATOR_HOST; `otel` counts where the transport
// is otlp.
Status check(const Config& config, const std::string& emulator_host,
             const OtelEnvironment& otel = {});

}  // namespace apitoolkit::sdk
