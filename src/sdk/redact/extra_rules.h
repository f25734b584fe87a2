// Rules of some exchanges only: one outgoing call's lists, in addition to the configuration's and
// the server's.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

#include "apitoolkit/client.h"
#include "src/redact/exchange_redactor.h"

namespace apitoolkit {

// Immutable: threads may share it, and so may a process and its children. One is shared by all the
// exchanges that it applies to, wherever they wait.
class ExtraRules {
 public:
  // `local` are the configuration's rules. An error names the argument and its index in `extra`.
  static Result<std::shared_ptr<const ExtraRules>> compile(redact::Rules local,
                                                           const ExtraRedaction& extra);

  explicit ExtraRules(redact::Rules rules);

  // The configuration's rules and these.
  const redact::Rules& rules() const { return rules_; }
  // No other of this process has it.
  std::uint64_t id() const { return id_; }

 private:
  const redact::Rules rules_;
  const std::uint64_t id_;
};

namespace sdk {

// What extra rules are together with the server's. It has a lock, so each process has its own, in
// its flow: a child must not wait for a lock that a thread of its parent held when it was forked.
// Thread-safe.
class CombinedRules {
 public:
  using Redactor = std::shared_ptr<const redact::ExchangeRedactor>;

  // Compiled once for each `version` of the server's rules, as long as at most kExtraRulesMax
  // others are used.
  Result<Redactor> get(const ExtraRules& extra, std::uint64_t version, const redact::Rules& remote);

 private:
  struct Compiled {
    std::uint64_t version = 0;
    Redactor redactor;  // shared: whoever was given it may still use it
  };
  std::mutex mutex_;
  std::map<std::uint64_t, Compiled> compiled_;  // by ExtraRules::id
};

}  // namespace sdk
}  // namespace apitoolkit
