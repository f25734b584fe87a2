#include "src/jsonpath/pattern.h"

#include <re2/re2.h>

#include "src/base/limits.h"

namespace apitoolkit::jsonpath {
namespace {

constexpr std::size_t kCachedPatternsMax = 16;

std::string wrap(std::string_view pattern, bool whole) {
  std::string out = whole ? "\\A(?:" : "(?:";
  out += pattern;
  out += whole ? ")\\z" : ")";
  return out;
}

}  // namespace

Pattern::Pattern(std::unique_ptr<re2::RE2> regex) : regex_(std::move(regex)) {}
Pattern::~Pattern() = default;

Pattern::Compiled Pattern::build(const std::string& translated, bool case_sensitive) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_never_capture(true);
  options.set_max_mem(limits::kRegexBytesMax);
  options.set_case_sensitive(case_sensitive);
  auto regex = std::make_unique<RE2>(translated, options);
  if (regex->ok()) return std::shared_ptr<const Pattern>(new Pattern(std::move(regex)));
  const bool too_large = regex->error_code() == RE2::ErrorRepeatSize ||
                         regex->error_code() == RE2::ErrorPatternTooLarge;
  return tl::unexpected(too_large ? PatternError::kTooLarge : PatternError::kSyntax);
}

Pattern::Compiled Pattern::iregexp(std::string_view pattern, bool whole) {
  const tl::expected<std::string, PatternError> translated = translate_iregexp(pattern);
  if (!translated) return tl::unexpected(translated.error());
  // It is one, so whatever RE2 has against it is a bound of RE2's: it may well match.
  Compiled compiled = build(wrap(*translated, whole), true);
  if (!compiled) return tl::unexpected(PatternError::kTooLarge);
  return compiled;
}

Pattern::Compiled Pattern::re2(std::string_view pattern, std::string_view flags, bool whole) {
  std::string prefix;
  bool case_sensitive = true;
  for (const char flag : flags) {
    if (flag == 'i') {
      case_sensitive = false;
    } else {
      prefix += std::string("(?") + flag + ')';
    }
  }
  // Alone first: "a)(b" must not become valid by what is put around it.
  if (Compiled alone = build(prefix + std::string(pattern), case_sensitive); !alone) return alone;
  return build(wrap(prefix + std::string(pattern), whole), case_sensitive);
}

bool Pattern::matches(std::string_view text) const {
  return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *regex_);
}

std::int64_t Pattern::compile_cost() const {
  return 64 + regex_->ProgramSize() + static_cast<std::int64_t>(regex_->pattern().size());
}

// RE2 walks an automaton a byte at a time, and falls back to following all of its states at once
// when that automaton would outgrow its memory.
std::int64_t Pattern::match_cost(std::string_view text) const {
  return 1 + static_cast<std::int64_t>(text.size()) * (1 + regex_->ProgramSize() / 256);
}

const Pattern::Compiled& PatternCache::get(std::string_view pattern, bool whole, bool& built) {
  built = false;
  if (pattern.size() > limits::kDocumentPatternBytesMax) return too_long_;
  std::string key(whole ? "=" : "~");
  key += pattern;
  if (const auto found = patterns_.find(key); found != patterns_.end()) return found->second;
  built = true;
  if (patterns_.size() >= kCachedPatternsMax) patterns_.clear();
  return patterns_.emplace(std::move(key), Pattern::iregexp(pattern, whole)).first->second;
}

}  // namespace apitoolkit::jsonpath
