// Replaces what JSONPath expressions select in a body by a marker, and keeps every other byte.
//
//   auto redactor = redact::Redactor::compile({"$.user.password"}, "redact_request_body");
//   redact::Redacted out = redactor->redact(body, "application/json");
//
// Fails closed: whatever cannot be read is replaced as a whole, with a reason, and never passed on.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "apitoolkit/result.h"
#include "src/redact/reason.h"

namespace apitoolkit::redact {

class Engine;  // engine/engine.h

// What takes the place of a selected value, as a JSON string.
inline constexpr std::string_view kMarker = "[CLIENT_REDACTED]";
inline constexpr std::string_view kMarkerJson = "\"[CLIENT_REDACTED]\"";

struct Redacted {
  std::string body;
  Reason reason = Reason::kNone;  // set if and only if the whole body became the marker
};

// How a body came: what decides how it is read.
struct BodyType {
  std::string_view content_type{};      // the header's value; may be empty
  std::string_view content_encoding{};  // likewise
  bool truncated = false;               // the body is a prefix of what was sent
};

// What becomes of text that is no JSON and no form, where paths are set: none can select in it.
enum class NonJson : std::uint8_t {
  kPass,
  kMask,  // as a whole, with Reason::kNonJson
};

// A compiled set of paths. Immutable; threads may share it.
class Redactor {
 public:
  // Each entry is one path, or several split at top-level commas. An error names the argument, the
  // index, the text, the column and what was expected:
  // `redact_request_body[2]: "$.a[": expected a selector at column 5`.
  static Result<Redactor> compile(std::span<const std::string> paths, std::string_view argument,
                                  NonJson non_json = NonJson::kPass);

  // A redactor without paths: bytes pass through unparsed.
  Redactor() = default;

  // The body as it may leave the process. JSON (by content type, or by its first byte where the
  // type is another text or absent) is spliced; forms and multipart become a JSON object of their
  // fields; NDJSON is handled record by record. Never fails: see Reason.
  Redacted redact(std::string_view body, const BodyType& type) const;

  bool empty() const { return engine_ == nullptr; }

  // How each path is answered, a line each.
  std::string explain() const;

  // What does the work for JSON: for who has many texts, and memory to reuse.
  const Engine& engine() const;

 private:
  Redacted redact_plain(std::string_view body, const BodyType& type) const;

  std::shared_ptr<const Engine> engine_;  // shared by copies; null without paths
  NonJson non_json_ = NonJson::kPass;
};

}  // namespace apitoolkit::redact
