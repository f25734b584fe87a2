#include "src/redact/rules_file.h"

#include <string_view>
#include <utility>
#include <vector>

namespace apitoolkit::redact {
namespace {

constexpr std::pair<std::string_view, std::vector<std::string> Rules::*> kLists[] = {
    {"redact_headers", &Rules::headers},
    {"redact_request_body", &Rules::request_body},
    {"redact_response_body", &Rules::response_body},
    {"redact_query", &Rules::query},
    {"scrub", &Rules::scrub},
};

// What was expected, or nothing if the setting was taken (or is no rule).
std::string take(std::string_view name, const Setting& setting, Rules& rules) {
  for (const auto& [list_name, member] : kLists) {
    if (name != list_name) continue;
    if (const auto* list = setting.list()) {
      rules.*member = *list;
    } else if (const auto* text = setting.text()) {
      rules.*member = {*text};
    } else {
      return "a list of strings";
    }
    return {};
  }
  if (name == "redact_default_headers") {
    if (setting.flag() == nullptr) return "true or false";
    rules.default_headers = *setting.flag();
  } else if (name == "redact_non_json") {
    const std::string* choice = setting.text();
    if (choice == nullptr || (*choice != "pass" && *choice != "mask"))
      return "\"pass\" or \"mask\"";
    rules.non_json = *choice == "mask" ? NonJson::kMask : NonJson::kPass;
  } else if (name.starts_with("redact") || name.starts_with("scrub")) {
    return "one of redact_headers, redact_request_body, redact_response_body, redact_query, "
           "redact_default_headers, redact_non_json, scrub";
  }
  return {};
}

}  // namespace

Result<Rules> rules_of(const Settings& settings, const std::string& path) {
  Rules rules;
  for (const auto& [name, setting] : settings) {
    const std::string expected = take(name, setting, rules);
    if (expected.empty()) continue;
    return refuse_setting(path, setting.line, std::string(name).append(": expected ") += expected);
  }
  return rules;
}

}  // namespace apitoolkit::redact
