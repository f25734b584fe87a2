// Reads a WSGI environ (PEP 3333) into an exchange.
#pragma once

#include <Python.h>

#include <cstdint>

#include "apitoolkit/exchange.h"

namespace apitoolkit::python {

// A borrowed reference to environ[name], or null. `environ` must be a dict.
PyObject* environ_get(PyObject* environ, const char* name);

// CONTENT_LENGTH; -1 where it is missing or not a number.
std::int64_t content_length_of(PyObject* environ);

// Whether the request announces a body whose length is not known beforehand.
bool is_chunked(PyObject* environ);

// Whether the client waits for "100 Continue" before it sends the body.
bool expects_continue(PyObject* environ);

// Fills in what a request line, its headers and its connection say: method, host, URL, path,
// headers, referer, protocol, client address, trace context. Header names are written as
// "Content-Type", since WSGI keeps no spelling. `trusted_proxies` proxies append to X-Forwarded-For;
// 0 means that the header is not believed.
void read_environ(PyObject* environ, int trusted_proxies, Exchange& exchange);

}  // namespace apitoolkit::python
