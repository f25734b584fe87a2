#include "src/sdk/redact/rules.h"

#include <algorithm>

namespace apitoolkit::sdk {
namespace {

void add(std::vector<std::string>& to, const std::string& rule) {
  if (std::find(to.begin(), to.end(), rule) == to.end()) to.push_back(rule);
}

void add_names(std::vector<std::string>& to, const std::vector<std::string>& names,
               std::vector<std::string> redact::Rules::*kind, const char* what,
               std::vector<std::string>& complaints) {
  for (const std::string& name : names) {
    redact::Rules alone;
    alone.*kind = {name};
    if (redact::ExchangeRedactor::compile(alone)) {
      add(to, name);
    } else {
      complaints.push_back(std::string("a name of the server's ") + what + " cannot be one");
    }
  }
}

void add_paths(std::vector<std::string>& to, const std::vector<std::string>& paths,
               const char* what, std::vector<std::string>& complaints) {
  constexpr const char* kWholeBody = "$";
  for (const std::string& path : paths) {
    const auto compiled = redact::Redactor::compile(std::span(&path, 1), what);
    if (compiled) {
      add(to, path);
      continue;
    }
    add(to, kWholeBody);
    complaints.push_back("a rule of the server cannot be read, so the whole body is masked: " +
                         compiled.error().message);
  }
}

}  // namespace

redact::Rules local_rules(const Config& config) {
  redact::Rules rules;
  rules.headers = config.redact_headers;
  rules.request_body = config.redact_request_body;
  rules.response_body = config.redact_response_body;
  rules.query = config.redact_query;
  rules.scrub = config.scrub;
  rules.default_headers = config.redact_default_headers;
  rules.non_json =
      config.redact_non_json == "mask" ? redact::NonJson::kMask : redact::NonJson::kPass;
  return rules;
}

bool has_rules(const redact::Rules& remote) {
  return !remote.headers.empty() || !remote.query.empty() || !remote.request_body.empty() ||
         !remote.response_body.empty() || !remote.scrub.empty();
}

Result<redact::ExchangeRedactor> combine(redact::Rules local, const redact::Rules& remote,
                                         std::vector<std::string>& complaints) {
  add_names(local.headers, remote.headers, &redact::Rules::headers, "redact.headers", complaints);
  add_names(local.query, remote.query, &redact::Rules::query, "redact.query", complaints);
  add_names(local.scrub, remote.scrub, &redact::Rules::scrub, "redact.scrub", complaints);
  add_paths(local.request_body, remote.request_body, "redact.request_body", complaints);
  add_paths(local.response_body, remote.response_body, "redact.response_body", complaints);
  return redact::ExchangeRedactor::compile(local);
}

}  // namespace apitoolkit::sdk
