// redact_url and redact_urls_in_text: mask by position, so that every other byte stays.
//
//   [ scheme ":" ] [ "//" [ userinfo "@" ] host ] path [ "?" query ] [ "#" fragment ]
//
// The fragment is read like a query: OAuth's implicit flow puts its token there.
#include <algorithm>

#include "src/redact/ascii.h"
#include "src/redact/names.h"
#include "src/redact/percent.h"
#include "src/redact/redactor.h"

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

// One "name=value" between ampersands. Some servers also split at ";", and a value may hold another
// query; a name found there masks the rest of the pair.
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
  out += pair;
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

// Appends the URL up to its path, and returns the rest.
std::string_view append_authority(std::string_view url, std::string& out) {
  const std::size_t slashes = url.find("//");
  if (slashes == std::string_view::npos || url.find_first_of("/?#") != slashes ||
      (slashes > 0 && url[slashes - 1] != ':')) {
    return url;
  }
  const std::size_t begin = slashes + 2;
  const std::size_t end = std::min(url.find_first_of("/?#\\", begin), url.size());
  const std::size_t at = url.substr(0, end).rfind('@');
  if (at == std::string_view::npos || at < begin) return url;
  out += url.substr(0, begin);
  out += kMarker;
  return url.substr(at);
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
  const std::size_t query = rest.find_first_of("?#");
  if (query == std::string_view::npos) {
    out += rest;
    return out;
  }
  out += rest.substr(0, query);
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
