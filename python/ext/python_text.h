// Text between Python and the core: str and bytes objects become UTF-8 or raw bytes.
#pragma once

#include <Python.h>

#include <string>
#include <string_view>

namespace apitoolkit::python {

// The UTF-8 of a str; a lone surrogate becomes "?". The raw bytes of a bytes object. Anything else
// becomes the UTF-8 of its str(); a str() that raises becomes "<unprintable TYPE>". Never throws
// and leaves no Python error set.
std::string text_of(PyObject* value);

// A WSGI "native string" (PEP 3333: bytes, decoded as latin-1): its bytes where they are valid
// UTF-8, else their latin-1 characters as UTF-8. Empty for anything that is no str.
std::string wsgi_text_of(PyObject* value);

// The same as a view, which lives as long as this and `value`, which may be null: what is ASCII, as
// most is, is not copied.
class WsgiText {
 public:
  explicit WsgiText(PyObject* value) {
    if (value == nullptr) return;
    if (PyUnicode_Check(value) && PyUnicode_IS_ASCII(value)) {  // here, to be inlined
      view_ = {static_cast<const char*>(PyUnicode_DATA(value)),
               static_cast<std::size_t>(PyUnicode_GET_LENGTH(value))};
    } else {
      copy(value);
    }
  }
  WsgiText(const WsgiText&) = delete;
  WsgiText& operator=(const WsgiText&) = delete;
  std::string_view view() const { return view_; }

 private:
  void copy(PyObject* value);

  std::string copy_;
  std::string_view view_;
};

// The characters of a str that is ASCII, as a view that lives as long as it. Empty for others.
std::string_view ascii_of(PyObject* value);

// The contents of a bytes object, as a view that lives as long as the object. Empty for others.
std::string_view bytes_of(PyObject* value);

}  // namespace apitoolkit::python
