#include "src/redact/reason.h"

namespace apitoolkit::redact {

std::string_view to_string(Reason reason) {
  switch (reason) {
    case Reason::kNone:
      return "none";
    case Reason::kInvalidJson:
      return "invalid_json";
    case Reason::kInvalidUtf8:
      return "invalid_utf8";
    case Reason::kTruncated:
      return "truncated";
    case Reason::kTooDeep:
      return "too_deep";
    case Reason::kBudget:
      return "budget";
    case Reason::kOutputSize:
      return "output_size";
    case Reason::kUnknownEncoding:
      return "unknown_encoding";
    case Reason::kInflate:
      return "inflate";
    case Reason::kInvalidForm:
      return "invalid_form";
    case Reason::kNonJson:
      return "non_json";
  }
  return "none";
}

}  // namespace apitoolkit::redact
