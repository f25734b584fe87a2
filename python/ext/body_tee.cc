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
bool asks_for_all(PyObject* const* args, Py_ssize_t count) {
  if (count == 0 || args[0] == Py_None) return true;
  const long size = PyLong_AsLong(args[0]);
  if (size == -1 && PyErr_Occurred() != nullptr) PyErr_Clear();
  return size < 0;
}

bool asks_for_nothing(PyObject* const* args, Py_ssize_t count) {
  if (count == 0 || !PyLong_Check(args[0])) return false;
  const long size = PyLong_AsLong(args[0]);
  if (size == -1 && PyErr_Occurred() != nullptr) PyErr_Clear();
  return size == 0;
}

BodyTee& tee_of(PyObject* self) {
  return *nb::inst_ptr<BodyTee>(self);
}

}  // namespace

BodyTee::BodyTee(nb::object recording, Recording& target)
    : recording_(std::move(recording)), target_(target) {}

PyObject* BodyTee::call(Name& method, PyObject* const* args, Py_ssize_t count) {
  const nb::object bound =
      nb::steal(run_python([&] { return PyObject_GetAttr(target_.input(), method.str()); }));
  if (!bound.is_valid()) return nullptr;
  PyObject* result = run_python([&] {
    return PyObject_Vectorcall(bound.ptr(), args, static_cast<std::size_t>(count), nullptr);
  });
  if (result == nullptr && PyErr_ExceptionMatches(PyExc_OSError) != 0) target_.request_cut();
  return result;
}

void BodyTee::capture(PyObject* chunk, bool asked_for_all) {
  const std::string_view bytes = bytes_of(chunk);
  target_.capture_request(bytes);
  if (asked_for_all || bytes.empty()) target_.request_ended();
}

PyObject* BodyTee::read(PyObject* const* args, Py_ssize_t count) {
  PyObject* chunk = call(kRead, args, count);
  if (chunk == nullptr) return nullptr;
  if (asks_for_nothing(args, count)) {
    target_.capture_request(bytes_of(chunk));  // uWSGI takes 0 for everything
  } else {
    capture(chunk, asks_for_all(args, count));
  }
  return chunk;
}

PyObject* BodyTee::readline(PyObject* const* args, Py_ssize_t count) {
  PyObject* line = call(kReadline, args, count);
  if (line != nullptr && !asks_for_nothing(args, count)) capture(line, false);
  return line;
}

PyObject* BodyTee::readlines(PyObject* const* args, Py_ssize_t count) {
  PyObject* lines = call(kReadlines, args, count);
  if (lines == nullptr) return nullptr;
  if (PyList_Check(lines)) {
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(lines); ++i) {
      target_.capture_request(bytes_of(PyList_GET_ITEM(lines, i)));
    }
  }
  if (asks_for_all(args, count)) target_.request_ended();
  return lines;
}

PyObject* ReadintoBodyTee::readinto(PyObject* buffer) {
  PyObject* count = run_python(
      [&] { return PyObject_CallMethodOneArg(target().input(), kReadinto.str(), buffer); });
  if (count == nullptr) return nullptr;
  const Py_ssize_t size = count == Py_None ? -1 : PyLong_AsSsize_t(count);
  if (size == -1 && PyErr_Occurred() != nullptr) PyErr_Clear();
  Py_buffer view;
  if (size >= 0 && PyObject_GetBuffer(buffer, &view, PyBUF_SIMPLE) == 0) {
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

// Servers give an iterable, not always an iterator; PEP 3333 says that iterating yields lines.
PyObject* BodyTee::next() {
  PyObject* line = call(kReadline, nullptr, 0);
  if (line == nullptr) return nullptr;
  capture(line, false);
  if (!bytes_of(line).empty()) return line;
  Py_DECREF(line);
  return nullptr;
}

PyObject* BodyTee::attribute(PyObject* name) const {
  nb::object value = nb::steal(run_python([&] { return PyObject_GetAttr(target_.input(), name); }));
  if (!value.is_valid() || ascii_of(name) != "seek") return value.release().ptr();
  // A view may go back and read once more what was captured.
  return nb::cpp_function([recording = recording_, &target = target_,
                           seek = std::move(value)](const nb::args& args) {
           nb::object position =
               nb::steal(run_python([&] { return PyObject_CallObject(seek.ptr(), args.ptr()); }));
           if (!position.is_valid()) throw nb::python_error();
           const long long moved_to =
               PyLong_Check(position.ptr()) ? PyLong_AsLongLong(position.ptr()) : -1;
           if (moved_to >= 0) target.request_moved_to(moved_to);
           if (PyErr_Occurred() != nullptr) PyErr_Clear();
           return position;
         })
      .release()
      .ptr();
}

namespace {

PyObject* get_attribute(PyObject* self, PyObject* name) {
  if (PyUnicode_Check(name) && _PyType_Lookup(Py_TYPE(self), name) == nullptr) {
    return tee_of(self).attribute(name);
  }
  return PyObject_GenericGetAttr(self, name);
}

template <PyObject* (BodyTee::*method)(PyObject* const*, Py_ssize_t)>
PyObject* call_method(PyObject* self, PyObject* const* args, Py_ssize_t count) {
  return (tee_of(self).*method)(args, count);
}

template <PyObject* (BodyTee::*method)(PyObject* const*, Py_ssize_t)>
constexpr PyMethodDef fast_method(const char* name) {
  return {name, reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(&call_method<method>)),
          METH_FASTCALL, nullptr};
}

PyObject* next_line(PyObject* self) {
  return tee_of(self).next();
}

PyObject* call_readinto(PyObject* self, PyObject* buffer) {
  return nb::inst_ptr<ReadintoBodyTee>(self)->readinto(buffer);
}

// The type keeps pointers to these.
PyMethodDef methods[] = {fast_method<&BodyTee::read>("read"),
                         fast_method<&BodyTee::readline>("readline"),
                         fast_method<&BodyTee::readlines>("readlines"),
                         {nullptr, nullptr, 0, nullptr}};
PyMethodDef readinto_methods[] = {{"readinto", call_readinto, METH_O, nullptr},
                                  {nullptr, nullptr, 0, nullptr}};

PyType_Slot slots[] = {{Py_tp_getattro, reinterpret_cast<void*>(&get_attribute)},
                       {Py_tp_iter, reinterpret_cast<void*>(&PyObject_SelfIter)},
                       {Py_tp_iternext, reinterpret_cast<void*>(&next_line)},
                       {Py_tp_methods, methods},
                       {0, nullptr}};
PyType_Slot readinto_slots[] = {{Py_tp_methods, readinto_methods}, {0, nullptr}};

template <typename Tee>
nb::object make(const nb::object& recording, Recording& target) {
  nb::object object = nb::inst_alloc(nb::type<Tee>());
  static_cast<void>(new (nb::inst_ptr<Tee>(object)) Tee(recording, target));
  nb::inst_mark_ready(object);
  return object;
}

}  // namespace

nb::object make_body_tee(const nb::object& recording, Recording& target) {
  const bool has_readinto =
      run_python([&] { return PyObject_HasAttr(target.input(), kReadinto.str()); }) != 0;
  return has_readinto ? make<ReadintoBodyTee>(recording, target) : make<BodyTee>(recording, target);
}

void bind_body_tee(nb::module_& module) {
  constexpr int kTeesKept = 16;  // objects that are used again
  nb::class_<BodyTee>(module, "BodyTee", nb::type_slots(slots), nb::pooled(kTeesKept));
  nb::class_<ReadintoBodyTee, BodyTee>(module, "ReadintoBodyTee", nb::type_slots(readinto_slots),
                                       nb::pooled(kTeesKept));
}

}  // namespace apitoolkit::python
