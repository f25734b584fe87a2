#include "src/redact/redactor.h"

#include <algorithm>
#include <optional>

#include "src/json/document.h"
#include "src/jsonpath/query.h"
#include "src/redact/engine/engine.h"
#include "src/redact/form.h"
#include "src/redact/inflate.h"
#include "src/redact/media_type.h"
#include "src/redact/records.h"
#include "src/redact/thread_scratch.h"

namespace apitoolkit::redact {
namespace {

Redacted whole(Reason reason) {
  return {std::string(kMarkerJson), reason};
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// Whether the bytes are UTF-8, so far as type and first bytes tell: UTF-16 and UTF-32 show
// themselves by a byte order mark or by the zero bytes of their first ASCII characters.
bool is_readable(std::string_view body, const std::string& charset) {
  if (body.starts_with("\xFE\xFF") || body.starts_with("\xFF\xFE")) return false;
  if (body.substr(0, 4).find('\0') != std::string_view::npos) return false;
  if (charset.empty() || charset == "utf-8" || charset == "utf8" || charset == "us-ascii" ||
      charset == "ascii") {
    return true;
  }
  const bool extends_ascii = charset.starts_with("iso-8859-") ||
                             charset.starts_with("windows-125") || charset.starts_with("latin");
  return extends_ascii && is_ascii(body);
}

// Whether a body of no particular type would be read as JSON by whoever reads it as anything.
bool looks_like_json(std::string_view body) {
  if (body.starts_with(json::kUtf8Bom)) body.remove_prefix(json::kUtf8Bom.size());
  const std::size_t first = body.find_first_not_of(" \t\r\n\v\f");
  return first != std::string_view::npos &&
         std::string_view("{[\"").find(body[first]) != std::string_view::npos;
}

bool is_multipart(MediaKind kind) {
  return kind == MediaKind::kMultipart || kind == MediaKind::kMixed;
}

Redacted redact_json(std::string_view body, const Engine& engine) {
  const ThreadScratch scratch;
  Redacted out;
  out.reason = engine.redact(body, *scratch, out.body);
  return out;
}

Redacted redact_form(const std::optional<std::vector<Field>>& fields, const Engine& engine) {
  if (!fields) return whole(Reason::kInvalidForm);
  Redacted out;
  out.reason = form_to_json(*fields, engine, out.body);
  if (out.reason != Reason::kNone) return whole(out.reason);
  return out;
}

}  // namespace

// The body is plain here, and not empty.
Redacted Redactor::redact_plain(std::string_view body, const BodyType& type) const {
  const MediaType media(type.content_type);
  const bool truncated = type.truncated;
  const bool rules = !empty();
  MediaKind kind = media.kind;
  const bool field_type = kind == MediaKind::kForm || kind == MediaKind::kMultipart;
  if (rules && !is_readable(body, field_type ? std::string() : media.charset)) {
    return whole(Reason::kUnknownEncoding);
  }
  // Clients that forget the type send JSON as a form. And a form that was redacted before, by the
  // SDK, comes to the server as the JSON object of its fields under its old type; a multipart body
  // must prove to be one, since only as multipart is the content of its files taken out.
  if (kind == MediaKind::kForm && looks_like_json(body)) kind = MediaKind::kJson;
  if (is_multipart(kind) && looks_like_json(body) && json::Document::parse(body)) {
    kind = MediaKind::kJson;
  }
  if (kind == MediaKind::kNone || kind == MediaKind::kText || kind == MediaKind::kBinary) {
    if (looks_like_json(body)) kind = MediaKind::kJson;
  }
  switch (kind) {
    case MediaKind::kForm:
      if (truncated && rules) return whole(Reason::kTruncated);
      return redact_form(parse_urlencoded(body), engine());
    case MediaKind::kMultipart:
      if (truncated && rules) return whole(Reason::kTruncated);
      // Without rules too: the content of files never leaves.
      return redact_form(parse_multipart(body, media.boundary, truncated), engine());
    case MediaKind::kMixed:
      return whole(Reason::kInvalidForm);  // likewise, and what is a file in it is not known
    case MediaKind::kNdjson:
    case MediaKind::kJsonSeq:
      if (rules) return redact_records(body, kind == MediaKind::kJsonSeq, truncated, engine());
      break;
    case MediaKind::kJson:
      if (rules) return truncated ? whole(Reason::kTruncated) : redact_json(body, engine());
      break;
    case MediaKind::kNone:
    case MediaKind::kText:
    case MediaKind::kBinary:
      if (rules && non_json_ == NonJson::kMask) return whole(Reason::kNonJson);
      break;  // no path can select in it
  }
  return {std::string(body), Reason::kNone};
}

Result<Redactor> Redactor::compile(std::span<const std::string> paths, std::string_view argument,
                                   NonJson non_json) {
  std::vector<jsonpath::Query> queries;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    auto query = jsonpath::Query::parse(paths[i], jsonpath::Dialect::kCompatible);
    if (!query) {
      return fail(ErrorCode::kInvalidArgument, std::string(argument) + '[' + std::to_string(i) +
                                                   "]: " + query.error().describe(paths[i]));
    }
    queries.push_back(std::move(*query));
  }
  Redactor redactor;
  redactor.non_json_ = non_json;
  if (!queries.empty()) redactor.engine_ = std::make_shared<const Engine>(queries);
  return redactor;
}

const Engine& Redactor::engine() const {
  // Never destroyed: at the process's exit the worker may still redact.
  static const Engine& kWithoutPaths = *new Engine;
  return engine_ ? *engine_ : kWithoutPaths;
}

std::string Redactor::explain() const {
  return engine().explain();
}

Redacted Redactor::redact(std::string_view body, const BodyType& type) const {
  if (body.empty()) return {};
  if (!is_encoded(type.content_encoding)) return redact_plain(body, type);
  if (type.truncated && !empty()) return whole(Reason::kTruncated);
  std::string plain;
  const Reason reason = inflate(body, type.content_encoding, plain);
  if (reason == Reason::kNone) return redact_plain(plain, type);
  // Without paths there is nothing to protect in bytes that nobody here can read, but for files.
  const bool may_hold_files = is_multipart(MediaType(type.content_type).kind);
  if (empty() && !may_hold_files) return {std::string(body), Reason::kNone};
  return whole(reason);
}

}  // namespace apitoolkit::redact
