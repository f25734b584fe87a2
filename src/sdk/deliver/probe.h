// One look at what a worker would find: what the server says, where messages would go, and, if
// asked for, whether one arrives. For a person who sets up the SDK; nothing of it is kept.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "apitoolkit/config.h"
#include "apitoolkit/transport.h"
#include "src/sdk/deliver/settings.h"
#include "src/sdk/deliver/transports.h"

namespace apitoolkit::sdk {

// A request of the transport's, in order.
struct ProbedCall {
  std::string method;
  std::string url;
  int status = 0;     // 0: there was no answer
  std::string error;  // why there was none
  std::int64_t duration_ms = 0;
  bool was_sent = true;
};

struct ProbeReport {
  std::string transport;
  bool has_settings = false;  // the transport asks a server before it delivers
  Delivery settings;          // what came of that
  RemoteSettings remote;
  Delivery delivery;  // of the message; only where `has_delivered`
  bool has_delivered = false;
  std::vector<ProbedCall> calls;
};

// Goes the transport's own way with one message, each step within `timeout`. Unless `send` is true
// nothing but GET leaves the process: the request that would have carried the message stands in
// `calls`. Nothing is delivered if the settings could not be had. Blocks; thread-safe.
ProbeReport probe(const Config& config, World world, const std::string& message, bool send,
                  std::chrono::milliseconds timeout);

}  // namespace apitoolkit::sdk
