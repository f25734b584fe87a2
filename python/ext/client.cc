#include "python/ext/client.h"

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>
#include <pthread.h>

#include <chrono>
#include <string_view>
#include <utility>

#include "python/ext/environ.h"
#include "python/ext/handoff.h"
#include "python/ext/interpreter_exit.h"
#include "python/ext/outgoing.h"
#include "python/ext/probe.h"
#include "python/ext/python_text.h"
#include "python/ext/recording.h"

namespace nb = nanobind;

namespace apitoolkit::python {
namespace {

constexpr std::int64_t kLogIntervalNs = 1'000'000'000;

std::atomic<std::uint64_t> generation{0};

constinit EnvironKey kPathInfo{"PATH_INFO"};

// Whether `text` is what `pattern` describes; "*" stands for any characters, also none.
bool matches(std::string_view pattern, std::string_view text) {
  std::size_t star = std::string_view::npos;
  std::size_t star_text = 0;
  std::size_t p = 0;
  std::size_t t = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_text = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++star_text;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

nb::dict counters(const std::map<std::string, std::int64_t>& map) {
  nb::dict result;
  for (const auto& [name, count] : map) result[name.c_str()] = count;
  return result;
}

}  // namespace

std::uint64_t fork_generation() {
  return generation.load(std::memory_order_relaxed);
}

std::int64_t steady_now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

PyClient::PyClient(Config config, CaptureOptions options, EventHooks hooks)
    : config_(std::move(config)), options_(std::move(options)), hooks_(std::move(hooks)) {
  if (config_.transport == "memory" && !config_.custom_transport) {
    memory_ = std::make_shared<sdk::MemoryTransport>();
    config_.custom_transport = memory_;
  }
  auto core = Client::create(config_);
  if (!core) throw nb::value_error(core.error().message.c_str());
  core_ = std::move(*core);
}

PyClient::~PyClient() {
  without_gil([&] { core_.reset(); });  // the core waits for its worker
}

bool PyClient::excludes(PyObject* env) const {
  if (options_.exclude.empty()) return false;
  PyObject* value = environ_get(env, kPathInfo);
  if (value == nullptr) return false;
  std::string decoded;  // only where the path is not plain: most requests allocate nothing here
  std::string_view path = ascii_of(value);
  if (path.empty()) path = decoded = wsgi_text_of(value);
  for (const std::string& pattern : options_.exclude) {
    if (matches(pattern, path)) return true;
  }
  return false;
}

void PyClient::push(std::unique_ptr<CapturedExchange> captured,
                    std::shared_ptr<const ExtraRules> rules) noexcept {
  announce_event();
  if (hooks_.before_send.is_none()) {
    core_->push(std::move(captured), std::move(rules));
    return;
  }
  try {
    if (!core_->keep(captured->exchange)) return;
    filter(core_->preview(captured->unpack(), rules.get()));
  } catch (const std::exception&) {
    count_held_back();  // no memory for the message
  }
}

void PyClient::push_message(std::string message) noexcept {
  announce_event();
  core_->push_message(std::move(message));
}

void PyClient::announce_event() noexcept {
  const auto here = static_cast<std::int64_t>(fork_generation());
  if (announced_in_ == here || hooks_.before_first_event.is_none()) return;
  announced_in_ = here;  // first: while it runs, another thread may come by
  const nb::object done =
      nb::steal(run_python([&] { return PyObject_CallNoArgs(hooks_.before_first_event.ptr()); }));
  if (done.is_valid()) return;
  PyErr_Clear();
  announced_in_ = -1;
}

void PyClient::filter(std::string message) noexcept {
  const nb::object bytes =
      nb::steal(PyBytes_FromStringAndSize(message.data(), static_cast<Py_ssize_t>(message.size())));
  nb::object kept;
  if (bytes.is_valid()) {
    kept = nb::steal(
        run_python([&] { return PyObject_CallOneArg(hooks_.before_send.ptr(), bytes.ptr()); }));
  }
  if (!kept.is_valid() || !PyBytes_Check(kept.ptr())) {
    count_held_back();
    return;
  }
  core_->push_message(std::string(bytes_of(kept.ptr())));
}

void PyClient::count_time_spent(std::int64_t ns) {
  if (time_spent_in_ != fork_generation()) time_spent_ = {};
  time_spent_in_ = fork_generation();
  time_spent_.add(ns);
}

void PyClient::count_held_back() noexcept {
  if (held_back_in_ != fork_generation()) held_back_ = 0;
  held_back_in_ = fork_generation();
  ++held_back_;
}

PyRules PyClient::compile(std::vector<std::string> headers, std::vector<std::string> request_body,
                          std::vector<std::string> response_body) const {
  auto rules =
      core_->compile({std::move(headers), std::move(request_body), std::move(response_body)});
  if (!rules) throw nb::value_error(rules.error().message.c_str());
  return {std::move(*rules)};
}

// Finishing one runs Python, in which others may end, begin or be destroyed: so all that are meant
// are taken hold of first.
void PyClient::finish_recordings(Open which) {
  std::vector<nb::object> meant;
  for (Recording* recording = recordings; recording != nullptr; recording = recording->next()) {
    const bool ours = which == Open::kAll || recording->belongs_to_this_thread();
    const bool ready = which == Open::kWhole ? recording->has_whole_response()
                                             : which == Open::kAll || recording->has_response();
    if (!ours || !ready) continue;
    nb::object object = nb::find(*recording);
    if (object.is_valid()) meant.push_back(std::move(object));
  }
  for (const nb::object& object : meant) {
    nb::cast<Recording&>(object).finish(false);
    PyErr_Clear();  // of before_send: there is nobody here whose thread it could end
  }
}

bool PyClient::flush(std::int64_t timeout_ms) {
  finish_recordings(Open::kWhole);
  return without_gil([&] { return core_->flush(timeout_ms); });
}

void PyClient::close() {
  finish_recordings(Open::kAll);
  without_gil([&] { core_->close(); });
}

nb::dict PyClient::stats() const {
  Stats stats = core_->stats();
  if (held_back_ > 0 && held_back_in_ == fork_generation()) {
    stats.captured += held_back_;
    stats.dropped["before_send"] += held_back_;
  }
  nb::dict result;
  result["captured"] = stats.captured;
  result["sent"] = stats.sent;
  result["retried"] = stats.retried;
  result["dropped"] = counters(stats.dropped);
  result["redaction"] = counters(stats.redaction);
  result["queue_bytes"] = stats.queue_bytes;
  result["spool_bytes"] = stats.spool_bytes;
  const TimeSpent spent = time_spent_in_ == fork_generation() ? time_spent_ : TimeSpent();
  result["overhead_mean_us"] = spent.mean_us();
  result["overhead_p99_us"] = spent.p99_us();
  result["state"] = stats.state;
  result["last_error"] = stats.last_error;
  return result;
}

bool PyClient::has_log(std::int64_t steady_ns) {
  if (steady_ns < log_due_ns_ && !options_.debug) return !log_.empty();
  log_due_ns_ = steady_ns + kLogIntervalNs;
  for (LogRecord& record : core_->take_log()) log_.push_back(std::move(record));
  return !log_.empty();
}

nb::list PyClient::take_log() {
  for (LogRecord& record : core_->take_log()) log_.push_back(std::move(record));
  nb::list result;
  for (const LogRecord& record : std::exchange(log_, {})) {
    result.append(nb::make_tuple(static_cast<int>(record.level), record.message));
  }
  return result;
}

nb::list PyClient::take_messages() {
  nb::list result;
  if (memory_ == nullptr) return result;
  for (const std::string& message : memory_->take()) {
    result.append(nb::bytes(message.data(), message.size()));
  }
  return result;
}

void bind_client(nb::module_& module) {
  pthread_atfork(nullptr, nullptr, [] { generation.fetch_add(1, std::memory_order_relaxed); });

  nb::class_<PyRules>(module, "Rules");
  nb::class_<PyClient>(module, "Client")
      .def(
          "__init__",
          [](PyClient* self, std::string api_key, std::string root_url, std::string pubsub_endpoint,
             std::string otlp_endpoint, std::vector<std::string> otlp_headers,
             std::string service_name, std::string service_version, std::vector<std::string> tags,
             std::vector<std::string> redact_headers, std::vector<std::string> redact_request_body,
             std::vector<std::string> redact_response_body, std::vector<std::string> redact_query,
             std::vector<std::string> scrub, std::string redact_non_json,
             bool redact_default_headers, double sample_rate, std::int64_t body_bytes_max,
             std::int64_t queue_bytes_max, std::string spool_dir, std::int64_t spool_bytes_max,
             std::int64_t flush_timeout_ms, bool debug, bool enabled, std::string transport,
             std::string sdk, bool capture_request_body, bool capture_response_body,
             int trusted_proxies, std::vector<std::string> exclude, nb::object before_send,
             nb::object before_first_event, const PyHandoff* handoff) {
            Config config;
            config.api_key = std::move(api_key);
            config.root_url = std::move(root_url);
            config.pubsub_endpoint = std::move(pubsub_endpoint);
            config.otlp_endpoint = std::move(otlp_endpoint);
            config.otlp_headers = std::move(otlp_headers);
            config.service_name = std::move(service_name);
            config.service_version = std::move(service_version);
            config.tags = std::move(tags);
            config.redact_headers = std::move(redact_headers);
            config.redact_request_body = std::move(redact_request_body);
            config.redact_response_body = std::move(redact_response_body);
            config.redact_query = std::move(redact_query);
            config.scrub = std::move(scrub);
            config.redact_non_json = std::move(redact_non_json);
            config.redact_default_headers = redact_default_headers;
            config.sample_rate = sample_rate;
            config.body_bytes_max = body_bytes_max;
            config.queue_bytes_max = queue_bytes_max;
            config.spool_dir = std::move(spool_dir);
            config.spool_bytes_max = spool_bytes_max;
            config.flush_timeout_ms = flush_timeout_ms;
            config.debug = debug;
            config.enabled = enabled;
            config.transport = std::move(transport);
            config.sdk = std::move(sdk);
            CaptureOptions options{body_bytes_max, capture_request_body, capture_response_body,
                                   debug,          trusted_proxies,      std::move(exclude)};
            if (handoff != nullptr) config.custom_transport = handoff->handoff;
            new (self) PyClient(std::move(config), std::move(options),
                                {std::move(before_send), std::move(before_first_event)});
          },
          nb::kw_only(), nb::arg("api_key"), nb::arg("root_url"), nb::arg("pubsub_endpoint"),
          nb::arg("otlp_endpoint"), nb::arg("otlp_headers"), nb::arg("service_name"),
          nb::arg("service_version"), nb::arg("tags"), nb::arg("redact_headers"),
          nb::arg("redact_request_body"), nb::arg("redact_response_body"), nb::arg("redact_query"),
          nb::arg("scrub"), nb::arg("redact_non_json"), nb::arg("redact_default_headers"),
          nb::arg("sample_rate"), nb::arg("body_bytes_max"), nb::arg("queue_bytes_max"),
          nb::arg("spool_dir"), nb::arg("spool_bytes_max"), nb::arg("flush_timeout_ms"),
          nb::arg("debug"), nb::arg("enabled"), nb::arg("transport"), nb::arg("sdk"),
          nb::arg("capture_request_body"), nb::arg("capture_response_body"),
          nb::arg("trusted_proxies"), nb::arg("exclude"), nb::arg("before_send") = nb::none(),
          nb::arg("before_first_event") = nb::none(), nb::arg("handoff") = nb::none())
      .def(
          "begin",
          [](nb::handle self, const nb::dict& env, bool deliver) {
            return begin_recording(self, nb::cast<PyClient&>(self), env, deliver).object;
          },
          nb::arg("environ"), nb::arg("deliver") = true)
      .def("push_outgoing", &push_outgoing)
      .def("rules", &PyClient::compile, nb::arg("redact_headers"), nb::arg("redact_request_body"),
           nb::arg("redact_response_body"))
      .def("push_message",
           [](PyClient& self, nb::bytes message) {
             self.push_message({message.c_str(), message.size()});
           })
      .def("count_held_back", &PyClient::count_held_back)
      .def(
          "probe",
          [](const PyClient& self, nb::bytes message, bool send, std::int64_t timeout_ms) {
            return probe(self.config(), message, send, timeout_ms);
          },
          nb::arg("message"), nb::arg("send"), nb::arg("timeout_ms"))
      .def("project_id", [](PyClient& self) { return self.core().project_id(); })
      .def("flush", &PyClient::flush, nb::arg("timeout_ms"))
      .def("finish_recordings",
           [](PyClient& self) { self.finish_recordings(PyClient::Open::kOfThisThread); })
      .def("close", &PyClient::close)
      .def("stats", &PyClient::stats)
      .def("take_log", &PyClient::take_log)
      .def("take_messages", &PyClient::take_messages);
}

}  // namespace apitoolkit::python
