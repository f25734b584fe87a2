// `BodyTee`: stands in for environ["wsgi.input"] and lets the recording see what the view reads.
#pragma once

#include <nanobind/nanobind.h>

#include "python/ext/environ.h"

namespace apitoolkit::python {

class Recording;

// The methods of PEP 3333 (read, readline, readlines, iteration). Every other attribute is there if
// the server's input has it: seek, which moves bytes, watched; the rest as it is.
// Behaves after the recording's end as the bare stream does.
//
// What is on a request's way is a method or a slot as a C type has it, and no C++ exception: to
// throw one costs microseconds, and Werkzeug asks each input for a readinto.
class BodyTee {
 public:
  BodyTee(nanobind::object recording, Recording& target);

  // As Python's functions: a new reference, or null with an error set.
  PyObject* read(PyObject* const* args, Py_ssize_t count);
  PyObject* readline(PyObject* const* args, Py_ssize_t count);
  PyObject* readlines(PyObject* const* args, Py_ssize_t count);
  PyObject* next();
  PyObject* attribute(PyObject* name) const;

 protected:
  Recording& target() { return target_; }

 private:
  PyObject* call(EnvironKey& method, PyObject* const* args, Py_ssize_t count);
  void capture(PyObject* chunk, bool asked_for_all);

  nanobind::object recording_;
  Recording& target_;
};

// For an input that has readinto: Werkzeug takes it, where it finds it, in place of read, and
// uWSGI's and gunicorn's inputs have none.
class ReadintoBodyTee final : public BodyTee {
 public:
  using BodyTee::BodyTee;

  PyObject* readinto(PyObject* buffer);
};

// The one that fits the recording's input, as Python sees it.
nanobind::object make_body_tee(const nanobind::object& recording, Recording& target);

void bind_body_tee(nanobind::module_& module);

}  // namespace apitoolkit::python
