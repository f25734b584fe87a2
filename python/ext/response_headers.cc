#include "python/ext/response_headers.h"

#include <algorithm>
#include <string>

#include "python/ext/environ.h"
#include "python/ext/interpreter_exit.h"
#include "python/ext/python_text.h"
#include "src/base/limits.h"

namespace nb = nanobind;

namespace apitoolkit::python {
namespace {

// Attributes of Werkzeug's Headers.
constinit EnvironKey kList{"_list"};
constinit EnvironKey kToWsgiList{"to_wsgi_list"};

}  // namespace

nb::object header_list(const nb::object& headers) {
  if (PyList_Check(headers.ptr())) return headers;
  nb::object list =
      nb::steal(run_python([&] { return PyObject_GetAttr(headers.ptr(), kList.str()); }));
  if (!list.is_valid() || !PyList_Check(list.ptr())) {
    PyErr_Clear();
    list = nb::steal(
        run_python([&] { return PyObject_CallMethodNoArgs(headers.ptr(), kToWsgiList.str()); }));
  }
  if (!list.is_valid() || !PyList_Check(list.ptr())) {
    PyErr_Clear();
    return {};
  }
  return list;
}

std::vector<Header> read_headers(const nb::object& list) {
  std::vector<Header> result;
  if (!list.is_valid()) return result;
  const Py_ssize_t size = std::min<Py_ssize_t>(PyList_GET_SIZE(list.ptr()), limits::kHeadersMax);
  result.reserve(static_cast<std::size_t>(size));
  for (Py_ssize_t i = 0; i < size; ++i) {
    PyObject* pair = PyList_GET_ITEM(list.ptr(), i);
    if (!PyTuple_Check(pair) || PyTuple_GET_SIZE(pair) != 2) continue;
    result.push_back(
        {wsgi_text_of(PyTuple_GET_ITEM(pair, 0)), wsgi_text_of(PyTuple_GET_ITEM(pair, 1))});
  }
  return result;
}

bool is_named(const Header& header, std::string_view lower_case_name) {
  return header.name.size() == lower_case_name.size() &&
         std::equal(header.name.begin(), header.name.end(), lower_case_name.begin(),
                    [](char a, char b) {
                      return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b;
                    });
}

std::int64_t length_header(const std::vector<Header>& headers) {
  for (const Header& header : headers) {
    if (!is_named(header, "content-length") || header.value.empty()) continue;
    const bool digits = header.value.find_first_not_of("0123456789") == std::string::npos;
    if (digits && header.value.size() < 19) return std::stoll(header.value);
  }
  return -1;
}

}  // namespace apitoolkit::python
