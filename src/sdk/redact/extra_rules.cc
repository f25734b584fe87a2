#include "src/sdk/redact/extra_rules.h"

#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include "src/base/limits.h"
#include "src/sdk/redact/rules.h"

namespace apitoolkit {
namespace {

constinit std::atomic<std::uint64_t> last_id = 0;

void append(std::vector<std::string>& to, const std::vector<std::string>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

}  // namespace

Result<std::shared_ptr<const ExtraRules>> ExtraRules::compile(redact::Rules local,
                                                              const ExtraRedaction& extra) {
  // Alone first, so that an error counts the entries of this list and not of both.
  redact::Rules own;
  own.headers = extra.headers;
  own.request_body = extra.request_body;
  own.response_body = extra.response_body;
  const auto alone = redact::ExchangeRedactor::compile(own);
  if (!alone) return tl::unexpected(alone.error());
  append(local.headers, extra.headers);
  append(local.request_body, extra.request_body);
  append(local.response_body, extra.response_body);
  return std::make_shared<const ExtraRules>(std::move(local));
}

ExtraRules::ExtraRules(redact::Rules rules) : rules_(std::move(rules)), id_(++last_id) {}

namespace sdk {

Result<CombinedRules::Redactor> CombinedRules::get(const ExtraRules& extra, std::uint64_t version,
                                                   const redact::Rules& remote) {
  const std::lock_guard lock(mutex_);
  const auto known = compiled_.find(extra.id());
  if (known != compiled_.end() && known->second.version == version) return known->second.redactor;
  std::vector<std::string> complaints;  // about the server's rules: said once, by who took them
  auto redactor = combine(extra.rules(), remote, complaints);
  if (!redactor) return tl::unexpected(redactor.error());
  auto shared = std::make_shared<const redact::ExchangeRedactor>(std::move(*redactor));
  if (compiled_.size() >= limits::kExtraRulesMax) compiled_.clear();
  compiled_[extra.id()] = {version, shared};
  return shared;
}

}  // namespace sdk
}  // namespace apitoolkit
