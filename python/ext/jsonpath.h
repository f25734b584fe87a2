// The functions behind apitoolkit_flask.jsonpath.
#pragma once

#include <nanobind/nanobind.h>

namespace apitoolkit::python {

void bind_jsonpath(nanobind::module_& module);

}  // namespace apitoolkit::python
