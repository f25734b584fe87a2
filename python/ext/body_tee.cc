#include "python/ext/body_tee.h"

#include <string_view>
#include <utility>

#include "python/ext/interpreter_exit.h"
#include "python/ext/python_text.h"
#include "python/ext/recording.h"

namespace nb = nanobind;

namespace apitoolkit::python {
namespace {

// Methods of the input. Their names are made once and interned.
using Name = EnvironKey;
constinit Name kRead{"read"};
constinit Name kReadinto{"readinto"};
constinit Name kReadline{"readline"};
constinit Name kReadlines{"readlines"};

// Whether a call without a size, or with a negative one, reads until the end.
bool asks_for_all(const nb::args& args) {
  if (args.size() == 0 || args[0].is_none()) return true;
  const long size = PyLong_AsLong(args[0].ptr());
  if (size == -1 && PyErr_Occurred() != nullptr) PyErr_Clear();
  return size < 0;
}

bool asks_for_nothing(const nb::args& args) {
  if (args.size() == 0 || !PyLong_Check(args[0].ptr())) return false;
  const long size = PyLong_AsLong(args[0].ptr());
  if (size == -1 && PyErr_Occurred() != nullptr) PyErr_Clear();
  return size == 0;
}

}  // namespace

BodyTee::BodyTee(nb::object recording, Recording& target)
    : recording_(std::move(recording)), target_(target) {}

nb::object BodyTee::call(Name& method, const nb::args& args) {
  const nb::object bound =
      nb::steal(run_python([&] { return PyObject_GetAttr(target_.input(), method.str()); }));
  if (!bound.is_valid()) throw nb::python_error();
  PyObject* result = run_python([&] { return PyObject_CallObject(bound.ptr(), args.ptr()); });
  if (result == nullptr) {
    if (PyErr_ExceptionMatches(PyExc_OSError) != 0) target_.request_cut();
    throw nb::python_error();
  }
  return nb::steal(result);
}

void BodyTee::capture(nb::handle chunk, bool asked_for_all) {
  const std::string_view bytes = bytes_of(chunk.ptr());
  target_.capture_request(bytes);
  if (asked_for_all || bytes.empty()) target_.request_ended();
}

nb::object BodyTee::read(const nb::args& args) {
  nb::object chunk = call(kRead, args);
  if (asks_for_nothing(args)) {
    target_.capture_request(bytes_of(chunk.ptr()));  // uWSGI takes 0 for everything
  } else {
    capture(chunk, asks_for_all(args));
  }
  return chunk;
}

nb::object BodyTee::readline(const nb::args& args) {
  nb::object line = call(kReadline, args);
  if (!asks_for_nothing(args)) capture(line, false);
  return line;
}

nb::object BodyTee::readlines(const nb::args& args) {
  nb::object lines = call(kReadlines, args);
  if (PyList_Check(lines.ptr())) {
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(lines.ptr()); ++i) {
      target_.capture_request(bytes_of(PyList_GET_ITEM(lines.ptr(), i)));
    }
  }
  if (asks_for_all(args)) target_.request_ended();
  return lines;
}

nb::object ReadintoBodyTee::readinto(nb::handle buffer) {
  nb::object count = nb::steal(run_python(
      [&] { return PyObject_CallMethodOneArg(target().input(), kReadinto.str(), buffer.ptr()); }));
  if (!count.is_valid()) throw nb::python_error();
  const Py_ssize_t size = count.is_none() ? -1 : PyLong_AsSsize_t(count.ptr());
  if (size == -1 && PyErr_Occurred() != nullptr) PyErr_Clear();
  Py_buffer view;
  if (size >= 0 && PyObject_GetBuffer(buffer.ptr(), &view, PyBUF_SIMPLE) == 0) {
    if (size <= view.len) {
      target().capture_request(
          {static_cast<const char*>(view.buf), static_cast<std::size_t>(size)});
    }
    if (size == 0 && view.len > 0) target().request_ended();
    PyBuffer_Release(&view);
  } else if (PyErr_Occurred() != nullptr) {
    PyErr_Clear();
  }
  return count;
}

nb::object BodyTee::next() {
  // Servers give an iterable, not always an iterator; PEP 3333 says that iterating yields lines.
  nb::object line = run_python([&] { return nb::handle(target_.input()).attr("readline")(); });
  capture(line, false);
  if (bytes_of(line.ptr()).empty()) throw nb::stop_iteration();
  return line;
}

nb::object BodyTee::attribute(nb::str name) const {
  nb::object value = nb::handle(target_.input()).attr(name);
  const std::string_view text = name.c_str();
  if (text != "seek") return value;
  // A view may go back and read once more what was captured.
  return nb::cpp_function(
      [recording = recording_, &target = target_, seek = std::move(value)](const nb::args& args) {
        nb::object position =
            nb::steal(run_python([&] { return PyObject_CallObject(seek.ptr(), args.ptr()); }));
        if (!position.is_valid()) throw nb::python_error();
        const long long moved_to =
            PyLong_Check(position.ptr()) ? PyLong_AsLongLong(position.ptr()) : -1;
        if (moved_to >= 0) target.request_moved_to(moved_to);
        if (PyErr_Occurred() != nullptr) PyErr_Clear();
        return position;
      });
}

nb::object make_body_tee(const nb::object& recording, Recording& target) {
  const bool has_readinto =
      run_python([&] { return PyObject_HasAttr(target.input(), kReadinto.str()); }) != 0;
  if (has_readinto) {
    return nb::cast(new ReadintoBodyTee(recording, target), nb::rv_policy::take_ownership);
  }
  return nb::cast(new BodyTee(recording, target), nb::rv_policy::take_ownership);
}

void bind_body_tee(nb::module_& module) {
  nb::class_<BodyTee>(module, "BodyTee")
      .def("read", &BodyTee::read)
      .def("readline", &BodyTee::readline)
      .def("readlines", &BodyTee::readlines)
      .def("__iter__", [](nb::handle self) { return nb::borrow(self); })
      .def("__next__", &BodyTee::next)
      .def(
          "__getattr__",
          [](const BodyTee& self, nb::str name) { return self.attribute(std::move(name)); },
          nb::arg("name"));
  nb::class_<ReadintoBodyTee, BodyTee>(module, "ReadintoBodyTee")
      .def("readinto", &ReadintoBodyTee::readinto, nb::arg("buffer"));
}

}  // namespace apitoolkit::python
