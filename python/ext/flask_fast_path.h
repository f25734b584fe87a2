// Flask's hooks for a request like most: nothing is replaced, nothing is streamed, nobody asks who
// called. All that differs goes the long way, through _flask_hooks.py, which does the same.
//
// Each step of Python's interpreter costs as much as all that is recorded of a header: what is here
// takes two thirds off what a request pays (bench/capture).
#pragma once

#include <nanobind/nanobind.h>

namespace apitoolkit::python {

void bind_flask_fast_path(nanobind::module_& module);

}  // namespace apitoolkit::python
