// `StreamTee`: iterates a streamed response and lets the recording see each chunk as it passes.
#pragma once

#include <nanobind/nanobind.h>

namespace apitoolkit::python {

class Recording;

// Gives every chunk on, as the same object, at the moment it comes. close() closes the iterable and
// marks the exchange as aborted if the stream was begun and not read to its end. An exception of
// the iterable is given to `on_error(recording, exception)` and goes on.
class StreamTee {
 public:
  StreamTee(nanobind::object recording, Recording& target, nanobind::object iterable,
            nanobind::object on_error);

  // As Python's functions: a new reference, or null, with an error set unless next() is at the end.
  PyObject* iterator(PyObject* self);
  PyObject* next();
  void close();

 private:
  bool begin();  // false with an error set

  nanobind::object recording_;
  Recording& target_;
  nanobind::object iterable_;
  nanobind::object iterator_;
  nanobind::object on_error_;
  bool ended_ = false;
};

void bind_stream_tee(nanobind::module_& module);

}  // namespace apitoolkit::python
