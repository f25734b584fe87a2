#include "src/server/normalise/dead_letter.h"

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "src/json/document.h"
#include "src/redact/names.h"
#include "src/redact/redactor.h"

namespace apitoolkit::server::normalise {
namespace {

struct Span {
  std::size_t begin;
  std::size_t end;
};

// The values of secret headers of object node `headers`, in their order.
void find_secrets(const json::Document& document, std::uint32_t headers, std::vector<Span>& found) {
  if (document[headers].type != json::Type::kObject) return;
  std::uint32_t name = headers + 1;
  for (std::uint32_t i = 0; i < document[headers].count; i++) {
    const std::uint32_t value = name + 1;
    if (redact::is_secret_header(document.text(name))) {
      found.push_back({document[value].begin, document[value].end});
    }
    name = document[value].next;
  }
}

}  // namespace

std::string mask_dead_letter(std::string bytes) {
  const auto document = json::Document::parse(bytes);
  if (!document || (*document)[document->root()].type != json::Type::kObject) return bytes;
  std::vector<Span> secrets;
  // All members of those names, not only the last: a reader sees what is stored, not what is meant.
  std::uint32_t name = document->root() + 1;
  for (std::uint32_t i = 0; i < (*document)[document->root()].count; i++) {
    const std::uint32_t value = name + 1;
    if (document->text_equals(name, "request_headers") ||
        document->text_equals(name, "response_headers")) {
      find_secrets(*document, value, secrets);
    }
    name = (*document)[value].next;
  }
  for (auto span = secrets.rbegin(); span != secrets.rend(); ++span) {
    bytes.replace(span->begin, span->end - span->begin, redact::kMarkerJson);
  }
  return bytes;
}

}  // namespace apitoolkit::server::normalise
