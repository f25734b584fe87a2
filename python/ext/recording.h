// `Recording`: one incoming exchange while it happens.
//
//   begin(environ) → [tee.read …] → respond(…) → [stream tee …] → finish()
//
// finish() pushes the exchange, once. A recording that nobody finishes is pushed when it is
// destroyed: a response that is never closed is at the latest recorded when it is collected.
// References run from the environ and the response to the recording and never back, so that there
// are no cycles. Every member is called with the GIL held.
#pragma once

#include <nanobind/nanobind.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "apitoolkit/captured_exchange.h"
#include "python/ext/environ.h"
#include "python/ext/response_headers.h"

namespace apitoolkit::python {

class PyClient;

// The environ's key of the recording in progress; None there means that the request is excluded.
inline constexpr const char* kRecordingKey = "apitoolkit.recording";

class Recording {
 public:
  // `client` is the Python object of `core_client`. Reads the environ now; takes over its
  // "wsgi.input" if bodies are captured. `now_ns` is on the steady clock.
  Recording(nanobind::object client, PyClient& py_client, PyObject* env, bool deliver,
            std::int64_t now_ns);
  ~Recording();
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

  // --- the request's body ---
  PyObject* input() const { return input_.ptr(); }
  void capture_request(std::string_view bytes);
  // What was read to its end. An end before the announced length is a client that went away.
  void request_ended() {
    request_ended_ = true;
    if (request_position_ < content_length_) request_cut();
  }
  // What was read before us, and is all that there is.
  void request_is_known() { request_ended_ = true; }
  void request_cut() {
    if (phase_ == Phase::kOpen) exchange().aborted = true;
  }
  // The next bytes are those from `position` on: what is read again is not captured again.
  void request_moved_to(std::int64_t position) { request_position_ = position; }

  // --- the response ---
  // `rule` and `view_args` may be None. `body` is a list or tuple of bytes and str, or None where
  // the body is streamed through a tee or passed by. `headers` is a list of pairs, or an object
  // with to_wsgi_list(); it is read at the end, because the session's cookie is added late. Returns
  // whether there are log lines to take. The last call before finish() counts. `now_ns` is on the
  // steady clock.
  bool respond(nanobind::object rule, nanobind::object view_args, int status,
               nanobind::object headers, nanobind::object body, std::int64_t now_ns);
  void response_is_streamed() {
    response_streamed_ = true;
    if (phase_ == Phase::kOpen && response_seen_ == 0) {
      exchange().ttfb_ns = -1;  // the first chunk will tell
    }
  }
  void capture_response(std::string_view bytes);
  void abort() {
    if (phase_ == Phase::kOpen) exchange().aborted = true;
  }

  // Whether the error was taken; false once the recording is finished.
  bool add_error(ErrorReport error);

  // Completes and pushes; further calls do nothing, also while the first is still at it.
  // `may_block` allows a short wait for what the view left unread of the request.
  void finish(bool may_block) noexcept;
  // Completes, does not push, and returns the message as it would be sent; empty once finished.
  std::string take_message();

  // Whether there is a body to see, and whether the view's own reading has shown none of it.
  bool expects_body() const { return input_.is_valid() && (content_length_ > 0 || chunked_); }
  bool lacks_request_body() const { return content_length_ > 0 && request_seen_ == 0; }

  // That recording kept the request's thread for so long, besides finish(), which tells itself.
  void spent(std::int64_t ns) { spent_ns_ += ns; }

  // Who called; until the recording is finished.
  void set_consumer(std::string consumer);

  const TraceContext& trace() const { return trace_; }
  // Of the exchange, also after its end: outgoing calls of a background thread still name it.
  const Uuid& id() const { return id_; }
  std::string trace_id() const { return trace_id_.empty() ? own_trace_id(id_) : trace_id_; }
  std::string span_id() const { return own_span_id(id_); }
  nanobind::object client() const { return client_; }
  bool is_finished() const { return phase_ != Phase::kOpen; }
  bool has_response() const { return responded_; }
  // Whether the response was at hand as a whole: what is missing is only its close().
  bool has_whole_response() const {
    return responded_ && !response_streamed_ && body_.is_valid() && !body_.is_none();
  }
  bool belongs_to_this_thread() const;

  // Joins the client's recordings in progress. Called once there is a Python object of this.
  void link();
  // The one that joined before this; null behind the first.
  Recording* next() const { return next_; }

 private:
  // An open recording takes what comes. Completing it runs Python, in which other threads may come
  // by: they find it closed already.
  enum class Phase { kOpen, kCompleting, kFinished };

  void unlink();
  void append_request(std::string_view bytes);
  void append_response(std::string_view bytes);
  void complete(bool may_block, std::int64_t now_ns);
  void read_rest_of_request(bool may_block);
  void read_input(std::int64_t size);
  void complete_request_body();
  void complete_response();
  void read_added_headers();
  Exchange& exchange() { return captured_->exchange; }

  nanobind::object client_;
  PyClient& py_client_;
  std::unique_ptr<CapturedExchange> captured_;  // handed on when it is whole; null from then on
  Uuid id_{};
  std::string trace_id_;  // empty where the exchange begins a trace
  TraceContext trace_;
  std::int64_t began_ns_;  // on the steady clock
  std::int64_t spent_ns_ = 0;
  std::uint64_t generation_;
  unsigned long thread_;

  nanobind::object input_;   // the server's wsgi.input
  nanobind::object socket_;  // the connection, where the server tells; to bound a late read
  bool is_head_ = false;
  std::int64_t content_length_;
  bool chunked_;
  bool expects_continue_;
  std::int64_t request_seen_ = 0;
  std::int64_t request_position_ = 0;  // behind request_seen_ after a seek
  bool request_ended_ = false;

  nanobind::object headers_;
  ResponseHeaders headers_read_;
  nanobind::object body_;
  bool responded_ = false;
  bool response_streamed_ = false;
  std::int64_t response_seen_ = 0;

  bool deliver_;
  Phase phase_ = Phase::kOpen;
  bool is_linked_ = false;
  Recording* previous_ = nullptr;
  Recording* next_ = nullptr;
};

// What stands in an environ.
struct Begun {
  nanobind::object object;         // a recording, or None
  Recording* recording = nullptr;  // the object's, if it was begun at this call
};

// Starts a recording of the request, unless one is in progress or its path is excluded. `self` is
// the Python object of `client`.
Begun begin_recording(nanobind::handle self, PyClient& client, const nanobind::dict& env,
                      bool deliver);

// A borrowed reference to what stands in the environ for the recording; null where nothing does.
PyObject* recording_in(PyObject* env);

void bind_recording(nanobind::module_& module);

}  // namespace apitoolkit::python
