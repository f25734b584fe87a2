// A byte that picks how the body is described, a path, a zero byte, a body. Whatever they are:
//  - a body read as JSON stays JSON, and differs from the input in the selected spans only;
//  - a body that is not JSON, under a JSON type, becomes the marker;
//  - a form becomes a JSON object, or the marker;
//  - without paths a JSON type's body passes byte for byte.
#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/require.h"
#include "src/json/document.h"
#include "src/jsonpath/ast.h"
#include "src/jsonpath/evaluate.h"
#include "src/jsonpath/query.h"
#include "src/redact/names.h"
#include "src/redact/redactor.h"

namespace {

namespace json = apitoolkit::json;
namespace jsonpath = apitoolkit::jsonpath;
namespace redact = apitoolkit::redact;

struct Description {
  std::string_view type;
  std::string_view encoding;
  bool truncated = false;
};

constexpr std::array kDescriptions = {
    Description{"application/json", ""},
    Description{"", ""},
    Description{"text/plain", ""},
    Description{"application/x-www-form-urlencoded", ""},
    Description{"multipart/form-data; boundary=b", ""},
    Description{"application/x-ndjson", ""},
    Description{"application/json-seq", ""},
    Description{"application/json", "gzip"},
    Description{"application/json", "br, zstd"},
    Description{"application/json; charset=utf-16", ""},
    Description{"multipart/form-data; boundary=b", "", true},
    Description{"application/x-ndjson", "", true},
};

// The same by the slow and obvious way: a byte is kept if no selected node covers it.
std::string masked_bytewise(const json::Document& document, const jsonpath::NodeList& nodes) {
  const std::string_view text = document.source();
  std::vector<char> covered(text.size(), 0);
  std::vector<char> starts(text.size(), 0);
  for (const std::uint32_t node : nodes) {
    std::fill(covered.begin() + document[node].begin, covered.begin() + document[node].end, 1);
  }
  for (const std::uint32_t node : nodes) {
    const std::uint32_t begin = document[node].begin;
    if (begin == 0 || covered[begin - 1] == 0) starts[begin] = 1;
  }
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (starts[i] != 0) out += redact::kMarkerJson;
    if (covered[i] == 0) out += text[i];
  }
  return out;
}

void check_json(std::string_view body, const jsonpath::Query& query, const redact::Redacted& out) {
  const auto document = json::Document::parse(body);
  if (!document) {
    FUZZ_REQUIRE(out.reason != redact::Reason::kNone || body.empty());
    FUZZ_REQUIRE(out.body == redact::kMarkerJson || body.empty());
    return;
  }
  if (out.reason != redact::Reason::kNone) {
    FUZZ_REQUIRE(out.body == redact::kMarkerJson);
    return;
  }
  FUZZ_REQUIRE(json::Document::parse(out.body).has_value());
  jsonpath::Budget budget(body.size());
  jsonpath::NodeList nodes;
  FUZZ_REQUIRE(jsonpath::select_redacted(query.ast(), *document, budget, nodes));
  FUZZ_REQUIRE(out.body == masked_bytewise(*document, nodes));
  // Nothing that the RFC selects is left out by the wider reading.
  jsonpath::Budget list_budget(body.size());
  jsonpath::NodeList list;
  if (!jsonpath::select_list(query.ast(), *document, list_budget, list)) return;
  for (const std::uint32_t node : list) {
    const bool inside = std::any_of(nodes.begin(), nodes.end(), [&](std::uint32_t outer) {
      return outer <= node && node < (*document)[outer].next;
    });
    FUZZ_REQUIRE(inside || nodes.size() > 256);
    if (nodes.size() > 256) break;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Description& description = kDescriptions[data[0] % kDescriptions.size()];
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t zero = std::min(input.find('\0'), input.size());
  const std::string path(input.substr(0, zero));
  const std::string_view body = input.substr(std::min(zero + 1, input.size()));
  const redact::BodyType type{.content_type = description.type,
                              .content_encoding = description.encoding,
                              .truncated = description.truncated};
  const redact::Redacted open = redact::Redactor().redact(body, type);
  const std::vector<std::string> names{path};
  redact::redact_url(body, redact::NameSet(names));

  const auto redactor = redact::Redactor::compile(std::vector<std::string>{path}, "paths");
  if (!redactor) return 0;
  const auto query = jsonpath::Query::parse(path);
  const redact::Redacted out = redactor->redact(body, type);
  const bool plain_json = description.type == "application/json" && description.encoding.empty();
  if (plain_json) {
    FUZZ_REQUIRE(open.body == body);
    check_json(body, *query, out);
  }
  if (description.type.starts_with("multipart") && !body.empty()) {
    FUZZ_REQUIRE(json::Document::parse(out.body).has_value());
    FUZZ_REQUIRE(json::Document::parse(open.body).has_value());
  }
  if (out.reason != redact::Reason::kNone) FUZZ_REQUIRE(out.body == redact::kMarkerJson);
  return 0;
}
