// A filter in the form that the walk can answer from the tokens: comparisons of `@.a.b[0]` with
// literals, existence tests, patterns, and what `&&`, `||` and `!` make of them.
//
// Every atom is evaluated, also where the result is known already: a name that stands twice in an
// object, read anywhere in the filter, makes the whole filter true, since readers of the body may
// disagree on which of the two counts.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/jsonpath/ast.h"
#include "src/redact/engine/token_cursor.h"

namespace apitoolkit::redact {

class FilterProgram {
 public:
  // nullopt if the filter holds something else; `why` then says what, for explain().
  static std::optional<FilterProgram> compile(const jsonpath::Expression& filter, std::string& why);

  // Whether the filter is true for this value. Takes what it looked at from `operations`.
  bool matches(const TokenCursor& tokens, TokenNode value, std::int64_t& operations) const;

  // matches() of any number or literal, if it does not depend on which.
  std::optional<bool> of_scalars() const { return of_scalars_; }

 private:
  // A step of a singular query: into the member of that name or, without one, the element.
  struct Step {
    bool is_name = false;
    std::string name;
    std::int64_t index = 0;
  };
  struct Atom {
    std::vector<Step> steps;
    bool exists = false;                               // only asks whether there is a value
    std::shared_ptr<const jsonpath::Pattern> pattern;  // or whether a string matches it
    jsonpath::Comparison comparison = jsonpath::Comparison::kEqual;  // or compares it with
    json::Type literal = json::Type::kNull;
    std::string text;
  };
  // Postfix: an atom's number, or an operator on the values before it.
  enum class Op : std::uint8_t { kAtom, kNot, kAnd, kOr };
  struct Instruction {
    Op op = Op::kAtom;
    std::uint32_t operand = 0;  // the atom; of kAnd and kOr the number of values
  };

  bool add(const jsonpath::Expression& expression, std::string& why);
  bool add_comparison(const jsonpath::Expression& expression, std::string& why);
  bool add_atom(const jsonpath::Path& path, Atom atom, std::string& why);
  bool combine(std::uint64_t atoms) const;
  static bool test(const Atom& atom, const TokenCursor& tokens, const TokenNode* node,
                   std::int64_t& operations);
  static std::optional<TokenNode> locate(const Atom& atom, const TokenCursor& tokens,
                                         TokenNode node, bool& repeated, std::int64_t& operations);

  std::vector<Atom> atoms_;
  std::vector<Instruction> code_;
  std::optional<bool> of_scalars_;
};

}  // namespace apitoolkit::redact
