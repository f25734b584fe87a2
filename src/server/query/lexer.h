// Tokens of the query language. See parse.h for the grammar.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "src/server/query/parse.h"

namespace apitoolkit::server::query {

struct Token {
  enum class Kind : std::uint8_t { kEnd, kName, kLiteral, kSymbol };
  Kind kind = Kind::kEnd;
  std::string_view text;  // as it stands in the query
  Value literal;          // kLiteral: a text or a number
  Span span;
};

// Reads one token after the other. The text must outlive the Lexer and its tokens.
class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  tl::expected<Token, QueryError> next();

  // What follows the last token directly, and what follows after blanks and comments; '\0' at the
  // end. Neither moves on.
  char adjacent() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  char peek() const;
  // Whether "=" follows, and not "==" or "=~".
  bool is_assignment_next() const;
  // Whether the next token is the word, in any case.
  bool is_word_next(std::string_view word) const;

  // For paths, which have tokens of their own: moves over the character that adjacent() showed.
  void skip() { ++at_; }
  // A name behind a dot: letters, digits, "_", and "-" before one of those if `hyphens`; empty if
  // there is none.
  std::string_view path_name(bool hyphens);

  // A regex literal, which would otherwise read as a division or a comment. Its pattern is the
  // token's literal, "\/" being "/"; the flags are what follows the last slash in `text`.
  tl::expected<Token, QueryError> next_regex();

  std::size_t position() const { return at_; }

 private:
  std::size_t after_blanks(std::size_t at) const;
  Token token(Token::Kind kind, std::size_t begin) const;
  tl::expected<Token, QueryError> name();
  tl::expected<Token, QueryError> number();
  tl::expected<Token, QueryError> quoted(char quote);
  tl::expected<Token, QueryError> with_units(std::size_t begin);
  tl::expected<void, QueryError> escape(std::string& out);

  std::string_view text_;
  std::size_t at_ = 0;
};

bool is_name_start(char c);
bool is_name_character(char c);
// Whether `name` needs no quotes in a path.
bool is_plain_name(std::string_view name);
// Without regard to the case of ASCII letters.
bool equals_word(std::string_view text, std::string_view lower_case_word);

tl::unexpected<QueryError> query_error(std::string message, Span span, std::string suggestion = {});

}  // namespace apitoolkit::server::query
