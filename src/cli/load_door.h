// Which of a server's doors a load goes through: how a batch of messages becomes a request, and
// what an answer to it means. Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "apitoolkit/result.h"
#include "src/base/clock.h"
#include "src/net/http_client.h"

namespace apitoolkit::cli {

// A message as TrafficMix makes it, and the bodies that are in it.
struct LoadMessage {
  std::string_view json;
  std::string_view request_body;
  std::string_view response_body;
};

class LoadDoor {
 public:
  enum class Verdict {
    kAcknowledged,  // all of the batch is stored
    kRetry,         // the same batch may be taken later
    kRefused,       // it never will be: the key, the address or the batch is wrong
  };

  virtual ~LoadDoor() = default;

  // Asks the server what it takes. The error is one sentence for the user.
  virtual Status open(net::HttpClient& http) = 0;

  // A request without a body; its deadline is the caller's.
  virtual net::HttpRequest request() = 0;

  // Makes a body of messages: begin, add …, end. `body` is emptied first and keeps its memory.
  virtual void begin(std::string& body) = 0;
  virtual void add(const LoadMessage& message, std::string& body) = 0;
  virtual void end(std::string& body) = 0;

  // Of a batch of `count`.
  virtual Verdict judge(const net::HttpResponse& response, std::size_t count) const = 0;

  // Why it was refused, for the user.
  virtual std::string describe(const net::HttpResponse& response) const;
};

// Where the server is, and who asks.
struct LoadAddress {
  std::string url;  // "http://host:port", without a path
  std::string key;
};

// Pub/Sub over REST: wire/README.md, "Metadata" and "Publish". `clock` must outlive the door.
std::unique_ptr<LoadDoor> make_pubsub_door(LoadAddress address, const base::Clock& clock);

// Pub/Sub over gRPC; likewise.
std::unique_ptr<LoadDoor> make_grpc_door(LoadAddress address, const base::Clock& clock);

// OTLP over HTTP: each exchange a span. Reading and writing each once more takes the sender several
// times what the other doors take it.
std::unique_ptr<LoadDoor> make_otlp_door(LoadAddress address);

// VictoriaLogs' JSON stream (POST /insert/jsonline), for comparison: each message a log entry, its
// bodies as the text that they are.
std::unique_ptr<LoadDoor> make_victorialogs_door(LoadAddress address);

}  // namespace apitoolkit::cli
