#include "src/server/redaction/rule_book.h"

#include <utility>
#include <vector>

namespace apitoolkit::server::redaction {

RuleBook::RuleBook(account::Accounts& accounts, std::function<void(const std::string&)> complain)
    : accounts_(accounts), complain_(std::move(complain)) {}

std::shared_ptr<const ProjectRedactor> RuleBook::of(const Uuid& project) const {
  account::RulesOfProject rules = accounts_.rules_of(project);
  // Held while compiling: others of this project would only compile the same.
  const std::lock_guard lock(mutex_);
  Entry& entry = entries_[project];
  if (entry.rules == rules) return entry.compiled;
  std::vector<std::string> complaints;
  entry.compiled = std::make_shared<const ProjectRedactor>(*rules, complaints);
  entry.rules = std::move(rules);
  if (complain_) {
    for (const std::string& complaint : complaints) complain_(complaint);
  }
  return entry.compiled;
}

}  // namespace apitoolkit::server::redaction
