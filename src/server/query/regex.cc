#include "src/server/query/regex.h"

#include <re2/filtered_re2.h>

#include <algorithm>

#include "src/base/limits.h"

namespace apitoolkit::server::query {
namespace {

constexpr int kLiteralBytesMin = 3;
constexpr std::size_t kLiteralsMax = 32;  // of one pattern; more are not worth their while

re2::RE2::Options options() {
  re2::RE2::Options out;
  out.set_log_errors(false);
  out.set_never_capture(true);
  out.set_max_mem(limits::kRegexBytesMax);
  return out;
}

std::string with_flags(std::string_view pattern, std::string_view flags) {
  std::string text;
  if (!flags.empty()) text.append("(?").append(flags).append(")");
  return text.append(pattern);
}

}  // namespace

std::string regex_problem(std::string_view pattern) {
  const re2::RE2 regex(re2::StringPiece(pattern.data(), pattern.size()), options());
  if (regex.ok()) return {};
  if (regex.error_code() == re2::RE2::ErrorPatternTooLarge ||
      regex.error_code() == re2::RE2::ErrorRepeatSize) {
    return "the regular expression is too large";
  }
  return "RE2 refuses the regular expression: " + regex.error();
}

std::shared_ptr<const re2::RE2> compile_regex(std::string_view pattern, std::string_view flags) {
  return std::make_shared<const re2::RE2>(with_flags(pattern, flags), options());
}

std::vector<std::string> required_literals(std::string_view pattern, std::string_view flags) {
  re2::FilteredRE2 filter(kLiteralBytesMin);
  int id = 0;
  if (filter.Add(with_flags(pattern, flags), options(), &id) != re2::RE2::NoError) return {};
  std::vector<std::string> literals;
  filter.Compile(&literals);
  // Where letters of any case are meant, these two stand for letters beyond ASCII, too (U+212A and
  // U+017F).
  const bool any_case = !flags.empty() || pattern.find("(?") != std::string_view::npos;
  const auto is_plain = [&](const std::string& literal) {
    return std::all_of(literal.begin(), literal.end(), [&](char c) {
      return static_cast<unsigned char>(c) < 0x80 && !(any_case && (c == 'k' || c == 's'));
    });
  };
  std::vector<std::string> required;
  for (std::size_t i = 0; i < literals.size() && literals.size() <= kLiteralsMax; ++i) {
    // What cannot match without it needs it.
    std::vector<int> others;
    for (std::size_t k = 0; k < literals.size(); ++k) {
      if (k != i) others.push_back(static_cast<int>(k));
    }
    std::vector<int> possible;
    filter.AllPotentials(others, &possible);
    if (possible.empty() && is_plain(literals[i])) required.push_back(literals[i]);
  }
  std::sort(required.begin(), required.end());
  return required;
}

}  // namespace apitoolkit::server::query
