#include "src/server/redaction/project_redactor.h"

#include <strings.h>

#include <algorithm>
#include <string_view>

#include "src/base/limits.h"

namespace apitoolkit::server::redaction {
namespace {

using account::RedactionRule;
using Kind = RedactionRule::Kind;

bool same_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

bool is_placeholder(std::string_view segment) {
  if (segment.starts_with(':')) return segment.size() > 1;
  if (segment.size() < 2) return false;
  const char first = segment.front();
  const char last = segment.back();
  return (first == '{' && last == '}') || (first == '<' && last == '>') ||
         (first == '[' && last == ']');
}

std::string_view trim_slashes(std::string_view path) {
  while (path.starts_with('/')) path.remove_prefix(1);
  while (path.ends_with('/')) path.remove_suffix(1);
  return path;
}

bool fits_path(std::string_view pattern, std::string_view path) {
  pattern = trim_slashes(pattern);
  path = trim_slashes(path.substr(0, path.find_first_of("?#")));
  while (true) {
    const std::size_t wanted_end = std::min(pattern.find('/'), pattern.size());
    const std::size_t given_end = std::min(path.find('/'), path.size());
    const std::string_view wanted = pattern.substr(0, wanted_end);
    const std::string_view given = path.substr(0, given_end);
    if (is_placeholder(wanted) ? given.empty() : wanted != given) return false;
    const bool pattern_ends = wanted_end == pattern.size();
    const bool path_ends = given_end == path.size();
    if (pattern_ends || path_ends) return pattern_ends && path_ends;
    pattern.remove_prefix(wanted_end + 1);
    path.remove_prefix(given_end + 1);
  }
}

bool fits_host(std::string_view wanted, std::string_view host) {
  if (same_ignoring_case(wanted, host)) return true;
  const std::size_t colon = host.rfind(':');
  return colon != std::string_view::npos && host.find(']', colon) == std::string_view::npos &&
         same_ignoring_case(wanted, host.substr(0, colon));
}

// "https://host/path" or "/path".
std::string_view path_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos || scheme > url.find_first_of("/?")) return url;
  const std::size_t slash = url.find('/', scheme + 3);
  return slash == std::string_view::npos ? std::string_view("/") : url.substr(slash);
}

bool is_everywhere(const RedactionRule& rule) {
  return rule.method.empty() && rule.host.empty() && rule.url_path.empty();
}

std::vector<std::string>& list_of(redact::Rules& rules, Kind kind) {
  switch (kind) {
    case Kind::kHeader:
      return rules.headers;
    case Kind::kQuery:
      return rules.query;
    case Kind::kRequestBody:
      return rules.request_body;
    case Kind::kResponseBody:
      return rules.response_body;
    case Kind::kScrub:
      return rules.scrub;
  }
  return rules.headers;
}

std::shared_ptr<const redact::ExchangeRedactor> compile(const redact::Rules& rules) {
  auto compiled = redact::ExchangeRedactor::compile(rules);
  if (compiled) return std::make_shared<const redact::ExchangeRedactor>(std::move(*compiled));
  // Each rule compiles alone. Should they not together, nothing of a body is passed on.
  redact::Rules closed;
  closed.request_body = {"$"};
  closed.response_body = {"$"};
  return std::make_shared<const redact::ExchangeRedactor>(
      redact::ExchangeRedactor::compile(closed).value());
}

}  // namespace

Status check(const RedactionRule& rule) {
  redact::Rules alone;
  list_of(alone, rule.kind).push_back(rule.value);
  const auto compiled = redact::ExchangeRedactor::compile(alone);
  if (compiled) return {};
  // "redact_request_body[0]: " is how the SDK's configuration calls it.
  std::string message = compiled.error().message;
  if (const std::size_t end = message.find("]: "); end != std::string::npos) {
    message = message.substr(end + 3);
  }
  return fail(ErrorCode::kInvalidArgument, std::move(message));
}

bool is_for(const RedactionRule& rule, const Exchange& exchange) {
  if (!rule.method.empty() && !same_ignoring_case(rule.method, exchange.method)) return false;
  if (!rule.host.empty() && !fits_host(rule.host, exchange.host)) return false;
  return rule.url_path.empty() || fits_path(rule.url_path, exchange.url_path) ||
         fits_path(rule.url_path, path_of(exchange.raw_url));
}

ProjectRedactor::ProjectRedactor(std::span<const RedactionRule> rules,
                                 std::vector<std::string>& complaints) {
  for (RedactionRule rule : rules) {
    if (const auto fine = check(rule); !fine) {
      complaints.push_back("redaction rule " + std::to_string(rule.id) + ": " +
                           fine.error().message);
      if (rule.kind != Kind::kRequestBody && rule.kind != Kind::kResponseBody) continue;
      rule.value = "$";
    }
    hides_content_ |= rule.kind != Kind::kHeader && rule.kind != Kind::kQuery;
    if (is_everywhere(rule)) {
      list_of(everywhere_, rule.kind).push_back(rule.value);
    } else {
      at_endpoints_.push_back(std::move(rule));
    }
  }
  base_ = compile(everywhere_);
}

void ProjectRedactor::redact(Exchange& exchange) const {
  std::vector<std::size_t> fitting;
  for (std::size_t i = 0; i < at_endpoints_.size(); i++) {
    if (is_for(at_endpoints_[i], exchange)) fitting.push_back(i);
  }
  fitting.empty() ? base_->redact(exchange) : redactor_of(fitting)->redact(exchange);
}

ProjectRedactor::Redactor ProjectRedactor::redactor_of(
    const std::vector<std::size_t>& fitting) const {
  {
    const std::lock_guard lock(mutex_);
    if (const auto known = fitting_.find(fitting); known != fitting_.end()) return known->second;
  }
  redact::Rules rules = everywhere_;
  for (const std::size_t i : fitting) {
    list_of(rules, at_endpoints_[i].kind).push_back(at_endpoints_[i].value);
  }
  Redactor compiled = compile(rules);
  const std::lock_guard lock(mutex_);
  if (fitting_.size() >= static_cast<std::size_t>(limits::kRedactionRulesMax)) fitting_.clear();
  fitting_[fitting] = compiled;
  return compiled;
}

}  // namespace apitoolkit::server::redaction
