// JSONPath (RFC 9535), with the compatible forms that configuration files in the field use.
//
// The grammar is RFC 9535's, appendix A. In compatible mode the strict parser still runs first;
// only a text that it rejects is tried in the forms of docs/redaction.md ("$.credit-card.cvv",
// "a.b", …).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "apitoolkit/result.h"
#include "src/json/document.h"

namespace apitoolkit::jsonpath {

struct Ast;  // ast.h

enum class Dialect { kStrict, kCompatible };

// Why a path was rejected: `column` counts characters from 1, `expected` reads after "expected ".
struct PathError {
  int column = 1;
  std::string expected;  // for example "a selector"
  // `"$.a[": expected a selector at column 5`
  std::string describe(std::string_view path) const;
};

// One selected node. Views into the document.
struct Match {
  std::string path;        // normalized path, RFC 9535 section 2.7: $['a'][0]
  std::uint32_t node = 0;  // index into Document::nodes()
};

// A parsed path. Immutable; threads may share it. Cheap to move.
class Query {
 public:
  // In the compatible dialect one text may hold several paths: "$.a, $.b".
  static tl::expected<Query, PathError> parse(std::string_view text,
                                              Dialect dialect = Dialect::kCompatible);

  // The nodes that the path selects, in the RFC's order, duplicates included. kResourceExhausted
  // when the operation budget of limits.h is spent.
  Result<std::vector<Match>> select(const json::Document& document) const;

  const Ast& ast() const { return *ast_; }
  const std::string& text() const { return text_; }

 private:
  explicit Query(std::string text, std::shared_ptr<const Ast> ast);
  std::string text_;
  std::shared_ptr<const Ast> ast_;  // shared: a Query is copied into each thread's redactor
};

}  // namespace apitoolkit::jsonpath
