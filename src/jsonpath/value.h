// The values that filters compare: RFC 9535, section 2.3.5.2.2.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "src/json/document.h"
#include "src/jsonpath/ast.h"
#include "src/jsonpath/budget.h"

namespace apitoolkit::jsonpath {

// A JSON value, or Nothing. Views into the document or the query, unless it owns its text.
class Value {
 public:
  Value() = default;  // Nothing
  static Value of_node(const json::Document& document, std::uint32_t node);
  static Value of_literal(const Expression& literal);
  static Value of_count(std::size_t count);

  bool nothing() const { return nothing_; }
  json::Type type() const { return type_; }
  bool is_string() const { return !nothing_ && type_ == json::Type::kString; }
  // A string's value, a number as written.
  std::string_view text() const { return owned_ ? std::string_view(storage_) : view_; }
  std::uint32_t node() const { return node_; }  // of arrays and objects

 private:
  bool nothing_ = true;
  bool owned_ = false;
  json::Type type_ = json::Type::kNull;
  std::uint32_t node_ = 0;
  std::string_view view_;
  std::string storage_;
};

// Compares values of one document. `repeated` is set where an object has a name twice (the last
// member counts then). False also when the budget is spent.
bool compare(const json::Document& document, const Value& left, Comparison comparison,
             const Value& right, Budget& budget, bool& repeated);

// Whether an object has two members of one name. False also when the budget is spent.
bool has_repeated_name(const json::Document& document, std::uint32_t object, Budget& budget);

}  // namespace apitoolkit::jsonpath
