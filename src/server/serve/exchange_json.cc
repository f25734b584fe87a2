#include "src/server/serve/exchange_json.h"

#include <algorithm>
#include <array>
#include <string>

#include "src/base/clock.h"
#include "src/base/uuid.h"
#include "src/json/document.h"
#include "src/server/query/completion.h"
#include "src/server/query/source.h"
#include "src/server/store/matching.h"

namespace apitoolkit::server::serve {
namespace {

using json::Writer;
using store::Record;

void write_time(std::int64_t unix_ns, Writer& w) {
  w.value(base::format_rfc3339(unix_ns));
}

void write_size(std::int64_t size, Writer& w) {
  size < 0 ? w.null() : w.value(size);
}

// The bytes as a JSON value if they are one text of JSON, else as a string.
void write_text(std::string_view bytes, Writer& w) {
  const auto document = json::Document::parse(bytes);
  document ? w.raw(document->raw(document->root())) : w.value(bytes);
}

void write_body(const Body& body, Writer& w) {
  body.bytes.empty() ? void(w.null()) : write_text(body.bytes, w);
}

void write_value(const Header& header, Writer& w) {
  w.value(header.value);
}

void write_value(const Param& param, Writer& w) {
  param.is_json ? write_text(param.value, w) : void(w.value(param.value));
}

// Name-value pairs as an object: a value for one, a list for several of the same name.
template <class Pair>
void write_pairs(const std::vector<Pair>& pairs, Writer& w) {
  const auto same_name = [](const Pair& a, const Pair& b) { return a.name == b.name; };
  std::vector<const Pair*> sorted;
  sorted.reserve(pairs.size());
  for (const Pair& pair : pairs) sorted.push_back(&pair);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Pair* a, const Pair* b) { return a->name < b->name; });
  w.begin_object();
  for (std::size_t i = 0; i < sorted.size();) {
    std::size_t end = i + 1;
    while (end < sorted.size() && same_name(*sorted[i], *sorted[end])) end++;
    w.key(sorted[i]->name);
    if (end - i > 1) w.begin_array();
    for (std::size_t k = i; k < end; k++) write_value(*sorted[k], w);
    if (end - i > 1) w.end_array();
    i = end;
  }
  w.end_object();
}

void write_strings(const std::vector<std::string>& texts, Writer& w) {
  w.begin_array();
  for (const std::string& text : texts) w.value(text);
  w.end_array();
}

constexpr std::array<std::string_view, 6> kErrorMembers{
    "when", "error_type", "message", "root_error_type", "root_error_message", "stack_trace"};

// The further members that the sender had.
void write_other_members(const std::string& object, Writer& w) {
  const auto document = json::Document::parse(object);
  if (!document || (*document)[document->root()].type != json::Type::kObject) return;
  std::uint32_t name = document->root() + 1;
  for (std::uint32_t i = 0; i < (*document)[document->root()].count; i++) {
    const std::uint32_t value = name + 1;
    const std::string text = document->text(name);
    if (std::find(kErrorMembers.begin(), kErrorMembers.end(), text) == kErrorMembers.end()) {
      w.key(text).raw(document->raw(value));
    }
    name = (*document)[value].next;
  }
}

void write_errors(const std::vector<ErrorReport>& errors, Writer& w) {
  w.begin_array();
  for (const ErrorReport& error : errors) {
    w.begin_object().key("when");
    error.when_ns == 0 ? void(w.null()) : write_time(error.when_ns, w);
    w.key("error_type").value(error.error_type).key("message").value(error.message);
    w.key("root_error_type").value(error.root_error_type);
    w.key("root_error_message").value(error.root_error_message);
    w.key("stack_trace").value(error.stack_trace);
    if (!error.other_json.empty()) write_other_members(error.other_json, w);
    w.end_object();
  }
  w.end_array();
}

void write_parent(const Record& r, Writer& w) {
  r.exchange.parent_id ? w.value(base::format_uuid(*r.exchange.parent_id)) : w.null();
}

// Never between the bytes of a character.
std::string cut(std::string text) {
  if (text.size() <= kPathValueBytesMax) return text;
  std::size_t end = kPathValueBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) end--;
  text.resize(end);
  return text + "\u2026";
}

void write_values(const Record& record, std::span<const query::FieldRef> paths, Writer& w) {
  query::ExchangeSource source;
  source.reset(store::stored_exchange(record));
  w.begin_array();
  for (const query::FieldRef& path : paths) {
    const query::Value value = source.get(*path.id, path.steps);
    if (value.is_null()) {
      w.null();
    } else if (value.is_list() || value.type() == query::ValueType::kJson) {
      Writer own;
      query::write_json(value, own);
      w.value(cut(std::move(own).str()));
    } else {
      w.value(cut(query::literal_text(value)));
    }
  }
  w.end_array();
}

using WriteField = void (*)(const Record&, Writer&);
struct Field {
  std::string_view name;
  WriteField write;
};

constexpr std::array kFields{
    Field{"id", [](const Record& r, Writer& w) { w.value(base::format_uuid(r.identity)); }},
    Field{"project_id", [](const Record& r, Writer& w) { w.value(base::format_uuid(r.project)); }},
    Field{"parent_id", write_parent},
    Field{"request_type",
          [](const Record& r, Writer& w) {
            w.value(r.exchange.direction == Direction::kOutgoing ? "outgoing" : "incoming");
          }},
    Field{"timestamp", [](const Record& r, Writer& w) { write_time(r.exchange.start_ns, w); }},
    Field{"received_at", [](const Record& r, Writer& w) { write_time(r.received_ns, w); }},
    Field{"timestamp_corrected",
          [](const Record& r, Writer& w) { w.value(r.timestamp_corrected); }},
    Field{"duration", [](const Record& r, Writer& w) { w.value(r.exchange.duration_ns); }},
    Field{"ttfb", [](const Record& r, Writer& w) { write_size(r.exchange.ttfb_ns, w); }},
    Field{"method", [](const Record& r, Writer& w) { w.value(r.exchange.method); }},
    Field{"host", [](const Record& r, Writer& w) { w.value(r.exchange.host); }},
    Field{"raw_url", [](const Record& r, Writer& w) { w.value(r.exchange.raw_url); }},
    Field{"url_path", [](const Record& r, Writer& w) { w.value(r.exchange.url_path); }},
    Field{"status_code", [](const Record& r, Writer& w) { w.value(r.exchange.status_code); }},
    Field{"proto_major", [](const Record& r, Writer& w) { w.value(r.exchange.proto_major); }},
    Field{"proto_minor", [](const Record& r, Writer& w) { w.value(r.exchange.proto_minor); }},
    Field{"referer", [](const Record& r, Writer& w) { w.value(r.exchange.referer); }},
    Field{"sdk_type", [](const Record& r, Writer& w) { w.value(r.exchange.sdk_type); }},
    Field{"sdk_version", [](const Record& r, Writer& w) { w.value(r.exchange.sdk_version); }},
    Field{"service_name", [](const Record& r, Writer& w) { w.value(r.exchange.service_name); }},
    Field{"service_version",
          [](const Record& r, Writer& w) { w.value(r.exchange.service_version); }},
    Field{"tags", [](const Record& r, Writer& w) { write_strings(r.exchange.tags, w); }},
    Field{"client_ip", [](const Record& r, Writer& w) { w.value(r.exchange.client_ip); }},
    Field{"consumer", [](const Record& r, Writer& w) { w.value(r.exchange.consumer); }},
    Field{"trace_id", [](const Record& r, Writer& w) { w.value(r.exchange.trace_id); }},
    Field{"span_id", [](const Record& r, Writer& w) { w.value(r.exchange.span_id); }},
    Field{"parent_span_id", [](const Record& r, Writer& w) { w.value(r.exchange.parent_span_id); }},
    Field{"path_params",
          [](const Record& r, Writer& w) { write_pairs(r.exchange.path_params, w); }},
    Field{"query_params",
          [](const Record& r, Writer& w) { write_pairs(r.exchange.query_params, w); }},
    Field{"request_headers",
          [](const Record& r, Writer& w) { write_pairs(r.exchange.request_headers, w); }},
    Field{"response_headers",
          [](const Record& r, Writer& w) { write_pairs(r.exchange.response_headers, w); }},
    Field{"request_body",
          [](const Record& r, Writer& w) { write_body(r.exchange.request_body, w); }},
    Field{"response_body",
          [](const Record& r, Writer& w) { write_body(r.exchange.response_body, w); }},
    Field{"request_size",
          [](const Record& r, Writer& w) { write_size(r.exchange.request_body.size, w); }},
    Field{"response_size",
          [](const Record& r, Writer& w) { write_size(r.exchange.response_body.size, w); }},
    Field{"request_body_truncated",
          [](const Record& r, Writer& w) { w.value(r.exchange.request_body.truncated); }},
    Field{"response_body_truncated",
          [](const Record& r, Writer& w) { w.value(r.exchange.response_body.truncated); }},
    Field{"errors", [](const Record& r, Writer& w) { write_errors(r.exchange.errors, w); }},
    Field{"aborted", [](const Record& r, Writer& w) { w.value(r.exchange.aborted); }},
    Field{"sample_weight", [](const Record& r, Writer& w) { w.value(r.exchange.sample_weight); }},
    Field{"redaction", [](const Record& r, Writer& w) { write_strings(r.exchange.redaction, w); }},
};

constexpr auto kNames = [] {
  std::array<std::string_view, kFields.size()> names{};
  for (std::size_t i = 0; i < kFields.size(); i++) names[i] = kFields[i].name;
  return names;
}();

}  // namespace

std::span<const std::string_view> exchange_fields() {
  return kNames;
}

void write_exchange(const Record& record, std::span<const std::size_t> fields, Writer& w,
                    std::span<const query::FieldRef> paths) {
  w.begin_object();
  const auto write = [&](const Field& field) {
    w.key(field.name);
    field.write(record, w);
  };
  if (fields.empty()) std::for_each(kFields.begin(), kFields.end(), write);
  for (const std::size_t index : fields) write(kFields.at(index));
  if (!paths.empty()) {
    w.key("values");
    write_values(record, paths, w);
  }
  w.end_object();
}

}  // namespace apitoolkit::server::serve
