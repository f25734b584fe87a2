// The query language's text, read. The grammar, with the blanks between tokens left out:
//
//   query     = [ "|" ] section *( "|" section ) / ""
//   section   = expr / "where" expr
//             / "summarize" column *( "," column ) [ "by" column *( "," column ) ]
//             / "sort by" field [ "asc" / "desc" ] *( "," field [ "asc" / "desc" ] )
//             / "take" integer / "extend" name "=" value *( "," name "=" value )
//             / "project" column *( "," column ) / "distinct" field *( "," field )
//   column    = [ name "=" ] value
//   expr      = and *( "or" and )             and = not *( "and" not )        not = *"not" term
//   term      = "(" expr ")" / value cmp value / value [ "!" ] "in" list / value text-op value
//             / value ( "has_any" / "has_all" ) list / value ( "matches" / "=~" ) regex
//             / test "(" value ")" / string / value       ; the last one: whether it is true
//   cmp       = "==" / "!=" / ">=" / "<=" / ">" / "<"
//   text-op   = [ "!" ] ( "has" / "contains" / "startswith" / "endswith" )
//   test      = "isnull" / "isnotnull" / "isempty" / "isnotempty"
//   list      = "[" [ value *( "," value ) ] "]" / "(" [ value *( "," value ) ] ")"
//   value     = product *( ( "+" / "-" ) product )
//   product   = operand *( ( "*" / "/" / "%" ) operand )
//   operand   = "(" value ")" / string / [ "-" ] number / "true" / "false" / "null" / list / field
//             / function "(" … ")"
//   field     = name *( "." name / "[" integer "]" / "[*]" / "[" string "]" )   ; no blanks within
//   string    = in " or ', with \" \' \\ \/ \b \f \n \r \t \uXXXX
//   number    = integer / decimal, with an exponent or a unit: ns us ms s m h d w (which add up:
//               1d2h30m), b kb mb gb (of 1024)
//   regex     = "/" RE2 with "\/" for a slash "/" *( "i" / "m" / "s" )
//   comment   = "//" up to the line's end
//
// Words of the language are read in any case, names of fields and functions as they are. Behind
// request_headers and response_headers a name may have hyphens.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "src/server/query/ast.h"

namespace apitoolkit::server::query {

// What is wrong with a text, and where.
struct QueryError {
  std::string message;   // "expected a value", "there is no field 'staus_code'"
  std::uint32_t at = 0;  // byte in the text, from 0; its length if something is missing at the end
  std::uint32_t width = 0;  // bytes; 0 if something is missing
  std::string suggestion;   // what to write instead, or empty
};

// Never fails by exhaustion: length, depth and counts are bounded by limits.h. Names are resolved:
// a FieldRef leads to a field or to a column that is there.
tl::expected<Query, QueryError> parse(std::string_view text);

// "line 1, column 7: there is no field 'staus_code'; did you mean 'status_code'?". Columns count
// code points from 1.
std::string describe(const QueryError& error, std::string_view text);

// The text's line with carets below the place:
//   where staus_code == 200
//         ^^^^^^^^^^
std::string point_at(const QueryError& error, std::string_view text);

// The canonical text: parse(to_text(q)) == q for every q that parse has made.
std::string to_text(const Query& query);
std::string to_text(const Expr& condition);
std::string to_text(const ValueExpr& value);
std::string to_text(const FieldRef& field);

}  // namespace apitoolkit::server::query
