// All that redaction does to one exchange: headers, query, URLs, bodies. Used by the SDK before
// anything leaves the process and by the server before anything is stored.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "apitoolkit/exchange.h"
#include "apitoolkit/result.h"
#include "src/redact/names.h"
#include "src/redact/redactor.h"
#include "src/redact/scrub.h"

namespace apitoolkit::redact {

struct Rules {
  std::vector<std::string> headers{};
  std::vector<std::string> request_body{};
  std::vector<std::string> response_body{};
  std::vector<std::string> query{};
  bool default_headers = true;  // is_secret_header applies too; the default query names always do
  std::vector<std::string> scrub{};   // names of detectors (redact/scrub.h)
  NonJson non_json = NonJson::kPass;  // of bodies for which there are paths
};

// Immutable after compile; threads may share it.
class ExchangeRedactor {
 public:
  // Errors as Redactor::compile gives them, with the arguments redact_headers[i],
  // redact_request_body[i], redact_response_body[i], redact_query[i], scrub[i].
  static Result<ExchangeRedactor> compile(const Rules& rules);

  // In place: masks header values by name, and the host, client_ip, consumer and referer that
  // repeat one; secrets in the URLs of Referer, Location, raw_url, url_path, query_params and the
  // texts of errors; and both bodies, whose reasons are appended to exchange.redaction as
  // "request_body:<reason>" and "response_body:<reason>". A body that was truncated stays marked
  // so. A binary body (neither text nor JSON nor a form by its type, or not valid UTF-8) is
  // emptied; its size stays. What the scrubber finds is masked in all of these and in path_params
  // and errors.
  void redact(Exchange& exchange) const;

  // In place, what a log says beside an exchange: a line's text, or the text of a JSON value, and
  // the text of a JSON object of its attributes. Masks what stands behind a secret's name ("Cookie:
  // a=1", {"user.password": "x"}), as for headers and query parameters; secrets in URLs; bearer
  // tokens and JWTs always, and what the scrubber finds.
  void redact_log(std::string& body, std::string& attributes_json) const;

  bool is_masked_header(std::string_view name) const;
  void redact_headers(std::vector<Header>& headers) const;

 private:
  void redact_copies(Exchange& exchange) const;
  bool is_masked_log_name(std::string_view name) const;
  std::string redact_named_values(std::string_view text) const;
  std::string redact_log_text(std::string_view text) const;
  std::string redact_log_json(std::string_view text) const;

  NameSet headers_;
  NameSet query_;
  bool default_headers_ = true;
  Redactor request_body_;
  Redactor response_body_;
  Scrubber scrubber_;
};

}  // namespace apitoolkit::redact
