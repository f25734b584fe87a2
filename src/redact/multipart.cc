// multipart/form-data:
//
//   body  = [ preamble CRLF ] 1*( "--" boundary blanks CRLF part CRLF ) "--" boundary "--" …
//   part  = *( header CRLF ) CRLF content
//
// A bare LF is taken for CRLF, as most readers do.
#include <utility>

#include "src/base/limits.h"
#include "src/json/document.h"
#include "src/json/writer.h"
#include "src/redact/ascii.h"
#include "src/redact/form.h"
#include "src/redact/media_type.h"
#include "src/redact/redactor.h"

namespace apitoolkit::redact {
namespace {

struct Part {
  std::string disposition;
  std::string type;
  std::string_view content;
};

// The line that starts at `i` without its end; moves past it.
std::string_view take_line(std::string_view text, std::size_t& i) {
  const std::size_t end = std::min(text.find('\n', i), text.size());
  std::string_view line = text.substr(i, end - i);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  i = std::min(end + 1, text.size());
  return line;
}

// The headers, each on one line: a line that begins with a blank continues the one before.
std::vector<std::string> take_headers(std::string_view text, std::size_t& i) {
  std::vector<std::string> headers;
  while (i < text.size()) {
    const std::string_view line = take_line(text, i);
    if (line.empty()) break;
    const bool continues = !headers.empty() && (line.front() == ' ' || line.front() == '\t');
    if (!continues) headers.emplace_back();
    headers.back() += line;
  }
  return headers;
}

// nullopt if a header comes twice: readers differ in which of them counts, and with it in whether
// the part is a file.
std::optional<Part> parse_part(std::string_view text) {
  Part part;
  std::size_t i = 0;
  bool disposed = false;
  bool typed = false;
  for (const std::string& header : take_headers(text, i)) {
    const std::size_t colon = header.find(':');
    if (colon == std::string::npos) continue;
    const std::string_view name = trim(std::string_view(header).substr(0, colon));
    const std::string_view value = trim(std::string_view(header).substr(colon + 1));
    if (same_ignoring_case(name, "content-disposition")) {
      if (std::exchange(disposed, true)) return std::nullopt;
      part.disposition = value;
    } else if (same_ignoring_case(name, "content-type")) {
      if (std::exchange(typed, true)) return std::nullopt;
      part.type = value;
    }
  }
  part.content = text.substr(i);
  return part;
}

// A part is a file if it has a file's name (RFC 2231 lets one be in pieces), or a type that a field
// of a form would not have: a list of files (RFC 2388, section 4.2), or a client that names none.
bool is_file(const Part& part, const MediaType& type, std::string& file_name) {
  for (const std::string_view parameter : {"filename", "filename*", "filename*0", "filename*0*"}) {
    if (header_parameter(part.disposition, parameter, file_name)) return true;
  }
  return !part.type.empty() && type.name != "text/plain" && type.kind != MediaKind::kJson;
}

std::string value_of(const Part& part) {
  const MediaType type(part.type);
  std::string file_name;
  if (is_file(part, type, file_name)) {
    json::Writer w;
    w.begin_object().key("name").value(file_name).key("type").value(part.type);
    w.key("size").value(part.content.size()).end_object();
    return std::move(w).str();
  }
  if (type.kind == MediaKind::kJson) {
    const std::string_view text = trim(part.content);
    // What claims to be JSON and is not cannot be searched, so it does not leave.
    const auto document = json::Document::parse(text);
    if (!document || text.starts_with(json::kUtf8Bom)) return std::string(kMarkerJson);
    return std::string(text);
  }
  std::string text;
  json::append_string(part.content, text);
  return text;
}

// The next line that is a delimiter, from `i` on: where its line break begins, and where the text
// after it begins.
struct Delimiter {
  std::size_t begin = std::string_view::npos;
  std::size_t end = 0;
  bool last = false;
};

Delimiter find_delimiter(std::string_view body, std::string_view mark, std::size_t i) {
  for (std::size_t at = body.find(mark, i); at != std::string_view::npos;
       at = body.find(mark, at + 1)) {
    if (at > 0 && body[at - 1] != '\n') continue;
    std::size_t after = at + mark.size();
    const bool last = body.substr(after, 2) == "--";
    const std::string_view rest = take_line(body, after);
    if (!last && rest.find_first_not_of(" \t") != std::string_view::npos) continue;
    std::size_t begin = at;
    if (begin > i) --begin;
    if (begin > i && body[begin - 1] == '\r') --begin;
    return {begin, after, last};
  }
  return {};
}

}  // namespace

std::optional<std::vector<Field>> parse_multipart(std::string_view body, std::string_view boundary,
                                                  bool truncated) {
  std::vector<Field> fields;
  // The search for it costs the body's length times its own.
  if (boundary.empty() ||
      boundary.size() > static_cast<std::size_t>(limits::kMultipartBoundaryBytesMax)) {
    return std::nullopt;
  }
  const std::string mark = "--" + std::string(boundary);
  Delimiter from = find_delimiter(body, mark, 0);
  while (!from.last) {
    if (from.begin == std::string_view::npos) return std::nullopt;
    if (fields.size() == static_cast<std::size_t>(limits::kMultipartPartsMax)) return std::nullopt;
    const Delimiter to = find_delimiter(body, mark, from.end);
    const bool cut = to.begin == std::string_view::npos;
    if (cut && !truncated) return std::nullopt;
    const std::optional<Part> part =
        parse_part(body.substr(from.end, cut ? to.begin : to.begin - from.end));
    if (!part) return std::nullopt;
    std::string name;
    if (!header_parameter(part->disposition, "name", name)) {
      if (cut) break;
      return std::nullopt;
    }
    fields.push_back({std::move(name), value_of(*part)});
    if (cut) break;
    from = to;
  }
  return fields;
}

}  // namespace apitoolkit::redact
