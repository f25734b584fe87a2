#include "src/sdk/redact/extra_rules.h"

#include <string>
#include <utility>
#include <vector>

#include "src/sdk/redact/rules.h"

namespace apitoolkit {
namespace {

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

Result<ExtraRules::Redactor> ExtraRules::combined(std::uint64_t version,
                                                  const redact::Rules& remote) const {
  const std::lock_guard lock(mutex_);
  if (redactor_ != nullptr && version_ == version) return redactor_;
  std::vector<std::string> complaints;  // about the server's rules: said once, by who took them
  auto redactor = sdk::combine(rules_, remote, complaints);
  if (!redactor) return tl::unexpected(redactor.error());
  redactor_ = std::make_shared<const redact::ExchangeRedactor>(std::move(*redactor));
  version_ = version;
  return redactor_;
}

}  // namespace apitoolkit
