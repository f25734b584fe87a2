// What the redaction takes for a secret, for the text that Python makes itself: local variables.
#pragma once

#include <nanobind/nanobind.h>

namespace apitoolkit::python {

void bind_secrets(nanobind::module_& module);

}  // namespace apitoolkit::python
