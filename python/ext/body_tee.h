// `BodyTee`: stands in for environ["wsgi.input"] and lets the recording see what the view reads.
#pragma once

#include <nanobind/nanobind.h>

namespace apitoolkit::python {

class Recording;

// The methods of PEP 3333 (read, readline, readlines, iteration). Every other attribute is there if
// the server's input has it: readinto and seek, which move bytes, watched; the rest as it is.
// Behaves after the recording's end as the bare stream does.
class BodyTee {
 public:
  BodyTee(nanobind::object recording, Recording& target);

  nanobind::object read(const nanobind::args& args);
  nanobind::object readline(const nanobind::args& args);
  nanobind::object readlines(const nanobind::args& args);
  nanobind::object readinto(nanobind::handle buffer);
  nanobind::object next();
  nanobind::object attribute(nanobind::handle self, nanobind::str name) const;

 private:
  nanobind::object call(const char* method, const nanobind::args& args);
  void capture(nanobind::handle chunk, bool asked_for_all);

  nanobind::object recording_;
  Recording& target_;
};

void bind_body_tee(nanobind::module_& module);

}  // namespace apitoolkit::python
