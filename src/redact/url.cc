// redact_url and redact_urls_in_text: mask by position, so that every other byte stays.
//
//   [ scheme ":" ] [ "//" [ userinfo "@" ] host ] path [ "?" query ] [ "#" fragment ]
//
// The fragment is read like a query: OAuth's implicit flow puts its token there.
#include <algorithm>
#include <optional>

#include "src/base/limits.h"
#include "src/redact/ascii.h"
#include "src/redact/names.h"
#include "src/redact/percent.h"
#include "src/redact/redactor.h"
#include "src/redact/splice.h"

namespace apitoolkit::redact {
namespace {

bool is_masked(std::string_view name, const NameSet& names) {
  return is_secret_query_name(name) || names.contains(name);
}

// A query parameter's name as it came. "user[password]" and "token[]" count by each of their parts.
bool is_masked_parameter(std::string_view raw_name, const NameSet& names) {
  const std::string name = decode_form_text(raw_name);
  if (is_masked(name, names)) return true;
  std::string_view rest = name;
  while (rest.find_first_of("[]") != std::string_view::npos) {
    const std::size_t end = rest.find_first_of("[]");
    if (is_masked(rest.substr(0, end), names)) return true;
    rest.remove_prefix(end + 1);
  }
  return false;
}

// Where the user information of a URL with an authority stands; nullopt if there is none.
std::optional<Span> find_user(std::string_view url) {
  const std::size_t slashes = url.find("//");
  if (slashes == std::string_view::npos || url.find_first_of("/?#") != slashes ||
      (slashes > 0 && url[slashes - 1] != ':')) {
    return std::nullopt;
  }
  const std::size_t begin = slashes + 2;
  const std::size_t end = std::min(url.find_first_of("/?#\\", begin), url.size());
  const std::size_t at = url.substr(0, end).rfind('@');
  if (at == std::string_view::npos || at < begin) return std::nullopt;
  return Span{begin, at};
}

bool holds_encoded_secret(std::string_view text, const NameSet& names, int levels);

// Whether a text that may be a URL holds what redact_url would mask, or would if what stands behind
// a ";" were a query.
bool holds_secret(std::string_view text, const NameSet& names, int levels) {
  if (find_user(text)) return true;
  std::size_t begin = std::min(text.find_first_of("?;#"), text.size());
  while (begin < text.size()) {
    ++begin;
    const std::size_t end = std::min(text.find_first_of("?;#&", begin), text.size());
    const std::string_view pair = text.substr(begin, end - begin);
    const std::size_t equals = pair.find('=');
    const std::string_view name = pair.substr(0, equals);
    if (equals != std::string_view::npos &&
        (is_masked_parameter(name, names) ||
         holds_encoded_secret(pair.substr(equals + 1), names, levels))) {
      return true;
    }
    if (holds_encoded_secret(name, names, levels)) return true;
    begin = end;
  }
  return false;
}

// As holds_secret, of the text as it is and decoded. `levels`: how often more it may be decoded;
// what is encoded deeper is taken for a secret.
bool holds_encoded_secret(std::string_view text, const NameSet& names, int levels) {
  if (find_user(text)) return true;
  if (text.find('%') == std::string_view::npos) return false;
  const std::string decoded = decode_form_text(text);
  if (decoded.size() == text.size()) return false;  // nothing in it was encoded
  return levels == 0 || holds_secret(decoded, names, levels - 1);
}

// One "name=value" between ampersands. Some servers also split at ";", and a value may hold another
// query; a name found there masks the rest of the pair. A name or value that holds one encoded is
// masked as a whole.
void append_pair(std::string_view pair, const NameSet& names, std::string& out) {
  std::size_t begin = 0;
  while (begin <= pair.size()) {
    const std::size_t end = std::min(pair.find_first_of(";?", begin), pair.size());
    const std::size_t equals = pair.substr(0, end).find('=', begin);
    if (equals != std::string_view::npos &&
        is_masked_parameter(pair.substr(begin, equals - begin), names)) {
      out += pair.substr(0, equals + 1);
      out += kMarker;
      return;
    }
    begin = end + 1;
  }
  const std::size_t name_size = std::min(pair.find('='), pair.size());
  if (holds_encoded_secret(pair.substr(0, name_size), names, limits::kNestedUrlLevelsMax)) {
    out += kMarker;
    return;
  }
  const std::size_t value = std::min(name_size + 1, pair.size());
  out += pair.substr(0, value);
  const bool is_secret =
      holds_encoded_secret(pair.substr(value), names, limits::kNestedUrlLevelsMax);
  out += is_secret ? kMarker : pair.substr(value);
}

void append_query(std::string_view query, const NameSet& names, std::string& out) {
  while (true) {
    const std::size_t end = query.find('&');
    append_pair(query.substr(0, end), names, out);
    if (end == std::string_view::npos) return;
    out += '&';
    query.remove_prefix(end + 1);
  }
}

// Appends the URL up to the "@" of its user information, and returns the rest.
std::string_view append_authority(std::string_view url, std::string& out) {
  const std::optional<Span> user = find_user(url);
  if (!user) return url;
  out += url.substr(0, user->begin);
  out += kMarker;
  return url.substr(user->end);
}

// A path may hold parameters too: "/a;name=value". One that is masked takes the rest of the path
// with it, since a value may hold a "/".
void append_path(std::string_view path, const NameSet& names, std::string& out) {
  const std::size_t semicolon = std::min(path.find(';'), path.size());
  out += path.substr(0, semicolon);
  append_pair(path.substr(semicolon), names, out);
}

// RFC 3986 has none of these in a URL, and clients encode them.
bool ends_word(char c) {
  return (c >= '\0' && c <= ' ') || c == '"' || c == '<' || c == '>' || c == '\x7F';
}

// Where the URL begins whose scheme ends before the "://" at `colon`.
std::size_t scheme_begin(std::string_view word, std::size_t colon) {
  const auto is_scheme_char = [](char c) {
    return (to_lower(c) >= 'a' && to_lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '-' || c == '.';
  };
  std::size_t begin = colon;
  while (begin > 0 && is_scheme_char(word[begin - 1])) --begin;
  return begin;
}

// A text puts a URL into quotes and brackets, and ends a sentence with it.
std::size_t size_without_punctuation(std::string_view word) {
  const std::size_t last = word.find_last_not_of("'`)]},.;:!");
  return last == std::string_view::npos ? 0 : last + 1;
}

// A word's first URL has the whole rest as its query; those within it can still name a user.
std::string redact_word(std::string_view word, const NameSet& names) {
  std::string out(word);
  std::size_t colon = out.find("://");
  if (colon == std::string::npos) return redact_url(out, names);
  for (int urls = 0; colon != std::string::npos; ++urls) {
    const std::size_t begin = scheme_begin(out, colon);
    if (urls == kUrlsOfAWordMax) return out.substr(0, begin) + std::string(kMarker);
    out = out.substr(0, begin) + redact_url(std::string_view(out).substr(begin), names);
    colon = out.find("://", colon + 1);
  }
  return out;
}

}  // namespace

std::string redact_urls_in_text(std::string_view text, const NameSet& names) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto* const end = std::find_if(text.begin(), text.end(), ends_word);
    std::string_view word = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    text.remove_prefix(word.size());
    if (word.find("://") != std::string_view::npos || word.find('?') != std::string_view::npos) {
      const std::size_t size = size_without_punctuation(word);
      out += redact_word(word.substr(0, size), names);
      word.remove_prefix(size);
    }
    out += word;
    const std::size_t gap = static_cast<std::size_t>(
        std::find_if_not(text.begin(), text.end(), ends_word) - text.begin());
    out += text.substr(0, gap);
    text.remove_prefix(gap);
  }
  return out;
}

std::string redact_url(std::string_view url, const NameSet& names) {
  std::string out;
  out.reserve(url.size());
  std::string_view rest = append_authority(url, out);
  const std::size_t query = std::min(rest.find_first_of("?#"), rest.size());
  append_path(rest.substr(0, query), names, out);
  rest.remove_prefix(query);
  while (!rest.empty()) {
    const std::size_t end = rest.find('#', 1);  // a fragment may follow a query, not the reverse
    out += rest.front();
    append_query(rest.substr(1, end == std::string_view::npos ? end : end - 1), names, out);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end);
  }
  return out;
}

}  // namespace apitoolkit::redact
