// A path, a zero byte, a document; without the zero byte, a path for a document of ours. Whatever
// the path, parsing ends with a query or with a place; a strict query selects the same in both
// dialects, and every node it selects is one that its normalized path selects.
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz/require.h"
#include "src/json/document.h"
#include "src/jsonpath/query.h"

namespace {

using apitoolkit::json::Document;
using apitoolkit::jsonpath::Dialect;
using apitoolkit::jsonpath::Query;

constexpr std::string_view kDocument =
    R"({"a":[{"b":1,"c":"x"},{"b":2.0,"c":["y",null,true]}],"b":{"a":{"a":{"a":[]}}},"\u00e9":"é",)"
    R"("n":[0,-1,1e3,123456789012345678901234567890],"re":"[a-c]+","k k":"aab"})";
constexpr std::size_t kRoundTripsMax = 32;

void check_rejection(const apitoolkit::jsonpath::PathError& error, std::string_view text) {
  FUZZ_REQUIRE(error.column >= 1);
  FUZZ_REQUIRE(static_cast<std::size_t>(error.column) <= text.size() + 1);
  FUZZ_REQUIRE(!error.expected.empty());
}

// A document without repeated names, so that a normalized path has one node.
bool has_unique_names(const Document& document) {
  for (std::uint32_t i = 0; i < document.nodes().size(); ++i) {
    if (document[i].type != apitoolkit::json::Type::kObject) continue;
    for (std::uint32_t k = i + 1; k < document[i].next; k = document[k + 1].next) {
      if (document.member(i, document.text(k)) != k + 1) return false;
    }
  }
  return true;
}

void check_selection(const Query& query, const Document& document) {
  const auto matches = query.select(document);
  if (!matches) return;
  const bool unique = has_unique_names(document);
  std::size_t checked = 0;
  for (const auto& match : *matches) {
    FUZZ_REQUIRE(match.node < document.nodes().size());
    if (!unique || ++checked > kRoundTripsMax) continue;
    const auto normalized = Query::parse(match.path, Dialect::kStrict);
    if (!normalized) continue;  // too long, by the bound on paths
    const auto again = normalized->select(document);
    if (!again) continue;
    FUZZ_REQUIRE(again->size() == 1);
    FUZZ_REQUIRE(again->front().node == match.node);
    FUZZ_REQUIRE(again->front().path == match.path);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t zero = input.find('\0');
  const std::string_view path = input.substr(0, zero);
  const std::string_view text = zero == std::string_view::npos ? kDocument : input.substr(zero + 1);
  const auto strict = Query::parse(path, Dialect::kStrict);
  const auto compatible = Query::parse(path, Dialect::kCompatible);
  if (!strict) check_rejection(strict.error(), path);
  if (!compatible) check_rejection(compatible.error(), path);
  const auto document = Document::parse(text);
  if (!document) return 0;
  if (strict) check_selection(*strict, *document);
  if (compatible) check_selection(*compatible, *document);
  if (strict && compatible) {
    const auto a = strict->select(*document);
    const auto b = compatible->select(*document);
    FUZZ_REQUIRE(a.has_value() == b.has_value());
    FUZZ_REQUIRE(!a || a->size() == b->size());
  }
  return 0;
}
