#include "src/server/redaction/rule_uptake.h"

#include <algorithm>
#include <utility>

namespace apitoolkit::server::redaction {
namespace {

// A name that came in a header.
void tidy(std::string& name) {
  name.resize(std::min(name.size(), kSdkNameBytesMax));
  for (char& c : name) {
    if (c < ' ' || c > '~') c = '?';
  }
}

// Whether SDKs got the same: notes and rules of endpoints are not theirs.
bool same_for_sdks(const account::RulesOfProject& a, const account::RulesOfProject& b) {
  if (a == b) return true;
  const auto of = [](const account::RulesOfProject& rules) {
    std::vector<std::pair<account::RedactionRule::Kind, std::string>> found;
    for (const account::RedactionRule& rule : *rules) {
      if (is_for_sdks(rule)) found.emplace_back(rule.kind, rule.value);
    }
    return found;
  };
  return of(a) == of(b);
}

}  // namespace

bool is_for_sdks(const account::RedactionRule& rule) {
  return rule.method.empty() && rule.host.empty() && rule.url_path.empty();
}

void RuleUptake::asked(const Uuid& project, SdkOnHost who, account::RulesOfProject rules, bool held,
                       std::int64_t now_ns) {
  tidy(who.sdk);
  const std::lock_guard lock(mutex_);
  auto& known = projects_[project];
  const auto [place, is_new] = known.try_emplace(who);
  Uptake& uptake = place->second;
  if (is_new) uptake.first_ns = now_ns;
  if (is_new || !same_for_sdks(uptake.rules, rules)) uptake.confirmed_ns.reset();
  uptake.who = std::move(who);
  uptake.rules = std::move(rules);
  uptake.last_ns = now_ns;
  if (held && !uptake.confirmed_ns) uptake.confirmed_ns = now_ns;
  if (known.size() <= kSdksPerProjectMax) return;
  known.erase(std::min_element(known.begin(), known.end(), [](const auto& a, const auto& b) {
    return a.second.last_ns < b.second.last_ns;
  }));
}

std::vector<Uptake> RuleUptake::of(const Uuid& project) const {
  std::vector<Uptake> all;
  {
    const std::lock_guard lock(mutex_);
    const auto found = projects_.find(project);
    if (found == projects_.end()) return all;
    for (const auto& [who, uptake] : found->second) all.push_back(uptake);
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Uptake& a, const Uptake& b) { return a.last_ns > b.last_ns; });
  return all;
}

}  // namespace apitoolkit::server::redaction
