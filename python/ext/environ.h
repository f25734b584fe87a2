// Reads a WSGI environ (PEP 3333) into an exchange.
#pragma once

#include <Python.h>

#include <cstdint>
#include <string>

#include "apitoolkit/captured_exchange.h"

namespace apitoolkit::python {

// A key of an environ. Its str is made once and interned, since looking up is most of what reading
// an environ costs. Made for constants that live as long as the process; used with the GIL held.
class EnvironKey {
 public:
  constexpr explicit EnvironKey(const char* name) : name_(name) {}
  PyObject* str() {
    if (str_ == nullptr) str_ = PyUnicode_InternFromString(name_);
    return str_;
  }

 private:
  const char* name_;
  PyObject* str_ = nullptr;
};

// A borrowed reference to env[key], or null. `env` must be a dict.
PyObject* environ_get(PyObject* env, EnvironKey& key);

// What of W3C trace context an exchange has no field for, to be passed on by outgoing calls.
struct TraceContext {
  std::string flags = "01";  // two hex digits
  std::string state;         // tracestate
};

// What an environ says of a request besides.
struct Incoming {
  bool is_head = false;
  TraceContext trace;
  std::int64_t content_length = -1;  // where it is missing or not a number
  bool is_chunked = false;           // announces a body whose length is not known beforehand
  bool expects_continue = false;     // the client waits for "100 Continue" before its body
  // Borrowed from the environ, or null.
  PyObject* input = nullptr;
  PyObject* socket = nullptr;  // the connection, where the server gives it away
};

// Fills in what a request line, its headers and its connection say: method, host, URL, headers,
// referer, protocol, client address, trace context; not the path. Header names are written as
// "Content-Type", since WSGI keeps no spelling. `trusted_proxies` proxies append to
// X-Forwarded-For; 0 means that the header is not believed. Goes through the environ once.
Incoming read_environ(PyObject* env, int trusted_proxies, CapturedExchange& captured);

}  // namespace apitoolkit::python
