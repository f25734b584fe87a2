// Configuration files.
#pragma once

#include <nanobind/nanobind.h>

namespace apitoolkit::python {

void bind_settings(nanobind::module_& module);

}  // namespace apitoolkit::python
