#include "python/ext/python_text.h"

#include "python/ext/interpreter_exit.h"
#include "src/json/document.h"

namespace apitoolkit::python {
namespace {

bool is_ascii_text(PyObject* value) {
  return PyUnicode_Check(value) && PyUnicode_IS_ASCII(value);
}

// Takes the reference to `encoded`, which may be null with an error set.
std::string take_bytes(PyObject* encoded) {
  if (encoded == nullptr) {
    PyErr_Clear();
    return {};
  }
  std::string text(bytes_of(encoded));
  Py_DECREF(encoded);
  return text;
}

std::string utf8_of(PyObject* text) {
  Py_ssize_t size = 0;
  const char* utf8 = PyUnicode_AsUTF8AndSize(text, &size);
  if (utf8 != nullptr) return {utf8, static_cast<std::size_t>(size)};
  PyErr_Clear();
  return take_bytes(PyUnicode_AsEncodedString(text, "utf-8", "replace"));
}

}  // namespace

std::string_view ascii_of(PyObject* value) {
  if (!is_ascii_text(value)) return {};
  return {static_cast<const char*>(PyUnicode_DATA(value)),
          static_cast<std::size_t>(PyUnicode_GET_LENGTH(value))};
}

std::string_view bytes_of(PyObject* value) {
  if (!PyBytes_Check(value)) return {};
  return {PyBytes_AS_STRING(value), static_cast<std::size_t>(PyBytes_GET_SIZE(value))};
}

std::string text_of(PyObject* value) {
  if (is_ascii_text(value)) return std::string(ascii_of(value));
  if (PyLong_CheckExact(value)) {
    int overflow = 0;
    const long long number = PyLong_AsLongLongAndOverflow(value, &overflow);
    if (overflow == 0) return std::to_string(number);
  }
  if (PyUnicode_Check(value)) return utf8_of(value);
  if (PyBytes_Check(value)) return std::string(bytes_of(value));
  PyObject* text = run_python([&] { return PyObject_Str(value); });
  if (text == nullptr) {
    PyErr_Clear();
    return std::string("<unprintable ") + Py_TYPE(value)->tp_name + ">";
  }
  std::string result = utf8_of(text);
  Py_DECREF(text);
  return result;
}

void WsgiText::copy(PyObject* value) {
  view_ = copy_ = wsgi_text_of(value);
}

std::string wsgi_text_of(PyObject* value) {
  if (is_ascii_text(value)) return std::string(ascii_of(value));
  if (!PyUnicode_Check(value)) return {};
  PyObject* encoded = PyUnicode_AsLatin1String(value);
  if (encoded == nullptr) {  // a server that breaks PEP 3333: the text is what it is
    PyErr_Clear();
    return utf8_of(value);
  }
  const bool valid = json::is_valid_utf8(bytes_of(encoded));
  if (valid) return take_bytes(encoded);
  Py_DECREF(encoded);
  return utf8_of(value);
}

}  // namespace apitoolkit::python
