// What Python sees of a Recording.
#include <nanobind/stl/string.h>

#include <utility>

#include "python/ext/client.h"
#include "python/ext/python_text.h"
#include "python/ext/recording.h"
#include "python/ext/stream_tee.h"
#include "src/base/uuid.h"

namespace nb = nanobind;

namespace apitoolkit::python {

void bind_recording(nb::module_& module) {
  constexpr int kRecordingsKept = 16;  // objects that are used again
  nb::class_<Recording>(module, "Recording", nb::pooled(kRecordingsKept))
      .def(
          "respond",
          [](Recording& self, nb::object rule, nb::object view_args, int status, nb::object headers,
             nb::object body) {
            const std::int64_t entered_ns = steady_now_ns();
            const bool has_log = self.respond(std::move(rule), std::move(view_args), status,
                                              std::move(headers), std::move(body), entered_ns);
            self.spent(steady_now_ns() - entered_ns);
            return has_log;
          },
          nb::arg("rule").none(), nb::arg("view_args").none(), nb::arg("status"),
          nb::arg("headers"), nb::arg("body").none())
      .def(
          "tee",
          [](nb::handle self, nb::object iterable, nb::object on_error) {
            Recording& recording = nb::cast<Recording&>(self);
            recording.response_is_streamed();
            return StreamTee(nb::borrow(self), recording, std::move(iterable), std::move(on_error));
          },
          nb::arg("iterable"), nb::arg("on_error"))
      .def("add_error",
           [](Recording& self, nb::handle type, nb::handle message, nb::handle root_type,
              nb::handle root_message, nb::handle stack_trace) {
             ErrorReport error;
             error.error_type = text_of(type.ptr());
             error.message = text_of(message.ptr());
             error.root_error_type = text_of(root_type.ptr());
             error.root_error_message = text_of(root_message.ptr());
             error.stack_trace = text_of(stack_trace.ptr());
             return self.add_error(std::move(error));
           })
      .def("set_consumer",
           [](Recording& self, nb::str consumer) { self.set_consumer(text_of(consumer.ptr())); })
      .def("set_request_body",
           [](Recording& self, nb::bytes body) {
             self.capture_request({body.c_str(), body.size()});
             self.request_is_known();
           })
      .def("capture_response",
           [](Recording& self, nb::bytes chunk) {
             self.response_is_streamed();
             self.capture_response({chunk.c_str(), chunk.size()});
           })
      .def("finish",
           [](Recording& self) {
             self.finish(true);
             if (PyErr_Occurred() != nullptr) throw nb::python_error();
           })
      .def("abort", &Recording::abort)
      .def("take_message",
           [](Recording& self) {
             const std::string message = self.take_message();
             return nb::bytes(message.data(), message.size());
           })
      .def_prop_ro("id", [](const Recording& self) { return base::format_uuid(self.id()); })
      .def_prop_ro("trace_id",
                   [](const Recording& self) { return nb::str(self.trace_id().c_str()); })
      .def_prop_ro("span_id", [](const Recording& self) { return nb::str(self.span_id().c_str()); })
      .def_prop_ro("trace_flags", [](const Recording& self) { return self.trace().flags; })
      .def_prop_ro("tracestate", [](const Recording& self) { return self.trace().state; })
      .def_prop_ro("client", &Recording::client)
      .def_prop_ro("finished", &Recording::is_finished)
      .def_prop_ro("responded", &Recording::has_response)
      .def_prop_ro("lacks_request_body", &Recording::lacks_request_body);

  module.attr("ENVIRON_KEY") = kRecordingKey;
}

}  // namespace apitoolkit::python
