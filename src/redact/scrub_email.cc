// Email addresses: what of RFC 5321 people and programs use.
//
//   email  = local "@" domain
//   local  = 1*64(ALPHA / DIGIT / "_" / "-" / "+" / "." / "'")   ; no dot first, last or doubled,
//                                                  ; an apostrophe only between letters
//   domain = 1*(label ".") tld                     ; 253 bytes at most
//   label  = 1*63(ALPHA / DIGIT / "-" / UTF-8)     ; no dash first or last
//   tld    = 2*63ALPHA / "xn--" label              ; not the ending of a file, "logo@2x.png"
//
// The other characters that RFC 5321 allows in a local part ("=", "/", "&" …) delimit addresses far
// more often than they belong to one. Quoted local parts and address literals are not found.
#include <algorithm>
#include <iterator>

#include "src/redact/ascii.h"
#include "src/redact/scrub_detectors.h"

namespace apitoolkit::redact {
namespace {

constexpr std::size_t kLocalMax = 64;
constexpr std::size_t kDomainMax = 253;
constexpr std::size_t kLabelMax = 63;

bool is_apostrophe_of_a_name(std::string_view text, std::size_t i) {
  if (text[i] != '\'' || i == 0 || i + 1 == text.size()) return false;
  if (!is_letter(text[i - 1]) || !is_letter(text[i + 1])) return false;
  // b'…', f'…', r'…', u'…' are strings of Python, not names as O'Neill.
  const bool alone = i < 2 || !is_alphanumeric(text[i - 2]);
  constexpr std::string_view kPrefixes = "bfru";
  return !alone || kPrefixes.find(to_lower(text[i - 1])) == std::string_view::npos;
}

bool is_local(std::string_view text, std::size_t i) {
  const char c = text[i];
  return is_alphanumeric(c) || c == '_' || c == '-' || c == '+' || c == '.' ||
         is_apostrophe_of_a_name(text, i);
}

bool begins_local(char c) {
  return is_alphanumeric(c) || c == '_';
}

// Where the local part that ends before the "@" at `at` begins; `at` if there is none.
std::size_t local_begin(std::string_view text, std::size_t at) {
  if (at == 0 || text[at - 1] == '.') return at;
  std::size_t begin = at;
  bool longer = false;
  while (begin > 0 && is_local(text, begin - 1)) {
    if (text[begin - 1] == '.' && text[begin] == '.') break;
    longer = at - begin == kLocalMax;
    if (longer) break;
    --begin;
  }
  // What an address cannot begin with stands before it: "--to=-bob@…", "...bob@…", a ruled line.
  const std::size_t limit = begin;
  while (begin < at && !begins_local(text[begin])) ++begin;
  return longer && begin == limit && begins_local(text[begin - 1]) ? at : begin;
}

bool is_label(char c) {
  return is_alphanumeric(c) || c == '-' || (c & 0x80) != 0;
}

bool is_file_ending(std::string_view word) {
  constexpr std::string_view kEndings[] = {"css",  "gif", "gz",  "htm",  "html", "ico", "jar",
                                           "jpeg", "jpg", "js",  "json", "min",  "mjs", "pdf",
                                           "png",  "svg", "tar", "tgz",  "webp", "xml"};
  constexpr std::size_t kLongest = 4;
  if (word.size() > kLongest) return false;
  char lower[kLongest];
  std::transform(word.begin(), word.end(), lower, [](char c) { return to_lower(c); });
  return std::find(std::begin(kEndings), std::end(kEndings),
                   std::string_view(lower, word.size())) != std::end(kEndings);
}

// How many bytes of the label are a top-level domain. What follows a word of letters (a dash, an
// underscore, other scripts) can be the text around an address; a digit cannot.
std::size_t top_level(std::string_view label) {
  constexpr std::string_view kPunycode = "xn--";
  if (label.size() >= kPunycode.size() &&
      std::equal(kPunycode.begin(), kPunycode.end(), label.begin(),
                 [](char a, char b) { return a == to_lower(b); })) {
    const auto* const end = std::find_if(label.begin(), label.end(),
                                         [](char c) { return !is_alphanumeric(c) && c != '-'; });
    const auto size = static_cast<std::size_t>(end - label.begin());
    return size > kPunycode.size() && label[size - 1] != '-' ? size : 0;
  }
  std::size_t size = 0;
  while (size < label.size() && is_letter(label[size])) ++size;
  const bool digit_follows = size < label.size() && is_digit(label[size]);
  return size >= 2 && !digit_follows && !is_file_ending(label.substr(0, size)) ? size : 0;
}

// Where the domain that begins at `begin` ends: after the last label that can be a top-level
// domain. `begin` if there is none.
std::size_t domain_end(std::string_view text, std::size_t begin) {
  const std::string_view bounded = text.substr(0, std::min(text.size(), begin + kDomainMax + 1));
  std::size_t end = begin;
  std::size_t label = begin;
  for (bool first = true;; first = false) {
    std::size_t i = label;
    while (i < bounded.size() && is_label(bounded[i])) ++i;
    const std::string_view bytes = bounded.substr(label, i - label);
    if (bytes.empty() || bytes.front() == '-') return end;
    const std::size_t top = first ? 0 : top_level(bytes);
    if (top > 0 && top <= kLabelMax && label + top - begin <= kDomainMax) end = label + top;
    if (bytes.size() > kLabelMax || bytes.back() == '-') return end;
    if (i == bounded.size() || bounded[i] != '.') return end;
    label = i + 1;
  }
}

}  // namespace

std::optional<Span> match_email(std::string_view text, std::size_t at) {
  const std::size_t begin = local_begin(text, at);
  if (begin == at) return std::nullopt;
  const std::size_t end = domain_end(text, at + 1);
  if (end == at + 1) return std::nullopt;
  return Span{begin, end};
}

}  // namespace apitoolkit::redact
