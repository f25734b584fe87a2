#include "src/redact/media_type.h"

#include <algorithm>

#include "src/redact/ascii.h"

namespace apitoolkit::redact {
namespace {

constexpr std::string_view kNdjsonTypes[] = {
    "application/x-ndjson",
    "application/ndjson",
    "application/jsonl",
    "application/x-jsonl",
    "application/jsonlines",
    "application/x-jsonlines",
    "application/json-lines",
    "application/x-json-stream",
    "application/stream+json",
    "text/x-ndjson",
    "text/ndjson",
    "text/jsonl",
};
constexpr std::string_view kTextTypes[] = {
    "application/xml",       "application/javascript", "application/ecmascript",
    "application/graphql",   "application/yaml",       "application/x-yaml",
    "application/toml",      "application/sql",        "application/x-javascript",
    "application/xhtml+xml", "application/x-sh",       "application/x-httpd-php",
};

template <std::size_t Size>
bool contains(const std::string_view (&list)[Size], std::string_view type) {
  return std::find(std::begin(list), std::end(list), type) != std::end(list);
}

MediaKind kind_of(std::string_view type) {
  if (type.empty() || type.find('/') == std::string_view::npos) return MediaKind::kNone;
  if (contains(kNdjsonTypes, type)) return MediaKind::kNdjson;
  if (type == "application/json-seq" || type.ends_with("+json-seq")) return MediaKind::kJsonSeq;
  if (type == "application/json" || type == "text/json" || type == "application/x-json" ||
      type.ends_with("+json")) {
    return MediaKind::kJson;
  }
  if (type == "application/x-www-form-urlencoded") return MediaKind::kForm;
  if (type == "multipart/form-data") return MediaKind::kMultipart;
  if (type.starts_with("multipart/")) return MediaKind::kMixed;
  if (type.starts_with("text/") || type.ends_with("+xml") || contains(kTextTypes, type)) {
    return MediaKind::kText;
  }
  return MediaKind::kBinary;
}

// Reads a token or a quoted string at `i`, and moves past it.
std::string read_value(std::string_view header, std::size_t& i) {
  if (i >= header.size() || header[i] != '"') {
    const std::size_t end = std::min(header.find(';', i), header.size());
    const std::string_view token = trim(header.substr(i, end - i));
    i = end;
    return std::string(token);
  }
  std::string out;
  for (++i; i < header.size() && header[i] != '"'; ++i) {
    // Browsers escape only quotes; a lone backslash is one of a Windows path.
    const bool escaped = header[i] == '\\' && i + 1 < header.size() &&
                         (header[i + 1] == '"' || header[i + 1] == '\\');
    if (escaped) ++i;
    out += header[i];
  }
  i = std::min(header.find(';', i), header.size());
  return out;
}

}  // namespace

bool header_parameter(std::string_view header, std::string_view name, std::string& value) {
  std::size_t i = header.find(';');
  while (i < header.size()) {
    ++i;
    const std::size_t end = std::min(header.find_first_of("=;", i), header.size());
    const std::string_view key = trim(header.substr(i, end - i));
    i = end;
    if (i >= header.size() || header[i] != '=') continue;
    ++i;
    while (i < header.size() && (header[i] == ' ' || header[i] == '\t')) ++i;
    std::string found = read_value(header, i);
    if (same_ignoring_case(key, name)) {
      value = std::move(found);
      return true;
    }
  }
  return false;
}

MediaType::MediaType(std::string_view header) {
  name = to_lower(trim(header.substr(0, header.find_first_of(";,"))));
  kind = kind_of(name);
  std::string value;
  if (header_parameter(header, "charset", value)) charset = to_lower(value);
  header_parameter(header, "boundary", boundary);
}

}  // namespace apitoolkit::redact
