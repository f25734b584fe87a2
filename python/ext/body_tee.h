// `BodyTee`: stands in for environ["wsgi.input"] and lets the recording see what the view reads.
#pragma once

#include <nanobind/nanobind.h>

namespace apitoolkit::python {

class Recording;

// The methods of PEP 3333 (read, readline, readlines, iteration) and readinto; every other
// attribute is the server's own. Behaves after the recording's end as the bare stream does.
class BodyTee {
 public:
  BodyTee(nanobind::object recording, Recording& target);

  nanobind::object read(const nanobind::args& args);
  nanobind::object readline(const nanobind::args& args);
  nanobind::object readlines(const nanobind::args& args);
  nanobind::object readinto(nanobind::handle buffer);
  nanobind::object next();
  nanobind::object attribute(nanobind::str name) const;

 private:
  nanobind::object call(const char* method, const nanobind::args& args);
  void capture(nanobind::handle chunk, bool asked_for_all);

  nanobind::object recording_;
  Recording& target_;
};

void bind_body_tee(nanobind::module_& module);

}  // namespace apitoolkit::python
