#include "src/jsonpath/query.h"

#include "src/jsonpath/ast.h"
#include "src/jsonpath/evaluate.h"
#include "src/jsonpath/normalized_path.h"
#include "src/jsonpath/parser.h"

namespace apitoolkit::jsonpath {

std::string PathError::describe(std::string_view path) const {
  std::string out = "\"";
  out += path;
  out += "\": expected " + expected + " at column " + std::to_string(column);
  return out;
}

Query::Query(std::string text, std::shared_ptr<const Ast> ast)
    : text_(std::move(text)), ast_(std::move(ast)) {}

tl::expected<Query, PathError> Query::parse(std::string_view text, Dialect dialect) {
  tl::expected<Ast, PathError> ast = Parser(text, Dialect::kStrict).parse();
  if (dialect == Dialect::kCompatible && (!ast || ast->dead_pattern)) {
    ast = Parser(text, Dialect::kCompatible).parse();
  }
  if (!ast) return tl::unexpected(std::move(ast.error()));
  return Query(std::string(text), std::make_shared<const Ast>(std::move(*ast)));
}

Result<std::vector<Match>> Query::select(const json::Document& document) const {
  Budget budget(document.source().size());
  NodeList nodes;
  bool complete = select_list(*ast_, document, budget, nodes);
  std::vector<Match> matches;
  if (complete && !nodes.empty()) {
    matches.reserve(nodes.size());
    const PathNamer namer(document);
    for (const std::uint32_t node : nodes) {
      matches.push_back({namer.name(node), node});
      complete = budget.spend(static_cast<std::int64_t>(matches.back().path.size()));
      if (!complete) break;
    }
  }
  if (complete) return matches;
  return fail(ErrorCode::kResourceExhausted,
              "\"" + text_ +
                  "\": selecting costs more than the document allows; use a path with "
                  "fewer descendant segments or filters");
}

}  // namespace apitoolkit::jsonpath
