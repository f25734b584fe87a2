// `BodyTee`: stands in for environ["wsgi.input"] and lets the recording see what the view reads.
#pragma once

#include <nanobind/nanobind.h>

#include "python/ext/environ.h"

namespace apitoolkit::python {

class Recording;

// The methods of PEP 3333 (read, readline, readlines, iteration). Every other attribute is there if
// the server's input has it: seek, which moves bytes, watched; the rest as it is.
// Behaves after the recording's end as the bare stream does.
class BodyTee {
 public:
  BodyTee(nanobind::object recording, Recording& target);

  nanobind::object read(const nanobind::args& args);
  nanobind::object readline(const nanobind::args& args);
  nanobind::object readlines(const nanobind::args& args);
  nanobind::object next();
  nanobind::object attribute(nanobind::str name) const;

 protected:
  Recording& target() { return target_; }

 private:
  nanobind::object call(EnvironKey& method, const nanobind::args& args);
  void capture(nanobind::handle chunk, bool asked_for_all);

  nanobind::object recording_;
  Recording& target_;
};

// For an input that has readinto: Werkzeug takes it, where it finds it, in place of read, and
// uWSGI's and gunicorn's inputs have none. A method of a type, since one that __getattr__ has to
// find costs an exception each time.
class ReadintoBodyTee final : public BodyTee {
 public:
  using BodyTee::BodyTee;

  nanobind::object readinto(nanobind::handle buffer);
};

// The one that fits the recording's input, as Python sees it.
nanobind::object make_body_tee(const nanobind::object& recording, Recording& target);

void bind_body_tee(nanobind::module_& module);

}  // namespace apitoolkit::python
