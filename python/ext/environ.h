// Reads a WSGI environ (PEP 3333) into an exchange.
#pragma once

#include <Python.h>

#include <cstdint>

#include "apitoolkit/exchange.h"

namespace apitoolkit::python {

// A borrowed reference to env[name], or null. `env` must be a dict.
PyObject* environ_get(PyObject* env, const char* name);

// CONTENT_LENGTH; -1 where it is missing or not a number.
std::int64_t content_length_of(PyObject* env);

// Whether the request announces a body whose length is not known beforehand.
bool is_chunked(PyObject* env);

// Whether the client waits for "100 Continue" before it sends the body.
bool expects_continue(PyObject* env);

// Fills in what a request line, its headers and its connection say: method, host, URL, path,
// headers, referer, protocol, client address, trace context. Header names are written as
// "Content-Type", since WSGI keeps no spelling. `trusted_proxies` proxies append to
// X-Forwarded-For; 0 means that the header is not believed.
void read_environ(PyObject* env, int trusted_proxies, Exchange& exchange);

}  // namespace apitoolkit::python
