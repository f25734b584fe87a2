#include "src/wire/vector_exchange.h"

#include "src/base/base64.h"
#include "src/base/uuid.h"
#include "src/json/writer.h"

namespace apitoolkit::wire {
namespace {

using json::Document;
using json::Type;

// --- Writing ---

void write_pairs(json::Writer& writer, const std::vector<Header>& headers) {
  writer.begin_array();
  for (const auto& [name, value] : headers) {
    writer.begin_array().value(name).value(value).end_array();
  }
  writer.end_array();
}

void write_pairs(json::Writer& writer, const std::vector<Param>& params) {
  writer.begin_array();
  for (const auto& param : params) {
    writer.begin_array().value(param.name).value(param.value);
    if (param.is_json) writer.value("json");
    writer.end_array();
  }
  writer.end_array();
}

void write_body(json::Writer& writer, const Body& body) {
  writer.begin_object();
  if (json::is_valid_utf8(body.bytes)) {
    writer.key("text").value(body.bytes);
  } else {
    writer.key("base64").base64(body.bytes);
  }
  if (body.size >= 0) writer.key("size").value(body.size);
  if (body.truncated) writer.key("truncated").value(true);
  writer.end_object();
}

void write_error(json::Writer& writer, const ErrorReport& error) {
  writer.begin_object();
  if (error.when_ns != 0) writer.key("when_ns").value(error.when_ns);
  const auto text = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) writer.key(name).value(value);
  };
  text("error_type", error.error_type);
  text("message", error.message);
  text("root_error_type", error.root_error_type);
  text("root_error_message", error.root_error_message);
  text("stack_trace", error.stack_trace);
  text("other_json", error.other_json);
  writer.end_object();
}

// --- Reading: one function a type, chosen by overloading ---

bool read(const Document& d, std::uint32_t node, std::string& out) {
  if (d[node].type != Type::kString) return false;
  out = d.text(node);
  return true;
}

bool read(const Document& d, std::uint32_t node, std::int64_t& out) {
  if (d[node].type != Type::kNumber) return false;
  out = json::to_int64(d.raw(node)).value_or(0);
  return true;
}

bool read(const Document& d, std::uint32_t node, int& out) {
  std::int64_t wide = 0;
  if (!read(d, node, wide)) return false;
  out = static_cast<int>(wide);
  return true;
}

bool read(const Document& d, std::uint32_t node, double& out) {
  if (d[node].type != Type::kNumber) return false;
  out = json::to_double(d.raw(node));
  return true;
}

bool read(const Document& d, std::uint32_t node, bool& out) {
  out = d[node].type == Type::kTrue;
  return out || d[node].type == Type::kFalse;
}

bool read(const Document& d, std::uint32_t node, Uuid& out) {
  std::string text;
  const auto id = read(d, node, text) ? base::parse_uuid(text) : std::nullopt;
  if (id) out = *id;
  return id.has_value();
}

bool read(const Document& d, std::uint32_t node, std::optional<Uuid>& out) {
  return read(d, node, out.emplace());
}

bool read(const Document& d, std::uint32_t node, Direction& out) {
  std::string text;
  if (!read(d, node, text)) return false;
  out = text == "outgoing" ? Direction::kOutgoing : Direction::kIncoming;
  return text == "outgoing" || text == "incoming";
}

bool read(const Document& d, std::uint32_t pair, Header& out) {
  if (d[pair].type != Type::kArray || d[pair].count != 2) return false;
  return read(d, pair + 1, out.name) && read(d, d[pair + 1].next, out.value);
}

bool read(const Document& d, std::uint32_t pair, Param& out) {
  if (d[pair].type != Type::kArray || d[pair].count < 2 || d[pair].count > 3) return false;
  out.is_json = d[pair].count == 3;
  return read(d, pair + 1, out.name) && read(d, d[pair + 1].next, out.value);
}

bool read(const Document& d, std::uint32_t object, Body& out) {
  if (d[object].type != Type::kObject) return false;
  bool is_read = true;
  std::uint32_t node = object + 1;
  for (std::uint32_t i = 0; i < d[object].count; ++i) {
    const std::string name = d.text(node);
    const std::uint32_t value = d[node].next;
    std::string text;
    if (name == "text") {
      is_read &= read(d, value, out.bytes);
    } else if (name == "base64") {
      is_read &= read(d, value, text);
      out.bytes = base::base64_decode(text).value_or("not base64");
    } else if (name == "size") {
      is_read &= read(d, value, out.size);
    } else {
      is_read &= name == "truncated" && read(d, value, out.truncated);
    }
    node = d[value].next;
  }
  return is_read;
}

bool read(const Document& d, std::uint32_t object, ErrorReport& out) {
  if (d[object].type != Type::kObject) return false;
  bool is_read = true;
  std::uint32_t node = object + 1;
  for (std::uint32_t i = 0; i < d[object].count; ++i) {
    const std::string name = d.text(node);
    const std::uint32_t value = d[node].next;
    is_read &= name == "when_ns"              ? read(d, value, out.when_ns)
               : name == "error_type"         ? read(d, value, out.error_type)
               : name == "message"            ? read(d, value, out.message)
               : name == "root_error_type"    ? read(d, value, out.root_error_type)
               : name == "root_error_message" ? read(d, value, out.root_error_message)
               : name == "stack_trace"        ? read(d, value, out.stack_trace)
                                       : name == "other_json" && read(d, value, out.other_json);
    node = d[value].next;
  }
  return is_read;
}

template <class T>
bool read(const Document& d, std::uint32_t list, std::vector<T>& out) {
  if (d[list].type != Type::kArray) return false;
  std::uint32_t node = list + 1;
  for (std::uint32_t i = 0; i < d[list].count; ++i) {
    if (!read(d, node, out.emplace_back())) return false;
    node = d[node].next;
  }
  return true;
}

using ReadMember = bool (*)(const Document&, std::uint32_t, Exchange&);
struct Member {
  std::string_view name;
  ReadMember read;
};

#define APITOOLKIT_MEMBER(field)                                                                  \
  Member {                                                                                        \
#field,                                                                                       \
        [](const Document& d, std::uint32_t node, Exchange& e) { return read(d, node, e.field); } \
  }

constexpr Member kMembers[] = {
    APITOOLKIT_MEMBER(id),
    APITOOLKIT_MEMBER(parent_id),
    APITOOLKIT_MEMBER(project_id),
    APITOOLKIT_MEMBER(direction),
    APITOOLKIT_MEMBER(sdk_type),
    APITOOLKIT_MEMBER(start_ns),
    APITOOLKIT_MEMBER(duration_ns),
    APITOOLKIT_MEMBER(ttfb_ns),
    APITOOLKIT_MEMBER(method),
    APITOOLKIT_MEMBER(host),
    APITOOLKIT_MEMBER(raw_url),
    APITOOLKIT_MEMBER(url_path),
    APITOOLKIT_MEMBER(referer),
    APITOOLKIT_MEMBER(status_code),
    APITOOLKIT_MEMBER(proto_major),
    APITOOLKIT_MEMBER(proto_minor),
    APITOOLKIT_MEMBER(path_params),
    APITOOLKIT_MEMBER(query_params),
    APITOOLKIT_MEMBER(request_headers),
    APITOOLKIT_MEMBER(response_headers),
    APITOOLKIT_MEMBER(request_body),
    APITOOLKIT_MEMBER(response_body),
    APITOOLKIT_MEMBER(errors),
    APITOOLKIT_MEMBER(tags),
    APITOOLKIT_MEMBER(service_version),
    APITOOLKIT_MEMBER(client_ip),
    APITOOLKIT_MEMBER(trace_id),
    APITOOLKIT_MEMBER(span_id),
    APITOOLKIT_MEMBER(parent_span_id),
    APITOOLKIT_MEMBER(consumer),
    APITOOLKIT_MEMBER(sdk_version),
    APITOOLKIT_MEMBER(service_name),
    APITOOLKIT_MEMBER(aborted),
    APITOOLKIT_MEMBER(sample_weight),
    APITOOLKIT_MEMBER(redaction),
};
#undef APITOOLKIT_MEMBER

void describe_lists(json::Writer& writer, const Exchange& exchange) {
  const auto pairs = [&](std::string_view name, const auto& entries) {
    if (entries.empty()) return;
    writer.key(name);
    write_pairs(writer, entries);
  };
  pairs("path_params", exchange.path_params);
  pairs("query_params", exchange.query_params);
  pairs("request_headers", exchange.request_headers);
  pairs("response_headers", exchange.response_headers);
  for (const auto& [name, body] : {std::pair("request_body", &exchange.request_body),
                                   std::pair("response_body", &exchange.response_body)}) {
    if (body->bytes.empty() && body->size < 0 && !body->truncated) continue;
    writer.key(name);
    write_body(writer, *body);
  }
  if (!exchange.errors.empty()) {
    writer.key("errors").begin_array();
    for (const ErrorReport& error : exchange.errors) write_error(writer, error);
    writer.end_array();
  }
  for (const auto& [name, list] :
       {std::pair("tags", &exchange.tags), std::pair("redaction", &exchange.redaction)}) {
    if (list->empty()) continue;
    writer.key(name).begin_array();
    for (const std::string& text : *list) writer.value(text);
    writer.end_array();
  }
}

}  // namespace

std::string describe(const Exchange& exchange) {
  const Exchange blank;
  json::Writer writer;
  writer.begin_object();
  const auto member = [&](std::string_view name, const auto& value, const auto& absent) {
    if (value != absent) writer.key(name).value(value);
  };
  if (!base::is_nil(exchange.id)) writer.key("id").value(base::format_uuid(exchange.id));
  if (exchange.parent_id) writer.key("parent_id").value(base::format_uuid(*exchange.parent_id));
  member("project_id", exchange.project_id, blank.project_id);
  if (exchange.direction == Direction::kOutgoing) writer.key("direction").value("outgoing");
  member("sdk_type", exchange.sdk_type, blank.sdk_type);
  member("start_ns", exchange.start_ns, blank.start_ns);
  member("duration_ns", exchange.duration_ns, blank.duration_ns);
  member("ttfb_ns", exchange.ttfb_ns, blank.ttfb_ns);
  member("method", exchange.method, blank.method);
  member("host", exchange.host, blank.host);
  member("raw_url", exchange.raw_url, blank.raw_url);
  member("url_path", exchange.url_path, blank.url_path);
  member("referer", exchange.referer, blank.referer);
  member("status_code", exchange.status_code, blank.status_code);
  member("proto_major", exchange.proto_major, blank.proto_major);
  member("proto_minor", exchange.proto_minor, blank.proto_minor);
  describe_lists(writer, exchange);
  member("service_version", exchange.service_version, blank.service_version);
  member("client_ip", exchange.client_ip, blank.client_ip);
  member("trace_id", exchange.trace_id, blank.trace_id);
  member("span_id", exchange.span_id, blank.span_id);
  member("parent_span_id", exchange.parent_span_id, blank.parent_span_id);
  member("consumer", exchange.consumer, blank.consumer);
  member("sdk_version", exchange.sdk_version, blank.sdk_version);
  member("service_name", exchange.service_name, blank.service_name);
  member("aborted", exchange.aborted, blank.aborted);
  member("sample_weight", exchange.sample_weight, blank.sample_weight);
  writer.end_object();
  return std::move(writer).str();
}

Result<Exchange> from_description(const Document& document, std::uint32_t object) {
  Exchange exchange;
  std::uint32_t node = object + 1;
  for (std::uint32_t i = 0; i < document[object].count; ++i) {
    const std::string name = document.text(node);
    const std::uint32_t value = document[node].next;
    bool is_read = false;
    for (const Member& member : kMembers) {
      if (member.name == name) is_read = member.read(document, value, exchange);
    }
    if (!is_read) return fail(ErrorCode::kInvalidArgument, "not a description: " + name);
    node = document[value].next;
  }
  return exchange;
}

}  // namespace apitoolkit::wire
