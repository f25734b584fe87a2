// Cursors, before base64url: of exchanges 8 bytes of start_ns, big-endian, and 16 of the identity;
// of dead letters "d" and the id in decimal.
#include "src/server/serve/exchange_query.h"

#include <algorithm>
#include <array>
#include <utility>

#include "src/base/base64.h"
#include "src/base/clock.h"
#include "src/base/limits.h"
#include "src/base/uuid.h"
#include "src/server/query/parse.h"
#include "src/server/serve/exchange_json.h"
#include "src/server/serve/parameters.h"

namespace apitoolkit::server::serve {
namespace {

constexpr std::size_t kCursorBytes = 24;
constexpr std::int64_t kSecondNs = 1'000'000'000;

std::optional<std::int64_t> unit_ns(char unit) {
  switch (unit) {
    case 's':
      return kSecondNs;
    case 'm':
      return 60 * kSecondNs;
    case 'h':
      return 3600 * kSecondNs;
    case 'd':
      return 86'400 * kSecondNs;
    case 'w':
      return 7 * 86'400 * kSecondNs;
    default:
      return std::nullopt;
  }
}

// "404", or "5xx" for a whole class.
bool read_status(std::string_view text, store::Filter& filter) {
  if (text.size() == 3 && text[0] >= '1' && text[0] <= '9' && text.substr(1) == "xx") {
    filter.status_min = (text[0] - '0') * 100;
    filter.status_max = *filter.status_min + 99;
    return true;
  }
  const auto code = parse_integer<int>(text);
  if (!code || *code < 0 || *code > 999) return false;
  filter.status_min = code;
  filter.status_max = code;
  return true;
}

bool read_kind(std::string_view text, store::Filter& filter) {
  if (text == "incoming") filter.kind = Direction::kIncoming;
  if (text == "outgoing") filter.kind = Direction::kOutgoing;
  return filter.kind.has_value();
}

bool read_fields(std::string_view text, std::vector<std::size_t>& fields) {
  const auto known = exchange_fields();
  while (true) {
    const std::size_t comma = text.find(',');
    const auto found = std::find(known.begin(), known.end(), text.substr(0, comma));
    if (found == known.end()) return false;
    const auto index = static_cast<std::size_t>(found - known.begin());
    if (std::find(fields.begin(), fields.end(), index) == fields.end()) fields.push_back(index);
    if (comma == std::string_view::npos) return true;
    text.remove_prefix(comma + 1);
  }
}

std::string upper(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

Parameter fields_parameter(std::vector<std::size_t>& fields) {
  return {"names of an exchange's fields, separated by commas", "fields",
          [&fields](const std::string& text) { return read_fields(text, fields); }};
}

// As the columns of a `project`, without names of their own.
bool read_paths(const std::string& text, std::vector<query::FieldRef>& paths) {
  auto parsed = query::parse("project " + text);
  if (!parsed || parsed->sections.size() != 1) return false;
  auto* project = std::get_if<query::Project>(&parsed->sections[0].node);
  if (project == nullptr || project->columns.size() > kListPathsMax) return false;
  for (query::NamedValue& column : project->columns) {
    auto* field = std::get_if<query::FieldRef>(&column.value.node);
    if (column.explicit_name || field == nullptr || !field->id) return false;
    paths.push_back(std::move(*field));
  }
  return true;
}

Parameter paths_parameter(std::vector<query::FieldRef>& paths) {
  return {"at most 16 paths such as request_body.user.id, separated by commas", "values",
          [&paths](const std::string& text) { return read_paths(text, paths); }};
}

Parameter query_parameter(std::string& query) {
  return {"a condition of the query language", "query", [&query](const std::string& text) {
            query = text;
            return true;
          }};
}

bool read_format(std::string_view text, ListFormat& format) {
  constexpr std::array<std::string_view, 4> kNames{"json", "ndjson", "csv", "har"};
  const auto found = std::find(kNames.begin(), kNames.end(), text);
  if (found == kNames.end()) return false;
  format = static_cast<ListFormat>(found - kNames.begin());
  return true;
}

// A file may be longer than a page.
std::optional<Problem> check_format(ExchangeQuery& query) {
  const bool is_page = query.format == ListFormat::kPage;
  if (query.limit == 0) {
    query.limit = is_page ? limits::kPageRowsDefault : limits::kDownloadRowsDefault;
  }
  if (is_page && query.limit > limits::kPageRowsMax) {
    return Problem{400, "expected an integer from 1 to 1000", "limit"};
  }
  if (query.logs && (query.format != ListFormat::kNdjson || !query.fields.empty())) {
    return Problem{400, "only whole messages have them: format=ndjson", "logs"};
  }
  if (query.format == ListFormat::kHar && !query.fields.empty()) {
    return Problem{400, "a HAR has all fields", "fields"};
  }
  if (!is_page && !query.paths.empty()) {
    return Problem{400, "only a page of JSON has values by path", "values"};
  }
  return std::nullopt;
}

void add_paging(Parameters& parameters, ExchangeQuery& out) {
  add_limit_parameter(parameters, out.limit);
  parameters["cursor"] = {"the next_cursor of a page", "cursor", [&out](const std::string& text) {
                            return assign(decode_cursor(text), out.after);
                          }};
  parameters["fields"] = fields_parameter(out.fields);
  parameters["values"] = paths_parameter(out.paths);
}

void add_filters(Parameters& parameters, store::Filter& filter, std::int64_t now_ns) {
  add_time_parameters(parameters, filter.since_ns, filter.until_ns, now_ns);
  const Parameter status{"a status code such as 404, or a class such as 5xx", "status_code",
                         [&filter](const std::string& text) { return read_status(text, filter); }};
  parameters["status"] = parameters["status_code"] = status;
  const Parameter kind{"incoming or outgoing", "request_type",
                       [&filter](const std::string& text) { return read_kind(text, filter); }};
  parameters["kind"] = parameters["request_type"] = kind;
  parameters["method"] = {"a method", "method", [&filter](const std::string& text) {
                            filter.method = upper(text);
                            return !text.empty();
                          }};
  parameters["url_path"] = {"a path", "url_path", [&filter](const std::string& text) {
                              filter.url_path = text;
                              return true;
                            }};
  parameters["parent_id"] = {"a UUID", "parent_id", [&filter](const std::string& text) {
                               return assign(base::parse_uuid(text), filter.parent_id);
                             }};
}

}  // namespace

tl::expected<ExchangeQuery, Problem> parse_exchange_query(std::string_view query,
                                                          std::int64_t now_ns, bool only_paging,
                                                          ListFormat format) {
  ExchangeQuery out;
  out.format = format;
  Parameters parameters;
  add_paging(parameters, out);
  if (!only_paging) {
    add_filters(parameters, out.filter, now_ns);
    parameters["query"] = query_parameter(out.query);
    parameters["query_id"] = {"a UUID", "query_id", [&out](const std::string& text) {
                                return assign(base::parse_uuid(text), out.query_id);
                              }};
    parameters["limit"] = {"an integer from 1 to 100000000", "limit",
                           [&out](const std::string& text) {
                             const auto rows = parse_integer<int>(text);
                             out.limit = rows.value_or(0);
                             return out.limit >= 1 && out.limit <= limits::kDownloadRowsMax;
                           }};
    // Under one name with the cursor, since both say where to go on.
    parameters["after"] = {"the id of an exchange", "cursor", [&out](const std::string& text) {
                             return assign(base::parse_uuid(text), out.after_id);
                           }};
    parameters["logs"] = {"true or false", "logs", [&out](const std::string& text) {
                            out.logs = text == "true";
                            return out.logs || text == "false";
                          }};
    parameters["format"] = {"json, ndjson, csv or har", "format", [&out](const std::string& text) {
                              return read_format(text, out.format);
                            }};
  }
  auto problem = read_parameters(query, parameters);
  if (!problem) problem = check_format(out);
  if (problem) return tl::unexpected<Problem>(std::move(*problem));
  return out;
}

tl::expected<DeadLetterQuery, Problem> parse_dead_letter_query(std::string_view query) {
  DeadLetterQuery out;
  out.limit = limits::kPageRowsDefault;
  Parameters parameters;
  add_limit_parameter(parameters, out.limit);
  parameters["cursor"] = {"the next_cursor of a page", "cursor", [&out](const std::string& text) {
                            return assign(decode_dead_letter_cursor(text), out.before);
                          }};
  if (auto problem = read_parameters(query, parameters)) {
    return tl::unexpected<Problem>(std::move(*problem));
  }
  return out;
}

tl::expected<TailQuery, Problem> parse_tail_query(std::string_view query) {
  TailQuery out;
  Parameters parameters;
  parameters["fields"] = fields_parameter(out.fields);
  parameters["values"] = paths_parameter(out.paths);
  parameters["query"] = query_parameter(out.query);
  if (auto problem = read_parameters(query, parameters)) {
    return tl::unexpected<Problem>(std::move(*problem));
  }
  return out;
}

std::optional<std::int64_t> parse_time(std::string_view text, std::int64_t now_ns) {
  if (text == "now") return now_ns;
  if (!text.starts_with('-')) return base::parse_rfc3339(text);
  text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  std::int64_t at_ns = now_ns;
  while (!text.empty()) {
    const std::size_t digits = text.find_first_not_of("0123456789");
    if (digits == 0 || digits == std::string_view::npos) return std::nullopt;
    const auto count = parse_integer<std::int64_t>(text.substr(0, digits));
    const auto unit = unit_ns(text[digits]);
    std::int64_t span_ns = 0;
    if (!count || !unit || __builtin_mul_overflow(*count, *unit, &span_ns) ||
        __builtin_sub_overflow(at_ns, span_ns, &at_ns)) {
      return std::nullopt;
    }
    text.remove_prefix(digits + 1);
  }
  return at_ns;
}

std::string encode_cursor(const store::Position& position) {
  std::string bytes;
  const auto start = static_cast<std::uint64_t>(position.start_ns);
  for (int shift = 56; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(start >> shift));
  bytes.append(position.identity.begin(), position.identity.end());
  return base::base64url_encode(bytes);
}

std::optional<store::Position> decode_cursor(std::string_view cursor) {
  const auto bytes = base::base64_decode(cursor);
  if (!bytes || bytes->size() != kCursorBytes) return std::nullopt;
  store::Position position;
  std::uint64_t start = 0;
  for (std::size_t i = 0; i < 8; i++) start = start << 8 | static_cast<std::uint8_t>((*bytes)[i]);
  position.start_ns = static_cast<std::int64_t>(start);
  std::copy(bytes->begin() + 8, bytes->end(), position.identity.begin());
  return position;
}

std::string encode_dead_letter_cursor(std::int64_t id) {
  return base::base64url_encode("d" + std::to_string(id));
}

std::optional<std::int64_t> decode_dead_letter_cursor(std::string_view cursor) {
  const auto bytes = base::base64_decode(cursor);
  if (!bytes || !bytes->starts_with('d')) return std::nullopt;
  return parse_integer<std::int64_t>(std::string_view(*bytes).substr(1));
}

}  // namespace apitoolkit::server::serve
