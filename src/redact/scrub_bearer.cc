// Bearer tokens, RFC 6750 and the token68 of RFC 9110.
//
//   bearer  = "bearer" 1*SP token68       ; any case; only the token is masked
//   token68 = 8*(ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/") *"="
#include <algorithm>
#include <array>
#include <iterator>

#include "src/redact/ascii.h"
#include "src/redact/scrub_detectors.h"

namespace apitoolkit::redact {
namespace {

constexpr std::string_view kWord = "bearer";
constexpr std::size_t kTokenMin = 8;

bool is_token68(char c) {
  constexpr std::string_view kOther = "-._~+/";
  return is_alphanumeric(c) || kOther.find(c) != std::string_view::npos;
}

// `Bearer error_description="expired"`: a challenge, whose parameters are no secrets. In
// `"Bearer abcdefg="` the quote is not followed by a value.
bool is_parameter_name(std::string_view text, std::size_t begin, std::size_t name_end) {
  const std::string_view name = text.substr(begin, name_end - begin);
  std::string_view rest = text.substr(name_end);
  for (const char c : {'=', '\\', '"'}) {
    if (!rest.empty() && rest.front() == c) {
      rest.remove_prefix(1);
    } else if (c == '=') {
      return false;
    }
  }
  return !rest.empty() && is_token68(rest.front()) &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

// "Bearer authentication is required" is a sentence.
bool is_english(std::string_view token) {
  constexpr std::array<std::string_view, 6> kWords = {
      "authentication", "authorization", "certificate", "challenge", "credential", "credentials"};
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](std::string_view word) { return same_ignoring_case(token, word); });
}

}  // namespace

std::optional<Span> match_bearer(std::string_view text, std::size_t at) {
  if (!same_ignoring_case(text.substr(at, kWord.size()), kWord) || !begins_word(text, at)) {
    return std::nullopt;
  }
  std::size_t begin = at + kWord.size();
  while (begin < text.size() && text[begin] == ' ') ++begin;
  if (begin == at + kWord.size()) return std::nullopt;
  std::size_t end = begin;
  while (end < text.size() && is_token68(text[end])) ++end;
  if (is_parameter_name(text, begin, end)) return std::nullopt;
  if (end < text.size() && text[end] == '=') {
    while (end < text.size() && text[end] == '=') ++end;
  } else {
    while (end > begin && text[end - 1] == '.') --end;  // the end of a sentence
  }
  if (end - begin < kTokenMin || is_english(text.substr(begin, end - begin))) return std::nullopt;
  return Span{begin, end};
}

}  // namespace apitoolkit::redact
