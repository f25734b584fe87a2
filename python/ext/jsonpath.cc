#include "python/ext/jsonpath.h"

#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/vector.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/json/document.h"
#include "src/jsonpath/query.h"
#include "src/redact/redactor.h"

namespace nb = nanobind;

namespace apitoolkit::python {
namespace {

nb::bytes to_bytes(std::string_view bytes) {
  return nb::bytes(bytes.data(), bytes.size());
}

// [(normalized path, the value's bytes), …]. A path that is wrong is returned as (column, message)
// for the Python side to raise: its exception type lives there.
nb::object select(const nb::bytes& body, std::string_view path, bool strict) {
  const auto dialect = strict ? jsonpath::Dialect::kStrict : jsonpath::Dialect::kCompatible;
  const auto query = jsonpath::Query::parse(path, dialect);
  if (!query) return nb::make_tuple(query.error().column, query.error().describe(path));
  const auto document = json::Document::parse({body.c_str(), body.size()});
  if (!document) throw nb::value_error(document.error().message.c_str());
  const auto matches = query->select(*document);
  if (!matches) throw nb::value_error(matches.error().message.c_str());
  nb::list result;
  for (const jsonpath::Match& match : *matches) {
    result.append(nb::make_tuple(match.path, to_bytes(document->raw(match.node))));
  }
  return result;
}

// The redacted body; a path that is wrong as select returns it.
nb::object redact(const nb::bytes& body, const std::vector<std::string>& paths,
                  std::string_view content_type) {
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const auto query = jsonpath::Query::parse(paths[i]);
    if (query) continue;
    return nb::make_tuple(query.error().column,
                          "paths[" + std::to_string(i) + "]: " + query.error().describe(paths[i]));
  }
  const auto redactor = redact::Redactor::compile(paths, "paths");
  if (!redactor) throw nb::value_error(redactor.error().message.c_str());
  redact::BodyType type;
  type.content_type = content_type;
  return to_bytes(redactor->redact({body.c_str(), body.size()}, type).body);
}

}  // namespace

void bind_jsonpath(nb::module_& module) {
  module.def("jsonpath_select", &select, nb::arg("body"), nb::arg("path"), nb::arg("strict"));
  module.def("jsonpath_redact", &redact, nb::arg("body"), nb::arg("paths"),
             nb::arg("content_type"));
}

}  // namespace apitoolkit::python
