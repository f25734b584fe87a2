#include "python/ext/response_headers.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <system_error>

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

// Without regard to case.
bool is_named(std::string_view name, std::string_view lower_case_name) {
  return name.size() == lower_case_name.size() &&
         std::equal(name.begin(), name.end(), lower_case_name.begin(), [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b;
         });
}

// -1 where this is no number.
std::int64_t length_of(std::string_view text) {
  std::int64_t length = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  return error == std::errc() && end == text.data() + text.size() && length >= 0 ? length : -1;
}

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

std::size_t header_count(const nb::object& list) {
  return list.is_valid() ? static_cast<std::size_t>(PyList_GET_SIZE(list.ptr())) : 0;
}

ResponseHeaders read_headers(const nb::object& list, bool with_coding, CapturedTexts& texts) {
  ResponseHeaders headers;
  headers.count = header_count(list);
  texts.add(CapturedTexts::Kind::kResponseHeadersAnew);
  const auto size = std::min<std::size_t>(headers.count, limits::kHeadersMax);
  for (std::size_t i = 0; i < size; ++i) {
    PyObject* pair = PyList_GET_ITEM(list.ptr(), static_cast<Py_ssize_t>(i));
    if (!PyTuple_Check(pair) || PyTuple_GET_SIZE(pair) != 2) continue;
    const WsgiText name(PyTuple_GET_ITEM(pair, 0));
    const WsgiText value(PyTuple_GET_ITEM(pair, 1));
    const bool is_coding = is_named(name.view(), "content-encoding");
    if (is_coding && !with_coding) continue;
    headers.has_coding = headers.has_coding || is_coding;
    if (headers.length < 0 && is_named(name.view(), "content-length")) {
      headers.length = length_of(value.view());
    }
    texts.add(CapturedTexts::Kind::kResponseHeader, name.view(), value.view());
  }
  return headers;
}

}  // namespace apitoolkit::python
