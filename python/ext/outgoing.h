// Outgoing calls: an exchange whose client this process is.
#pragma once

#include <nanobind/nanobind.h>

namespace apitoolkit::python {

// Pushes one finished outgoing call; see push_outgoing in _native.pyi for the arguments. Where
// `deliver` is false it is not pushed: the message is returned as bytes.
nanobind::object push_outgoing(nanobind::handle self, const nanobind::kwargs& call);

}  // namespace apitoolkit::python
