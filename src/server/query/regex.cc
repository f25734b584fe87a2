#include "src/server/query/regex.h"

#include "src/base/limits.h"

namespace apitoolkit::server::query {
namespace {

re2::RE2::Options options() {
  re2::RE2::Options out;
  out.set_log_errors(false);
  out.set_never_capture(true);
  out.set_max_mem(limits::kRegexBytesMax);
  return out;
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
  std::string text;
  if (!flags.empty()) text.append("(?").append(flags).append(")");
  text.append(pattern);
  return std::make_shared<const re2::RE2>(text, options());
}

}  // namespace apitoolkit::server::query
