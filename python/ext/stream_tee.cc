#include "python/ext/stream_tee.h"

#include <string>
#include <utility>

#include "python/ext/interpreter_exit.h"
#include "python/ext/python_text.h"
#include "python/ext/recording.h"

namespace nb = nanobind;

namespace apitoolkit::python {

StreamTee::StreamTee(nb::object recording, Recording& target, nb::object iterable,
                     nb::object on_error)
    : recording_(std::move(recording)),
      target_(target),
      iterable_(std::move(iterable)),
      on_error_(std::move(on_error)) {}

void StreamTee::begin() {
  iterator_ = nb::steal(run_python([&] { return PyObject_GetIter(iterable_.ptr()); }));
  if (!iterator_.is_valid()) throw nb::python_error();
}

nb::object StreamTee::iterator(nb::handle self) {
  if (!iterator_.is_valid()) begin();
  return nb::borrow(self);
}

nb::object StreamTee::next() {
  if (!iterator_.is_valid()) begin();
  PyObject* chunk = run_python([&] { return PyIter_Next(iterator_.ptr()); });
  if (chunk == nullptr) {
    ended_ = true;
    if (PyErr_Occurred() == nullptr) throw nb::stop_iteration();
    nb::python_error error;
    try {
      run_python([&] { on_error_(recording_, error.value()); });
    } catch (nb::python_error& failure) {
      failure.discard_as_unraisable("apitoolkit: recording a stream's error");
    }
    throw error;
  }
  if (PyBytes_Check(chunk)) {
    target_.capture_response(bytes_of(chunk));
  } else {
    target_.capture_response(text_of(chunk));
  }
  return nb::steal(chunk);
}

void StreamTee::close() {
  if (iterator_.is_valid() && !ended_) target_.abort();
  ended_ = true;
  run_python([&] {
    if (nb::hasattr(iterable_, "close")) iterable_.attr("close")();
  });
}

void bind_stream_tee(nb::module_& module) {
  nb::class_<StreamTee>(module, "StreamTee")
      .def("__iter__", [](nb::handle self) { return nb::cast<StreamTee&>(self).iterator(self); })
      .def("__next__", &StreamTee::next)
      .def("close", &StreamTee::close);
}

}  // namespace apitoolkit::python
