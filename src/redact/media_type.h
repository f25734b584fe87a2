// What a Content-Type header says about how to read a body (RFC 9110, section 8.3).
#pragma once

#include <string>
#include <string_view>

namespace apitoolkit::redact {

enum class MediaKind {
  kNone,       // no type given, or not readable as one
  kJson,       // application/json, text/json, …+json
  kNdjson,     // one JSON text a line
  kJsonSeq,    // RFC 7464
  kForm,       // application/x-www-form-urlencoded
  kMultipart,  // multipart/form-data
  kMixed,      // any other multipart
  kText,       // text/… and the textual types under application/
  kBinary,     // all else
};

struct MediaType {
  explicit MediaType(std::string_view header);

  MediaKind kind = MediaKind::kNone;
  std::string name;      // "text/plain": lower case, without parameters
  std::string charset;   // lower case; empty if not given
  std::string boundary;  // of multipart
};

// Parameter `name` of a header value such as `form-data; name="a b"; filename="c"`; quoted strings
// are unquoted. False if there is none.
bool header_parameter(std::string_view header, std::string_view name, std::string& value);

}  // namespace apitoolkit::redact
