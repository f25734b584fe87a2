// Why a body was masked as a whole: the reason codes of a message's `redaction` list and of stats.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace apitoolkit::redact {

enum class Reason : std::uint8_t {
  kNone,         // nothing was masked whole
  kInvalidJson,  // not RFC 8259, or trailing text
  kInvalidUtf8,
  kTruncated,        // only a prefix was captured
  kTooDeep,          // over limits::kJsonDepthMax
  kBudget,           // the paths would cost more than limits allow
  kOutputSize,       // the markers would make it far larger than it was
  kUnknownEncoding,  // a Content-Encoding or charset that cannot be read
  kInflate,          // a compressed body is corrupt or larger than allowed when inflated
  kInvalidForm,      // a form or multipart body that cannot be read
  kNonJson,          // text without JSON under redact_non_json="mask"
};

inline constexpr std::size_t kReasonCount = static_cast<std::size_t>(Reason::kNonJson) + 1;

// snake_case, for example "invalid_json".
std::string_view to_string(Reason reason);

}  // namespace apitoolkit::redact
