#include "src/redact/engine/reference.h"

#include <memory>

#include "src/jsonpath/ast.h"
#include "src/jsonpath/evaluate.h"
#include "src/redact/redactor.h"

namespace apitoolkit::redact {

Reason reference_spans(std::string_view text, std::span<const jsonpath::Query> queries,
                       std::vector<Span>& spans) {
  json::Document document;
  if (const Status status = document.reparse(text); !status) {
    if (status.error().code == ErrorCode::kResourceExhausted) return Reason::kTooDeep;
    return json::is_valid_utf8(text) ? Reason::kInvalidJson : Reason::kInvalidUtf8;
  }
  jsonpath::NodeList nodes;
  for (const jsonpath::Query& query : queries) {
    jsonpath::Budget budget(text.size());
    nodes.clear();
    if (!jsonpath::select_redacted(query.ast(), document, budget, nodes)) return Reason::kBudget;
    for (const std::uint32_t node : nodes)
      spans.push_back({document[node].begin, document[node].end});
  }
  keep_outermost(spans);
  return Reason::kNone;
}

namespace {

std::string reference_result(std::string_view text, std::span<const jsonpath::Query> queries,
                             Reason& reason, std::vector<Span>& spans) {
  reason = reference_spans(text, queries, spans);
  if (reason != Reason::kNone) return std::string(kMarkerJson);
  // Written here once more, byte by byte, so that the splice is compared with something.
  std::string out;
  std::size_t next = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (next < spans.size() && spans[next].begin == at) {
      out += kMarkerJson;
      at = spans[next++].end;
    } else {
      out += text[at++];
    }
  }
  if (is_growth_allowed(text.size(), out.size())) return out;
  reason = Reason::kOutputSize;
  return std::string(kMarkerJson);
}

}  // namespace

Agreement compare_with_reference(const Engine& engine, std::span<const jsonpath::Query> queries,
                                 std::string_view text, Scratch& scratch) {
  const std::unique_ptr<char[]> exact(new char[text.size()]);
  text.copy(exact.get(), text.size());
  text = {exact.get(), text.size()};
  Agreement agreement;
  std::vector<Span> spans;
  Reason expected_reason = Reason::kNone;
  const std::string expected = reference_result(text, queries, expected_reason, spans);
  // The evaluator spends its budget faster than the walk does.
  const bool comparable = expected_reason != Reason::kBudget;
  agreement.spans = expected_reason == Reason::kNone ? spans.size() : 0;
  for (const json::SimdLevel level :
       {json::SimdLevel::kPortable, json::SimdLevel::kAvx2, json::SimdLevel::kAvx512}) {
    if (!json::simd_level_supported(level)) continue;
    scratch.level = level;
    std::string out;
    const Reason reason = engine.redact(text, scratch, out);
    if (!comparable ||
        (out == expected && (reason == Reason::kNone) == (expected_reason == Reason::kNone))) {
      continue;
    }
    agreement.complaint.append(to_string(level)).append(" gives ").append(out);
    agreement.complaint.append(" (").append(to_string(reason)).append("), expected ");
    agreement.complaint.append(expected).append(" (").append(to_string(expected_reason));
    agreement.complaint.append(")\n");
  }
  return agreement;
}

}  // namespace apitoolkit::redact
