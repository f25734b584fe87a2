#include "src/base/limits.h"
#include "src/json/writer.h"
#include "src/redact/form.h"
#include "src/redact/percent.h"

namespace apitoolkit::redact {

std::optional<std::vector<Field>> parse_urlencoded(std::string_view body) {
  std::vector<Field> fields;
  while (!body.empty()) {
    const std::size_t end = std::min(body.find('&'), body.size());
    const std::string_view pair = body.substr(0, end);
    body.remove_prefix(std::min(end + 1, body.size()));
    if (pair.empty()) continue;
    if (fields.size() == static_cast<std::size_t>(limits::kFormFieldsMax)) return std::nullopt;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    Field field{decode_form_text(pair.substr(0, equals)), {}};
    json::append_string(decode_form_text(pair.substr(std::min(equals + 1, pair.size()))),
                        field.json);
    fields.push_back(std::move(field));
  }
  return fields;
}

}  // namespace apitoolkit::redact
