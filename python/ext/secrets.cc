#include "python/ext/secrets.h"

#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/vector.h>

#include <string>
#include <string_view>
#include <vector>

#include "src/redact/names.h"
#include "src/redact/scrub.h"

namespace nb = nanobind;

namespace apitoolkit::python {

void bind_secrets(nb::module_& module) {
  module.def(
      "is_secret_name",
      [](std::string_view name) {
        return redact::is_secret_header(name) || redact::is_secret_query_name(name);
      },
      nb::arg("name"));
  module.def(
      "scrub_text",
      [](std::string_view text, const std::vector<std::string>& detectors) {
        const auto scrubber = redact::Scrubber::compile(detectors, "scrub");
        if (!scrubber) throw nb::value_error(scrubber.error().message.c_str());
        return scrubber->scrub_text(text);
      },
      nb::arg("text"), nb::arg("detectors"));
}

}  // namespace apitoolkit::python
