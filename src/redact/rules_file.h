// The redaction rules in a configuration file of the SDK.
#pragma once

#include <string>

#include "apitoolkit/result.h"
#include "src/base/settings_file.h"
#include "src/redact/exchange_redactor.h"

namespace apitoolkit::redact {

// Reads redact_headers, redact_request_body, redact_response_body, redact_query, scrub (lists of
// strings, or one string), redact_default_headers (true or false) and redact_non_json ("pass" or
// "mask"). The SDK's other settings are left alone; but a name that begins as one of these do, and
// is none, is an error: a rule that was meant must not be missing. So is a value of another type.
// The paths themselves are not checked here. An error names the file and the line.
Result<Rules> rules_of(const Settings& settings, const std::string& path);

}  // namespace apitoolkit::redact
