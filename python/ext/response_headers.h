// A response's headers, as WSGI and Werkzeug have them.
#pragma once

#include <nanobind/nanobind.h>

#include <cstddef>
#include <cstdint>

#include "apitoolkit/captured_exchange.h"

namespace apitoolkit::python {

// `headers`, a list of pairs or an object with to_wsgi_list(), as a list of pairs; invalid where
// they are none. Werkzeug's object is asked for the list behind it: its methods would make a copy,
// in Python, of what is read once. Leaves no Python error set. Runs Python.
nanobind::object header_list(const nanobind::object& headers);

// How many there are; `list` is a header_list(), and may be invalid.
std::size_t header_count(const nanobind::object& list);

// What is said by the headers that were read.
struct ResponseHeaders {
  std::size_t count = 0;     // header_count() of their list
  bool has_coding = false;   // Content-Encoding is one of them
  std::int64_t length = -1;  // what Content-Length says; -1 where it says nothing
};

// At most limits::kHeadersMax, in place of those that `texts` had. Runs no Python.
ResponseHeaders read_headers(const nanobind::object& list, bool with_coding, CapturedTexts& texts);

}  // namespace apitoolkit::python
