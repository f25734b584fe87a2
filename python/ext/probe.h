// `python -m apitoolkit_flask check`: the core's probe, as Python sees it.
#pragma once

#include <nanobind/nanobind.h>

#include <cstdint>

#include "apitoolkit/config.h"

namespace apitoolkit::python {

// See Client.probe in _native.pyi. Releases the GIL while it waits.
nanobind::dict probe(const Config& config, const nanobind::bytes& message, bool send,
                     std::int64_t timeout_ms);

}  // namespace apitoolkit::python
