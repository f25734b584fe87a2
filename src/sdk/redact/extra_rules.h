// Rules of some exchanges only: one outgoing call's lists, in addition to the configuration's and
// the server's.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>

#include "apitoolkit/client.h"
#include "src/redact/exchange_redactor.h"

namespace apitoolkit {

// Thread-safe. One is shared by all the exchanges that it applies to, wherever they wait.
class ExtraRules {
 public:
  using Redactor = std::shared_ptr<const redact::ExchangeRedactor>;

  // `local` are the configuration's rules. An error names the argument and its index in `extra`.
  static Result<std::shared_ptr<const ExtraRules>> compile(redact::Rules local,
                                                           const ExtraRedaction& extra);

  explicit ExtraRules(redact::Rules rules) : rules_(std::move(rules)) {}

  // All of it together with the server's rules, compiled once for each `version` of those.
  Result<Redactor> combined(std::uint64_t version, const redact::Rules& remote) const;

 private:
  const redact::Rules rules_;
  mutable std::mutex mutex_;  // guards what follows
  mutable std::uint64_t version_ = 0;
  mutable Redactor redactor_;
};

}  // namespace apitoolkit
