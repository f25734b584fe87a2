#include "python/ext/probe.h"

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <chrono>
#include <cstdlib>
#include <string>

#include "src/sdk/deliver/probe.h"

namespace nb = nanobind;

namespace apitoolkit::python {
namespace {

nb::dict to_python(const Delivery& delivery) {
  constexpr const char* kNames[] = {"delivered", "retry", "unauthorized", "rejected"};
  nb::dict result;
  result["outcome"] = kNames[static_cast<int>(delivery.outcome)];
  result["detail"] = delivery.detail;
  return result;
}

nb::dict to_python(const sdk::ProbedCall& call) {
  nb::dict result;
  result["method"] = call.method;
  result["url"] = call.url;
  result["status"] = call.status;
  result["error"] = call.error;
  result["duration_ms"] = call.duration_ms;
  result["was_sent"] = call.was_sent;
  return result;
}

nb::dict to_python(const redact::Rules& rules) {
  nb::dict result;
  result["redact_headers"] = rules.headers;
  result["redact_request_body"] = rules.request_body;
  result["redact_response_body"] = rules.response_body;
  result["redact_query"] = rules.query;
  return result;
}

sdk::ProbeReport look(const Config& config, const std::string& message, bool send,
                      std::int64_t timeout_ms) {
  sdk::World world;
  if (const char* host = std::getenv("PUBSUB_EMULATOR_HOST")) {  // NOLINT(concurrency-mt-unsafe)
    world.emulator_host = host;
  }
  const nb::gil_scoped_release release;
  return sdk::probe(config, std::move(world), message, send, std::chrono::milliseconds(timeout_ms));
}

}  // namespace

nb::dict probe(const Config& config, const nb::bytes& message, bool send, std::int64_t timeout_ms) {
  const sdk::ProbeReport report = look(config, {message.c_str(), message.size()}, send, timeout_ms);
  nb::dict result;
  result["transport"] = report.transport;
  result["settings"] = report.has_settings ? nb::object(to_python(report.settings)) : nb::none();
  result["project_id"] = report.remote.project_id;
  result["rules"] = to_python(report.remote.rules);
  result["delivery"] = report.has_delivered ? nb::object(to_python(report.delivery)) : nb::none();
  nb::list calls;
  for (const sdk::ProbedCall& call : report.calls) calls.append(to_python(call));
  result["calls"] = calls;
  return result;
}

}  // namespace apitoolkit::python
