// The compiled rules of every project, as they are now.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "src/server/account/accounts.h"
#include "src/server/redaction/project_redactor.h"

namespace apitoolkit::server::redaction {

// Thread-safe. Rules are compiled once for each change, by the first who asks for them afterwards;
// whoever holds the ones before goes on with those.
class RuleBook {
 public:
  // `complain` is told, once for each change, about rules that cannot be compiled. `accounts` must
  // outlive the RuleBook.
  RuleBook(account::Accounts& accounts, std::function<void(const std::string&)> complain);

  std::shared_ptr<const ProjectRedactor> of(const Uuid& project) const;

 private:
  struct Entry {
    account::RulesOfProject rules;  // what `compiled` is of
    std::shared_ptr<const ProjectRedactor> compiled;
  };
  account::Accounts& accounts_;
  const std::function<void(const std::string&)> complain_;
  mutable std::mutex mutex_;  // guards entries_
  mutable std::map<Uuid, Entry> entries_;
};

}  // namespace apitoolkit::server::redaction
