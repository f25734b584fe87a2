// A project's redaction rules, compiled, together with the built-in ones: what becomes of every
// exchange that comes in, whatever the door.
//
// An exchange is redacted once, by all the rules that fit it: those of the whole project and those
// of its endpoint. Rules of endpoints that overlap are compiled together when an exchange first
// fits both, because a filter must see the values that another rule masks.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "apitoolkit/exchange.h"
#include "apitoolkit/result.h"
#include "src/redact/exchange_redactor.h"
#include "src/server/account/account.h"

namespace apitoolkit::server::redaction {

// Whether the rule itself can be: kInvalidArgument says what was expected and at which column of
// its value.
Status check(const account::RedactionRule& rule);

// Whether a rule for that method, host and template (empty: any) is for that exchange. The method
// and the host are compared without case, the host with or without its port. A template's
// parameter (`{id}`, `:id`, `<int:id>`, `[id]`) stands for any one segment, so that a rule for
// /users/{id} also holds where the route was not known; the exchange's url_path or its path as
// received may fit.
bool is_for(const account::RedactionRule& rule, const Exchange& exchange);

// Thread-safe.
class ProjectRedactor {
 public:
  // Fails closed: a path that cannot be compiled masks the whole body, and what else cannot be is
  // left out; `complaints` gets a sentence about each. (Rules are checked when they are made: only
  // another version's can be so.)
  ProjectRedactor(std::span<const account::RedactionRule> rules,
                  std::vector<std::string>& complaints);

  // In place, as redact::ExchangeRedactor.
  void redact(Exchange& exchange) const;

  // A log line that stands beside exchanges, by the rules of the whole project.
  void redact_log(std::string& body, std::string& attributes_json) const {
    base_->redact_log(body, attributes_json);
  }

  // Whether there are rules for bodies, or a scrubber: then bytes that nobody can read are not
  // kept.
  bool hides_content() const { return hides_content_; }
  // Of the whole project; the built-in names too.
  bool is_masked_header(std::string_view name) const { return base_->is_masked_header(name); }

 private:
  using Redactor = std::shared_ptr<const redact::ExchangeRedactor>;  // shared: with the cache
  Redactor redactor_of(const std::vector<std::size_t>& fitting) const;

  redact::Rules everywhere_;
  std::vector<account::RedactionRule> at_endpoints_;  // each compiles
  bool hides_content_ = false;
  Redactor base_;
  mutable std::mutex mutex_;                                      // guards the map
  mutable std::map<std::vector<std::size_t>, Redactor> fitting_;  // by indexes of at_endpoints_
};

}  // namespace apitoolkit::server::redaction
