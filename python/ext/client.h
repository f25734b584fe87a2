// `Client` of the extension module: the core's client with what the bindings need beside it.
#pragma once

#include <nanobind/nanobind.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "apitoolkit/client.h"
#include "python/ext/memory_transport.h"

namespace apitoolkit::python {

class Recording;

// `Rules` of the extension module.
struct PyRules {
  std::shared_ptr<const ExtraRules> rules;  // shared with the exchanges that wait in the queue
};

// What the request's thread needs to know. Set once.
struct CaptureOptions {
  std::int64_t body_bytes_max = 0;
  bool request_body = true;
  bool response_body = true;
  bool debug = false;
  int trusted_proxies = 0;
  std::vector<std::string> exclude;  // path patterns in which "*" stands for anything
};

// Every member is called with the GIL held; flush and close release it while they wait.
class PyClient {
 public:
  // Throws nanobind::value_error with the core's message if the configuration is wrong.
  PyClient(Config config, CaptureOptions options);
  ~PyClient();
  PyClient(const PyClient&) = delete;
  PyClient& operator=(const PyClient&) = delete;

  Client& core() { return *core_; }
  const CaptureOptions& options() const { return options_; }

  // Whether requests of this environ's path are left alone.
  bool excludes(PyObject* env) const;

  void push(Exchange&& exchange) noexcept;

  // Throws nanobind::value_error that names the argument, the index and the column.
  PyRules compile(std::vector<std::string> headers, std::vector<std::string> request_body,
                  std::vector<std::string> response_body) const;

  // Completes what this thread has recorded but nobody closed (a test client does that), then
  // waits.
  bool flush(std::int64_t timeout_ms);
  void close();
  nanobind::dict stats() const;

  // [(level, message), …] since the last call.
  nanobind::list take_log();
  // Whether there is something for take_log; looks at most once a second, or always with debug.
  bool has_log(std::int64_t steady_ns);

  // The messages that the memory transport was given since the last call; empty for others.
  nanobind::list take_messages();

  // Recordings in progress, an intrusive list so that joining and leaving allocate nothing.
  Recording* recordings = nullptr;

 private:
  void finish_recordings(bool all_threads);

  std::shared_ptr<MemoryTransport> memory_;  // shared with the core, which delivers into it
  std::unique_ptr<Client> core_;
  CaptureOptions options_;
  std::vector<LogRecord> log_;
  std::int64_t log_due_ns_ = 0;
};

// Changes with every fork, in the child: what was begun in the parent is not the child's to report.
std::uint64_t fork_generation();

std::int64_t steady_now_ns();

void bind_client(nanobind::module_& module);

}  // namespace apitoolkit::python
