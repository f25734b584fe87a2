#include "src/redact/selection.h"

#include "src/jsonpath/ast.h"
#include "src/jsonpath/evaluate.h"

namespace apitoolkit::redact {

Reason select_spans(std::string_view text, std::span<const jsonpath::Query> queries,
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

}  // namespace apitoolkit::redact
