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

bool StreamTee::begin() {
  iterator_ = nb::steal(run_python([&] { return PyObject_GetIter(iterable_.ptr()); }));
  return iterator_.is_valid();
}

PyObject* StreamTee::iterator(PyObject* self) {
  if (!iterator_.is_valid() && !begin()) return nullptr;
  return nb::borrow(self).release().ptr();
}

PyObject* StreamTee::next() {
  if (!iterator_.is_valid() && !begin()) return nullptr;
  PyObject* chunk = run_python([&] { return PyIter_Next(iterator_.ptr()); });
  if (chunk == nullptr) {
    ended_ = true;
    if (PyErr_Occurred() == nullptr) return nullptr;
    nb::python_error error;
    // Before Python 3.12 an error that was raised has its trace beside it, and not yet of its own.
    if (const nb::object trace = error.traceback(); trace.is_valid()) {
      PyException_SetTraceback(error.value().ptr(), trace.ptr());
    }
    try {
      run_python([&] { on_error_(recording_, error.value()); });
    } catch (nb::python_error& failure) {
      failure.discard_as_unraisable("apitoolkit: recording a stream's error");
    }
    error.restore();
    return nullptr;
  }
  if (PyBytes_Check(chunk)) {
    target_.capture_response(bytes_of(chunk));
  } else {
    target_.capture_response(text_of(chunk));
  }
  return chunk;
}

void StreamTee::close() {
  if (iterator_.is_valid() && !ended_) target_.abort();
  ended_ = true;
  run_python([&] {
    if (nb::hasattr(iterable_, "close")) iterable_.attr("close")();
  });
}

namespace {

StreamTee& tee_of(PyObject* self) {
  return *nb::inst_ptr<StreamTee>(self);
}

PyObject* iterate(PyObject* self) {
  return tee_of(self).iterator(self);
}

PyObject* next_chunk(PyObject* self) {
  return tee_of(self).next();
}

// Slots, as a C type has them: at a stream's end nothing is thrown.
PyType_Slot slots[] = {{Py_tp_iter, reinterpret_cast<void*>(&iterate)},
                       {Py_tp_iternext, reinterpret_cast<void*>(&next_chunk)},
                       {0, nullptr}};

}  // namespace

void bind_stream_tee(nb::module_& module) {
  nb::class_<StreamTee>(module, "StreamTee", nb::type_slots(slots)).def("close", &StreamTee::close);
}

}  // namespace apitoolkit::python
