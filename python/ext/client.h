// `Client` of the extension module: the core's client with what the bindings need beside it.
#pragma once

#include <nanobind/nanobind.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "apitoolkit/client.h"
#include "python/ext/time_spent.h"
#include "src/sdk/deliver/memory.h"

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

// What of Python's is called on the way of an event to the core; None where there is nothing.
struct EventHooks {
  // bytes -> bytes or None: the message, redacted and encoded, and what is sent in its place. What
  // it raises and anything else that it returns mean None: the message is dropped.
  nanobind::object before_send;
  // Called in each process before its first event; again with the next one if it raises.
  nanobind::object before_first_event;
};

// What flask_fast_path.cc compares with; without it that is closed.
struct FastPath {
  nanobind::object context_variable;  // Flask's, of the request in progress
  nanobind::object publish_message;   // the package's own, to see whether it was replaced
  nanobind::object call_on_close;     // Werkzeug's own, likewise
  nanobind::object watched_app;       // a weak reference to the one whose errors are seen to
};

// Every member is called with the GIL held; flush and close release it while they wait.
class PyClient {
 public:
  // Throws nanobind::value_error with the core's message if the configuration is wrong.
  PyClient(Config config, CaptureOptions options, EventHooks hooks);
  ~PyClient();
  PyClient(const PyClient&) = delete;
  PyClient& operator=(const PyClient&) = delete;

  Client& core() { return *core_; }
  const CaptureOptions& options() const { return options_; }

  // Whether requests of this environ's path are left alone.
  bool excludes(PyObject* env) const;

  // Through before_send, if there is one. Leaves a Python error set only if that hook let one
  // through which is no failure of its own: an exit of the thread, say.
  void push(std::unique_ptr<CapturedExchange> captured,
            std::shared_ptr<const ExtraRules> rules = nullptr) noexcept;
  void push_message(std::string message) noexcept;
  // Counts a message that before_send kept from leaving.
  void count_held_back() noexcept;

  const Config& config() const { return config_; }
  FastPath& fast_path() { return fast_path_; }
  const FastPath& fast_path() const { return fast_path_; }

  // A recording that ended kept its request's thread for so long, in all.
  void count_time_spent(std::int64_t ns);

  // Throws nanobind::value_error that names the argument, the index and the column.
  PyRules compile(std::vector<std::string> headers, std::vector<std::string> request_body,
                  std::vector<std::string> response_body) const;

  // Completes what was recorded but nobody closed, as a test client leaves it: this thread's whole
  // responses, all of this thread's that have begun, or everybody's everything.
  enum class Open { kWhole, kOfThisThread, kAll };
  void finish_recordings(Open which);

  // Completes this thread's whole responses, then waits.
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
  void announce_event() noexcept;
  void filter(std::string message) noexcept;

  Config config_;
  std::shared_ptr<sdk::MemoryTransport> memory_;  // shared with the core, which delivers into it
  std::unique_ptr<Client> core_;
  CaptureOptions options_;
  EventHooks hooks_;
  FastPath fast_path_;
  TimeSpent time_spent_;             // on request threads,
  std::uint64_t time_spent_in_ = 0;  // in the process of this fork generation
  std::int64_t announced_in_ = -1;   // the fork generation of the process that had an event
  std::int64_t held_back_ = 0;       // by before_send,
  std::uint64_t held_back_in_ = 0;   // in the process of this fork generation
  std::vector<LogRecord> log_;
  std::int64_t log_due_ns_ = 0;
};

// Changes with every fork, in the child: what was begun in the parent is not the child's to report.
std::uint64_t fork_generation();

std::int64_t steady_now_ns();

void bind_client(nanobind::module_& module);

}  // namespace apitoolkit::python
