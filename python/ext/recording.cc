#include "python/ext/recording.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "python/ext/body_tee.h"
#include "python/ext/client.h"
#include "python/ext/environ.h"
#include "python/ext/exchange_id.h"
#include "python/ext/interpreter_exit.h"
#include "python/ext/python_text.h"
#include "src/base/clock.h"
#include "src/base/limits.h"

namespace nb = nanobind;

namespace apitoolkit::python {
namespace {

constinit EnvironKey kRecording{kRecordingKey};
constinit EnvironKey kInput{"wsgi.input"};

using Kind = CapturedTexts::Kind;

// What the view left unread is read after it only up to here: a late read holds up a server's
// thread. How long it may take stands in _late_read.py.
constexpr std::int64_t kUnreadBytesMax = 64 << 10;

// Whether their texts are made without running Python: as Flask's own converters leave them.
bool are_plain(PyObject* params) {
  PyObject* key = nullptr;
  PyObject* value = nullptr;
  Py_ssize_t position = 0;
  while (PyDict_Next(params, &position, &key, &value) != 0) {
    const bool is_plain = PyUnicode_CheckExact(value) || PyLong_CheckExact(value);
    if (!is_plain || !PyUnicode_CheckExact(key)) return false;
  }
  return true;
}

Param path_param(PyObject* key, PyObject* value) {
  Param param{text_of(key), {}, true};
  if (value == Py_None) {
    param.value = "null";
  } else if (PyBool_Check(value)) {
    param.value = value == Py_True ? "true" : "false";
  } else if (PyLong_CheckExact(value) ||
             (PyFloat_CheckExact(value) && std::isfinite(PyFloat_AS_DOUBLE(value)))) {
    param.value = text_of(value);
  } else {
    param.value = text_of(value);
    param.is_json = false;
  }
  return param;
}

// Calls take(Param) for each.
template <typename Take>
void each_path_param(PyObject* params, Take&& take) {
  PyObject* key = nullptr;
  PyObject* value = nullptr;
  Py_ssize_t position = 0;
  while (PyDict_Next(params, &position, &key, &value) != 0) take(path_param(key, value));
}

// Without memory for it the rest of a body is not captured, and the body is said to be cut.
void append_bounded(std::string& target, std::string_view bytes, std::int64_t bytes_max) noexcept {
  const std::int64_t room = bytes_max - static_cast<std::int64_t>(target.size());
  if (room <= 0) return;
  try {
    target.append(bytes.substr(0, static_cast<std::size_t>(room)));
  } catch (const std::exception&) {
  }
}

void set(const nb::dict& env, EnvironKey& key, const nb::object& value) {
  if (PyDict_SetItem(env.ptr(), key.str(), value.ptr()) != 0) throw nb::python_error();
}

bool is_bytes_io(PyObject* input) {
  return std::string_view(Py_TYPE(input)->tp_name) == "_io.BytesIO";
}

}  // namespace

Recording::Recording(nb::object client, PyClient& py_client, PyObject* env, bool deliver,
                     std::int64_t now_ns)
    : client_(std::move(client)),
      py_client_(py_client),
      captured_(py_client_.core().take_spare()),
      began_ns_(now_ns),
      generation_(fork_generation()),
      thread_(PyThread_get_thread_ident()),
      deliver_(deliver) {
  exchange().start_ns = base::system_clock().now_ns();
  exchange().id = id_ = next_exchange_id(exchange().start_ns);
  exchange().sdk_type = "PythonFlask";
  captured_->has_own_span = true;
  Incoming incoming = read_environ(env, py_client_.options().trusted_proxies, *captured_);
  trace_ = std::move(incoming.trace);
  trace_id_ = exchange().trace_id;
  is_head_ = incoming.is_head;
  content_length_ = incoming.content_length;
  chunked_ = incoming.is_chunked;
  expects_continue_ = incoming.expects_continue;
  input_ = nb::borrow(incoming.input);
  if (content_length_ > 0) socket_ = nb::borrow(incoming.socket);
}

Recording::~Recording() {
  unlink();  // before anything of Python's runs: nobody may find what is being destroyed
  if (phase_ != Phase::kOpen || !deliver_) return;
  if (!responded_) exchange().aborted = true;
  PyObject* type = nullptr;
  PyObject* value = nullptr;
  PyObject* trace = nullptr;
  PyErr_Fetch(&type, &value, &trace);  // a destructor runs in the middle of anything
  complete(false, steady_now_ns());
  if (generation_ == fork_generation()) py_client_.push(std::move(captured_));
  PyErr_Restore(type, value, trace);
}

void Recording::link() {
  next_ = py_client_.recordings;
  if (next_ != nullptr) next_->previous_ = this;
  py_client_.recordings = this;
  is_linked_ = true;
}

void Recording::unlink() {
  if (!std::exchange(is_linked_, false)) return;
  (previous_ != nullptr ? previous_->next_ : py_client_.recordings) = next_;
  if (next_ != nullptr) next_->previous_ = previous_;
  previous_ = next_ = nullptr;
}

bool Recording::belongs_to_this_thread() const {
  return thread_ == PyThread_get_thread_ident();
}

void Recording::capture_request(std::string_view bytes) {
  if (phase_ == Phase::kOpen) append_request(bytes);
}

void Recording::append_request(std::string_view bytes) {
  const std::int64_t begin = request_position_;
  request_position_ += static_cast<std::int64_t>(bytes.size());
  // What was read before, or lies behind a place that was jumped over, is not read for the first
  // time in its turn.
  if (begin > request_seen_ || request_position_ <= request_seen_) return;
  bytes.remove_prefix(static_cast<std::size_t>(request_seen_ - begin));
  request_seen_ = request_position_;
  if (!py_client_.options().request_body) return;
  append_bounded(exchange().request_body.bytes, bytes, py_client_.options().body_bytes_max);
}

void Recording::capture_response(std::string_view bytes) {
  if (phase_ == Phase::kOpen) append_response(bytes);
}

void Recording::append_response(std::string_view bytes) {
  if (exchange().ttfb_ns < 0) exchange().ttfb_ns = steady_now_ns() - began_ns_;
  response_seen_ += static_cast<std::int64_t>(bytes.size());
  if (!py_client_.options().response_body) return;
  append_bounded(exchange().response_body.bytes, bytes, py_client_.options().body_bytes_max);
}

// Everything of Python's runs before anything is changed: an argument's __str__ may be anybody's
// code, and while it runs another thread may end the recording.
bool Recording::respond(nb::object rule, nb::object view_args, int status, nb::object headers,
                        nb::object body, std::int64_t now_ns) {
  if (phase_ != Phase::kOpen) return false;
  responded_ = true;
  exchange().status_code = status;
  const nb::object list = header_list(headers);
  std::vector<Param> made;
  const bool has_params = PyDict_Check(view_args.ptr());
  const bool has_plain_params = has_params && are_plain(view_args.ptr());
  if (has_params && !has_plain_params) {
    // What runs may change the dictionary meanwhile.
    const nb::object copy = nb::steal(PyDict_Copy(view_args.ptr()));
    if (!copy.is_valid()) throw nb::python_error();
    each_path_param(copy.ptr(), [&](Param param) { made.push_back(std::move(param)); });
  }
  if (phase_ != Phase::kOpen) return false;
  CapturedTexts& texts = captured_->texts;
  if (const std::string_view plain = ascii_of(rule.ptr()); !plain.empty()) {
    texts.add(Kind::kUrlPath, plain);
  } else if (PyUnicode_Check(rule.ptr())) {
    texts.add(Kind::kUrlPath, text_of(rule.ptr()));
  }
  const auto add_param = [&](const Param& param) {
    texts.add(param.is_json ? Kind::kJsonPathParam : Kind::kPathParam, param.name, param.value);
  };
  if (has_params) texts.add(Kind::kPathParamsAnew);
  if (has_plain_params) each_path_param(view_args.ptr(), add_param);
  for (const Param& param : made) add_param(param);
  headers_read_ = read_headers(list, true, texts);
  std::swap(headers_, headers);  // what was there before is destroyed with the arguments
  std::swap(body_, body);
  if (!response_streamed_) exchange().ttfb_ns = now_ns - began_ns_;
  return py_client_.has_log(now_ns);
}

void Recording::set_consumer(std::string consumer) {
  if (phase_ == Phase::kOpen) exchange().consumer = std::move(consumer);
}

bool Recording::add_error(ErrorReport error) {
  if (phase_ != Phase::kOpen) return false;
  if (exchange().errors.size() < static_cast<std::size_t>(limits::kErrorsMax)) {
    error.when_ns = base::system_clock().now_ns();
    exchange().errors.push_back(std::move(error));
  }
  return true;
}

// Appends what `size` more bytes of the request are, if they come in time, and gives them back to
// whoever still reads.
void Recording::read_input(std::int64_t size) {
  const nb::object connection = socket_.is_valid() ? socket_ : nb::none();
  const nb::object read = run_python([&]() -> nb::object {
    return nb::module_::import_("apitoolkit_flask._late_read")
        .attr("read_rest")(input_, connection, size);
  });
  const std::string_view bytes = bytes_of(read.ptr());
  if (bytes.empty()) return;
  append_request(bytes);
  input_ = nb::module_::import_("io").attr("BytesIO")(read);
}

void Recording::read_rest_of_request(bool may_block) {
  const std::int64_t rest = content_length_ - request_seen_;
  if (!py_client_.options().request_body || rest <= 0 || rest > kUnreadBytesMax || request_ended_ ||
      expects_continue_ || !input_.is_valid()) {
    return;
  }
  if (is_bytes_io(input_.ptr())) {  // in memory: nothing to wait for, nothing to take away
    const auto position = nb::cast<std::int64_t>(nb::object(input_.attr("tell")()));
    const nb::object value = input_.attr("getvalue")();
    const auto skip = static_cast<std::size_t>(position + request_seen_ - request_position_);
    const std::string_view bytes = bytes_of(value.ptr());
    request_position_ = request_seen_;
    if (skip < bytes.size()) append_request(bytes.substr(skip, static_cast<std::size_t>(rest)));
  } else if (may_block && request_position_ == request_seen_) {
    read_input(rest);
  }
}

void Recording::complete_request_body() {
  Body& body = exchange().request_body;
  const auto captured = static_cast<std::int64_t>(body.bytes.size());
  if (content_length_ >= 0) {
    body.size = content_length_;
  } else if (chunked_ && !request_ended_) {
    body.size = -1;
  } else {
    body.size = request_seen_;
  }
  const bool whole = captured == body.size;
  body.truncated = py_client_.options().request_body && !whole;
}

// The session's cookie, say. A coding that was applied after the body was seen does not describe
// that body.
void Recording::read_added_headers() {
  if (!headers_.is_valid()) return;
  const nb::object list = header_list(headers_);
  if (header_count(list) == headers_read_.count) return;
  headers_read_ = read_headers(list, headers_read_.has_coding, captured_->texts);
}

void Recording::complete_response() {
  read_added_headers();
  Body& body = exchange().response_body;
  const int status = exchange().status_code;
  if (is_head_ || status == 204 || status == 304 || (status >= 100 && status < 200)) {
    body.size = 0;
    return;
  }
  if (body_.is_valid() && !body_.is_none() && !response_streamed_) {
    const nb::object items = nb::steal(PySequence_Fast(body_.ptr(), "a list"));
    // An item's __str__ may be anybody's code, which may change the list meanwhile.
    for (Py_ssize_t i = 0; items.is_valid() && i < PySequence_Fast_GET_SIZE(items.ptr()); ++i) {
      const nb::object item = nb::borrow(PySequence_Fast_GET_ITEM(items.ptr(), i));
      PyBytes_Check(item.ptr()) ? append_response(bytes_of(item.ptr()))
                                : append_response(text_of(item.ptr()));
    }
    PyErr_Clear();
  } else if (!response_streamed_) {  // passed by: a file, say
    body.size = responded_ ? headers_read_.length : -1;
    return;
  }
  body.size = response_seen_;
  body.truncated = py_client_.options().response_body &&
                   static_cast<std::int64_t>(body.bytes.size()) < response_seen_;
}

// Runs Python, and with it perhaps other threads: from its first line on the recording is no
// longer open, nor to be found among those in progress.
void Recording::complete(bool may_block, std::int64_t now_ns) {
  phase_ = Phase::kCompleting;
  unlink();
  exchange().duration_ns = now_ns - began_ns_;
  try {
    read_rest_of_request(may_block);
  } catch (const std::exception&) {  // a connection that is gone: what was read is what there is
  }
  complete_request_body();
  try {
    complete_response();
  } catch (const std::exception&) {  // likewise for a header object that cannot be read
  }
  // A response without a body has its first byte, the head's, when the server has all of it.
  if (responded_ && exchange().ttfb_ns < 0) exchange().ttfb_ns = exchange().duration_ns;
  PyErr_Clear();
  body_.reset();
  headers_.reset();
  socket_.reset();
  phase_ = Phase::kFinished;
}

void Recording::finish(bool may_block) noexcept {
  if (phase_ != Phase::kOpen) return;
  const std::int64_t entered_ns = steady_now_ns();
  complete(may_block, entered_ns);
  if (deliver_ && generation_ == fork_generation()) py_client_.push(std::move(captured_));
  py_client_.count_time_spent(spent_ns_ + steady_now_ns() - entered_ns);
}

std::string Recording::take_message() {
  if (phase_ != Phase::kOpen) return {};
  const std::int64_t entered_ns = steady_now_ns();
  complete(true, entered_ns);
  py_client_.count_time_spent(spent_ns_ + steady_now_ns() - entered_ns);
  if (!py_client_.core().keep(captured_->exchange)) return {};
  return py_client_.core().preview(captured_->unpack());
}

PyObject* recording_in(PyObject* env) {
  return environ_get(env, kRecording);
}

Begun begin_recording(nb::handle self, PyClient& client, const nb::dict& env, bool deliver) {
  if (PyObject* present = recording_in(env.ptr()); present != nullptr) {
    return {nb::borrow(present)};
  }
  const std::int64_t entered_ns = steady_now_ns();
  if (client.excludes(env.ptr())) {
    set(env, kRecording, nb::none());
    return {nb::none()};
  }
  nb::object object = nb::inst_alloc(nb::type<Recording>());
  auto& recording = *new (nb::inst_ptr<Recording>(object))
                        Recording(nb::borrow(self), client, env.ptr(), deliver, entered_ns);
  nb::inst_mark_ready(object);
  recording.link();
  set(env, kRecording, object);
  if (client.options().request_body && recording.expects_body()) {
    set(env, kInput, make_body_tee(object, recording));
  }
  recording.spent(steady_now_ns() - entered_ns);
  return {std::move(object), &recording};
}

}  // namespace apitoolkit::python
