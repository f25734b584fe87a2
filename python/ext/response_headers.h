// A response's headers, as WSGI and Werkzeug have them.
#pragma once

#include <nanobind/nanobind.h>

#include <cstdint>
#include <string_view>
#include <vector>

#include "apitoolkit/exchange.h"

namespace apitoolkit::python {

// `headers`, a list of pairs or an object with to_wsgi_list(), as a list of pairs; invalid where
// they are none. Werkzeug's object is asked for the list behind it: its methods would make a copy,
// in Python, of what is read once. Leaves no Python error set. Runs Python.
nanobind::object header_list(const nanobind::object& headers);

// At most limits::kHeadersMax; `list` is a header_list(), and may be invalid.
std::vector<Header> read_headers(const nanobind::object& list);

// Without regard to case.
bool is_named(const Header& header, std::string_view lower_case_name);

// What Content-Length says; -1 where it says nothing.
std::int64_t length_header(const std::vector<Header>& headers);

}  // namespace apitoolkit::python
