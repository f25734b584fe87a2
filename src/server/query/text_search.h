// The text operators: without regard to the case of ASCII letters; every other byte as it is.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace apitoolkit::server::query {

// A text to search for. Immutable; threads may share it.
class SearchText {
 public:
  explicit SearchText(std::string_view text);

  const std::string& folded() const { return folded_; }

  // Where it first is at or behind `from`; npos if nowhere. An empty text is everywhere.
  std::size_t find(std::string_view in, std::size_t from = 0) const;
  bool is_in(std::string_view text) const { return find(text) != std::string_view::npos; }
  bool begins(std::string_view text) const;
  bool ends(std::string_view text) const;
  // Whether it is there as whole words: where it begins or ends with a letter or a digit, the text
  // does not go on with one. Letters of other alphabets are letters.
  bool is_word_in(std::string_view text) const;

 private:
  std::string folded_;
};

// Of ASCII letters.
std::string fold_case(std::string_view text);
std::string to_upper(std::string_view text);

// A byte of a word: ASCII letters and digits, and all of UTF-8 beyond ASCII.
inline bool is_word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace apitoolkit::server::query
