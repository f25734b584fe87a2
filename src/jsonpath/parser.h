// The parser: recursive descent over the text, one function a rule of RFC 9535's grammar. What the
// compatible dialect adds stands where it differs, behind compatible(), or in parse_compatible.cc.
//
//   parse_text.cc        names, strings, integers, numbers, blanks
//   parse_path.cc        segments and selectors
//   parse_filter.cc      logical expressions, comparisons, function calls and their types
//   parse_compatible.cc  paths without `$`, unions, groups, `(@.length-1)`, `=~`
//   parse_jsonpath_ng.cc named steps and sorts, and what jsonpath-ng has and no path can mean
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/jsonpath/ast.h"
#include "src/jsonpath/query.h"

namespace apitoolkit::jsonpath {

class Parser {
 public:
  // `text` must stay live while this Parser is in use.
  Parser(std::string_view text, Dialect dialect);

  tl::expected<Ast, PathError> parse();

 private:
  // Counts one level of brackets or parentheses while it lives.
  class Nesting;

  // How a step continued the paths, so that it can be taken back.
  struct Step {
    bool multiplied = false;   // there are more paths than there were: those are in `heads`
    std::size_t segments = 0;  // else each of them became so much longer
    std::vector<Path> heads;
  };

  bool compatible() const { return dialect_ == Dialect::kCompatible; }
  bool parse_strict(Ast& ast);
  bool parse_compatible(Ast& ast);

  // --- parse_text.cc ---
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool at_end() const { return at_ >= text_.size(); }
  bool accept(char c);
  bool accept(std::string_view word);
  void skip_blanks();
  bool expected(std::string_view what) { return expected(what, at_); }
  bool expected(std::string_view what, std::size_t at);
  bool at_name() const;  // a member-name-shorthand could start here
  std::string name();
  bool string_literal(std::string& value);
  bool escape(char quote, std::string& value);
  bool integer(std::int64_t& value);
  bool number_literal(std::string& literal);

  // --- parse_path.cc ---
  bool segments(Path& path);
  bool segment(Segment& out);
  bool after_dot(Segment& out);
  bool bracketed(Segment& out);
  bool selector(Segment& out);
  bool index_or_slice(Selector& out);

  // --- parse_filter.cc ---
  bool logical_or(Expression& out);
  bool logical_and(Expression& out);
  bool logical_basic(Expression& out);
  bool comparable(Expression& out);
  bool comparison(Expression& left, std::size_t left_at, Expression& out);
  bool comparison_operator(Comparison& out, bool& found);
  bool filter_query(Expression& out);
  bool function_call(Expression& out);
  bool argument(Function function, Expression& out);
  bool literal(Expression& out, bool& found);
  bool check_value(const Expression& operand, std::size_t at);
  bool compile_pattern(Expression& call, std::size_t at);

  // --- parse_compatible.cc ---
  bool piece(const std::vector<Path>& base, std::vector<Path>& out, std::vector<Path>& siblings);
  bool alternatives(std::vector<Path>& paths, std::vector<Path>& siblings, bool implied_dot);
  bool group(std::vector<Path>& paths, bool descendant, Step& step);
  bool length_minus(Selector& out);
  bool regex_match(Expression& left, std::size_t left_at, Expression& out);
  bool regex_body(std::string& pattern, std::string& flags);
  bool at_bare_name() const;

  // --- parse_jsonpath_ng.cc ---
  bool step(Segment& out, bool implied_dot);
  bool named_step(bool descendant);
  bool sort();
  bool order_expected(std::size_t at);
  bool end_expected(std::string_view what);

  std::string_view text_;
  Dialect dialect_;
  std::size_t at_ = 0;
  int nesting_ = 0;
  int memos_ = 0;
  bool dead_pattern_ = false;
  bool sorted_ = false;  // the path so far ends with a sort
  PathError error_;
};

class Parser::Nesting {
 public:
  explicit Nesting(Parser& parser) : parser_(parser) { ++parser_.nesting_; }
  ~Nesting() { --parser_.nesting_; }
  Nesting(const Nesting&) = delete;
  Nesting& operator=(const Nesting&) = delete;
  // False, with the error set, where it is one level too many.
  bool check();

 private:
  Parser& parser_;
};

}  // namespace apitoolkit::jsonpath
