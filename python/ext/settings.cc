#include "python/ext/settings.h"

#include <nanobind/stl/string.h>

#include <string>
#include <variant>
#include <vector>

#include "src/base/settings_file.h"

namespace nb = nanobind;

namespace apitoolkit::python {
namespace {

nb::object to_python(const std::vector<std::string>& list) {
  nb::list result;
  for (const std::string& text : list) result.append(nb::cast(text));
  return result;
}

template <class T>
nb::object to_python(const T& value) {
  return nb::cast(value);
}

// {name: str, int, float, bool or list of str}. ValueError says what is wrong and where.
nb::dict read(const std::string& path) {
  const auto settings = read_settings_file(path);
  if (!settings) throw nb::value_error(settings.error().message.c_str());
  nb::dict result;
  for (const auto& [name, setting] : *settings) {
    result[name.c_str()] =
        std::visit([](const auto& value) { return to_python(value); }, setting.value);
  }
  return result;
}

}  // namespace

void bind_settings(nb::module_& module) {
  module.def("read_settings_file", &read, nb::arg("path"));
}

}  // namespace apitoolkit::python
