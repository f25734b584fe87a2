// apitoolkit_flask._native: the core, as Python sees it. One file a concept; this one lists them.
#include <nanobind/nanobind.h>

#include "python/ext/body_tee.h"
#include "python/ext/client.h"
#include "python/ext/flask_fast_path.h"
#include "python/ext/handoff.h"
#include "python/ext/jsonpath.h"
#include "python/ext/recording.h"
#include "python/ext/secrets.h"
#include "python/ext/settings.h"
#include "python/ext/stream_tee.h"

NB_MODULE(_native, module) {
  // Objects that are alive when the interpreter ends are not worth a line on stderr.
  nanobind::set_leak_warnings(false);
  module.attr("__version__") = APITOOLKIT_VERSION;
  apitoolkit::python::bind_handoff(module);
  apitoolkit::python::bind_client(module);
  apitoolkit::python::bind_recording(module);
  apitoolkit::python::bind_flask_fast_path(module);
  apitoolkit::python::bind_body_tee(module);
  apitoolkit::python::bind_stream_tee(module);
  apitoolkit::python::bind_jsonpath(module);
  apitoolkit::python::bind_secrets(module);
  apitoolkit::python::bind_settings(module);
}
