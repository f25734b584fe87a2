// Reading a message as any SDK of the field writes it. The grammar is wire/README.md's table; a
// member's reader is found in kMembers at the end of this file.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "src/base/base64.h"
#include "src/base/clock.h"
#include "src/base/limits.h"
#include "src/base/uuid.h"
#include "src/json/document.h"
#include "src/json/writer.h"
#include "src/wire/message.h"
#include "src/wire/message_members.h"
#include "src/wire/url.h"

namespace apitoolkit::wire {
namespace {

using json::Document;
using json::Type;

// What the lists of a message may grow to in memory, all of them together.
class Room {
 public:
  bool take(std::size_t bytes) {
    left_ -= static_cast<std::int64_t>(bytes);
    return left_ >= 0;
  }

 private:
  std::int64_t left_ = limits::kDecodedBytesMax;
};

// The value of one member of the message, and the member's name for error messages.
struct Value {
  const Document& document;
  std::uint32_t node;
  std::string_view name;
  Room* room;  // of the whole message

  Type type() const { return document[node].type; }
  std::string_view raw() const { return document.raw(node); }
  std::string text() const { return document.text(node); }
  bool is_container() const { return type() == Type::kArray || type() == Type::kObject; }
};

std::string_view kind_of(Type type) {
  switch (type) {
    case Type::kNull:
      return "null";
    case Type::kFalse:
    case Type::kTrue:
      return "a flag";
    case Type::kNumber:
      return "a number";
    case Type::kString:
      return "a string";
    case Type::kArray:
      return "a list";
    case Type::kObject:
      break;
  }
  return "an object";
}

// Error messages are answered, logged and stored, where what was captured must not be: so they say
// only what kind of value there was …
tl::unexpected<Error> unexpected_kind(const Value& value, std::string_view expected) {
  return fail(ErrorCode::kCorrupt, std::string(value.name) + ": expected " + std::string(expected) +
                                       ", got " + std::string(kind_of(value.type())));
}

// … but for the members that the SDK makes itself: numbers, flags, times and ids.
tl::unexpected<Error> unexpected_value(const Value& value, std::string_view expected) {
  if (value.is_container()) return unexpected_kind(value, expected);
  constexpr std::size_t kShownBytesMax = 40;
  std::string shown(value.raw().substr(0, kShownBytesMax));
  // A cut inside a UTF-8 sequence would make the message itself unreadable.
  while (!json::is_valid_utf8(shown)) shown.pop_back();
  if (shown.size() < value.raw().size()) shown += "…";
  return fail(ErrorCode::kCorrupt,
              std::string(value.name) + ": expected " + std::string(expected) + ", got " + shown);
}

// What an element appended to a list takes: itself and its text, before any of it is allocated.
template <class T>
Status take_room(const std::vector<T>& /*list*/, std::size_t text_bytes, const Value& value) {
  if (value.room->take(sizeof(T) + text_bytes)) return {};
  return fail(ErrorCode::kCorrupt, std::string(value.name) + ": too large once decoded");
}

// Text as it is meant: a string's value, nothing for null, any other scalar as it stands.
std::string scalar_text(const Value& value) {
  switch (value.type()) {
    case Type::kString:
      return value.text();
    case Type::kNull:
      return "";
    default:
      return std::string(value.raw());
  }
}

Status read_text(const Value& value, std::string& out) {
  if (value.is_container()) return unexpected_kind(value, "a string");
  out = scalar_text(value);
  return {};
}

// Without which there is no exchange: 7 or true is none.
Status read_method(const Value& value, std::string& out) {
  const bool is_text = value.type() == Type::kString || value.type() == Type::kNull;
  return is_text ? read_text(value, out) : Status(unexpected_kind(value, "a string"));
}

// The elements of an array, one after the other, until one is refused.
template <class Visit>
Status for_each_element(const Value& array, Visit visit) {
  std::uint32_t node = array.node + 1;
  for (std::uint32_t i = 0; i < array.document[array.node].count; ++i) {
    Status status = visit(Value{array.document, node, array.name, array.room});
    if (!status) return status;
    node = array.document[node].next;
  }
  return {};
}

// The members of an object, or of an array as PHP writes an associative one with the keys 0, 1, …,
// until one is refused.
template <class Visit>
Status for_each_member(const Value& object, Visit visit) {
  const Document& document = object.document;
  const bool has_names = object.type() == Type::kObject;
  std::uint32_t node = object.node + 1;
  for (std::uint32_t i = 0; i < document[object.node].count; ++i) {
    std::string name = has_names ? document.text(node) : std::to_string(i);
    if (has_names) node = document[node].next;
    Status status = visit(std::move(name), Value{document, node, object.name, object.room});
    if (!status) return status;
    node = document[node].next;
  }
  return {};
}

Result<std::int64_t> read_integer(const Value& value) {
  if (value.type() == Type::kNull) return 0;
  const std::string text = scalar_text(value);
  const bool is_quoted = value.type() == Type::kString;
  if (value.type() != Type::kNumber && !is_quoted) return unexpected_value(value, "an integer");
  // Quoted digits must be a number by themselves before they are read as one.
  if (is_quoted) {
    const auto inner = Document::parse(text);
    if (!inner || (*inner)[0].type != Type::kNumber || inner->raw(0) != text) {
      return unexpected_value(value, "an integer");
    }
  }
  if (const auto exact = json::to_int64(text)) return *exact;
  const double nearest = json::to_double(text);  // PHP's 123456.0, or 1.5e9
  constexpr double kTooLarge = 9.2e18;
  if (!(std::abs(nearest) < kTooLarge)) return unexpected_value(value, "an integer of 64 bits");
  return static_cast<std::int64_t>(std::llround(nearest));
}

template <class Integer>
Status read_into(const Value& value, Integer& out) {
  const auto number = read_integer(value);
  if (!number) return tl::unexpected(number.error());
  if (*number < std::numeric_limits<Integer>::min() ||
      *number > std::numeric_limits<Integer>::max()) {
    return unexpected_value(value, "a smaller integer");
  }
  out = static_cast<Integer>(*number);
  return {};
}

Status read_flag(const Value& value, bool& out) {
  if (value.is_container() || value.type() == Type::kString || value.type() == Type::kNumber) {
    return unexpected_value(value, "true or false");
  }
  out = value.type() == Type::kTrue;
  return {};
}

Result<std::optional<Uuid>> read_uuid(const Value& value) {
  if (value.type() == Type::kNull) return std::nullopt;
  const std::string text = value.type() == Type::kString ? value.text() : "?";
  if (text.empty()) return std::nullopt;
  const auto id = base::parse_uuid(text);
  if (!id) return unexpected_value(value, "a UUID");
  if (base::is_nil(*id)) return std::nullopt;
  return id;
}

Status add_param(const std::string& name, const Value& value, std::vector<Param>& out) {
  if (auto room = take_room(out, name.size() + value.raw().size(), value); !room) return room;
  const bool is_json = value.type() != Type::kString;
  out.push_back({name, is_json ? std::string(value.raw()) : value.text(), is_json});
  return {};
}

Status read_path_params(const Value& value, std::vector<Param>& out) {
  out.clear();
  if (value.type() == Type::kNull) return {};
  if (!value.is_container()) return unexpected_kind(value, "an object");
  return for_each_member(value, [&](const std::string& name, const Value& param) {
    return add_param(name, param, out);
  });
}

// A list means that the name was repeated; anything nested stays JSON.
Status read_query_params(const Value& value, std::vector<Param>& out) {
  out.clear();
  if (value.type() == Type::kNull) return {};
  if (!value.is_container()) return unexpected_kind(value, "an object");
  return for_each_member(value, [&](const std::string& name, const Value& param) {
    if (param.type() != Type::kArray) return add_param(name, param, out);
    return for_each_element(param,
                            [&](const Value& element) { return add_param(name, element, out); });
  });
}

Status add_header(const std::string& name, const Value& value, std::vector<Header>& out) {
  if (auto room = take_room(out, name.size() + value.raw().size(), value); !room) return room;
  out.push_back({name, scalar_text(value)});
  return {};
}

Status read_headers(const Value& value, std::vector<Header>& out) {
  out.clear();
  if (value.type() == Type::kNull) return {};
  if (!value.is_container()) return unexpected_kind(value, "an object");
  return for_each_member(value, [&](const std::string& name, const Value& header) {
    if (header.type() != Type::kArray) return add_header(name, header, out);
    return for_each_element(header,
                            [&](const Value& element) { return add_header(name, element, out); });
  });
}

Status read_body(const Value& value, Body& out) {
  if (value.type() == Type::kNull) {
    out.bytes.clear();
    return {};
  }
  // The text is not shown: an error message must not carry what was captured.
  const auto refused =
      fail(ErrorCode::kCorrupt, std::string(value.name) + ": expected base64 text");
  if (value.type() != Type::kString) return refused;
  const json::Node& node = value.document[value.node];
  // Most base64 needs no unescaping, and it is most of the message.
  auto bytes = node.escaped ? base::base64_decode(value.text())
                            : base::base64_decode(value.raw().substr(1, value.raw().size() - 2));
  if (!bytes) return refused;
  out.bytes = std::move(*bytes);
  return {};
}

Status read_timestamp(const Value& value, std::int64_t& out) {
  out = 0;
  if (value.type() == Type::kNull) return {};
  const std::string text = value.type() == Type::kString ? value.text() : "?";
  if (text.empty()) return {};
  const auto ns = base::parse_rfc3339(text);
  if (!ns) return unexpected_value(value, "an ISO 8601 time");
  out = *ns;
  return {};
}

// Laravel's default is [""], which means none.
Status read_strings(const Value& value, std::vector<std::string>& out) {
  out.clear();
  if (value.type() == Type::kNull) return {};
  if (value.type() == Type::kString) {
    if (std::string text = value.text(); !text.empty()) out.push_back(std::move(text));
    return {};
  }
  if (value.type() != Type::kArray) return unexpected_kind(value, "a list of strings");
  return for_each_element(value, [&](const Value& element) -> Status {
    if (auto room = take_room(out, element.raw().size(), element); !room) return room;
    if (std::string text = scalar_text(element); !text.empty()) out.push_back(std::move(text));
    return {};
  });
}

// One of the texts of a list, or the text itself: Express sends the referer as a list.
Status read_referer(const Value& value, std::string& out) {
  if (value.type() != Type::kArray) return read_text(value, out);
  out.clear();
  return for_each_element(value, [&](const Value& element) -> Status {
    if (out.empty()) out = scalar_text(element);
    return {};
  });
}

// Text of an error's member, whatever its type: a report is not worth losing for its shape.
ErrorReport read_error(const Value& error) {
  ErrorReport report;
  json::Writer others;
  others.begin_object();
  bool has_others = false;
  (void)for_each_member(error, [&](const std::string& name, const Value& member) -> Status {
    if (name == "when") {
      const auto ns = base::parse_rfc3339(scalar_text(member));
      report.when_ns = ns.value_or(0);
    } else if (name == "error_type") {
      report.error_type = scalar_text(member);
    } else if (name == "message") {
      report.message = scalar_text(member);
    } else if (name == "root_error_type") {
      report.root_error_type = scalar_text(member);
    } else if (name == "root_error_message") {
      report.root_error_message = scalar_text(member);
    } else if (name == "stack_trace") {
      report.stack_trace = scalar_text(member);
    } else {
      others.key(name).raw(member.raw());
      has_others = true;
    }
    return {};
  });
  others.end_object();
  if (has_others) report.other_json = std::move(others).str();
  return report;
}

Status read_errors(const Value& value, std::vector<ErrorReport>& out) {
  out.clear();
  if (value.type() == Type::kNull) return {};
  if (value.type() != Type::kArray) return unexpected_kind(value, "a list of errors");
  return for_each_element(value, [&](const Value& element) -> Status {
    if (element.type() == Type::kNull) return {};
    if (auto room = take_room(out, element.raw().size(), element); !room) return room;
    if (element.type() == Type::kObject) {
      out.push_back(read_error(element));
    } else if (element.type() == Type::kString) {
      out.emplace_back().message = element.text();
    } else {
      const std::string name = "errors[" + std::to_string(out.size()) + "]";
      return unexpected_kind(Value{element.document, element.node, name, element.room},
                             "an object");
    }
    return {};
  });
}

Status read_sample_weight(const Value& value, double& out) {
  if (value.type() == Type::kNull) return {};
  const double weight = value.type() == Type::kNumber ? json::to_double(value.raw()) : 0.0;
  if (!std::isfinite(weight) || weight <= 0) return unexpected_value(value, "a positive number");
  out = weight;
  return {};
}

struct Member {
  std::string_view name;
  Status (*read)(const Value&, Exchange&);
};

constexpr auto kMembers = std::to_array<Member>({
    {"duration", [](const Value& v, Exchange& e) { return read_into(v, e.duration_ns); }},
    {"host", [](const Value& v, Exchange& e) { return read_text(v, e.host); }},
    {"method", [](const Value& v, Exchange& e) { return read_method(v, e.method); }},
    {"path_params", [](const Value& v, Exchange& e) { return read_path_params(v, e.path_params); }},
    {"query_params",
     [](const Value& v, Exchange& e) { return read_query_params(v, e.query_params); }},
    {"request_headers",
     [](const Value& v, Exchange& e) { return read_headers(v, e.request_headers); }},
    {"response_headers",
     [](const Value& v, Exchange& e) { return read_headers(v, e.response_headers); }},
    {"proto_major", [](const Value& v, Exchange& e) { return read_into(v, e.proto_major); }},
    {"proto_minor", [](const Value& v, Exchange& e) { return read_into(v, e.proto_minor); }},
    {"raw_url", [](const Value& v, Exchange& e) { return read_text(v, e.raw_url); }},
    {"url_path", [](const Value& v, Exchange& e) { return read_text(v, e.url_path); }},
    {"referer", [](const Value& v, Exchange& e) { return read_referer(v, e.referer); }},
    {"request_body", [](const Value& v, Exchange& e) { return read_body(v, e.request_body); }},
    {"response_body", [](const Value& v, Exchange& e) { return read_body(v, e.response_body); }},
    {"status_code", [](const Value& v, Exchange& e) { return read_into(v, e.status_code); }},
    {"timestamp", [](const Value& v, Exchange& e) { return read_timestamp(v, e.start_ns); }},
    {"project_id", [](const Value& v, Exchange& e) { return read_text(v, e.project_id); }},
    {"msg_id",
     [](const Value& v,
        Exchange&
            e) { return read_uuid(v).map([&](const auto& id) { e.id = id.value_or(Uuid{}); }); }},
    {"parent_id",
     [](const Value& v,
        Exchange& e) { return read_uuid(v).map([&](const auto& id) { e.parent_id = id; }); }},
    {"service_version",
     [](const Value& v, Exchange& e) { return read_text(v, e.service_version); }},
    {"tags", [](const Value& v, Exchange& e) { return read_strings(v, e.tags); }},
    {"errors", [](const Value& v, Exchange& e) { return read_errors(v, e.errors); }},
    {"sdk_type", [](const Value& v, Exchange& e) { return read_text(v, e.sdk_type); }},
    // What only our own SDK sends.
    {"client_ip", [](const Value& v, Exchange& e) { return read_text(v, e.client_ip); }},
    {"request_body_size",
     [](const Value& v, Exchange& e) { return read_into(v, e.request_body.size); }},
    {"response_body_size",
     [](const Value& v, Exchange& e) { return read_into(v, e.response_body.size); }},
    {"request_body_truncated",
     [](const Value& v, Exchange& e) { return read_flag(v, e.request_body.truncated); }},
    {"response_body_truncated",
     [](const Value& v, Exchange& e) { return read_flag(v, e.response_body.truncated); }},
    {"ttfb", [](const Value& v, Exchange& e) { return read_into(v, e.ttfb_ns); }},
    {"trace_id", [](const Value& v, Exchange& e) { return read_text(v, e.trace_id); }},
    {"span_id", [](const Value& v, Exchange& e) { return read_text(v, e.span_id); }},
    {"parent_span_id", [](const Value& v, Exchange& e) { return read_text(v, e.parent_span_id); }},
    {"consumer", [](const Value& v, Exchange& e) { return read_text(v, e.consumer); }},
    {"sdk_version", [](const Value& v, Exchange& e) { return read_text(v, e.sdk_version); }},
    {"service_name", [](const Value& v, Exchange& e) { return read_text(v, e.service_name); }},
    {"aborted", [](const Value& v, Exchange& e) { return read_flag(v, e.aborted); }},
    {"sample_weight",
     [](const Value& v, Exchange& e) { return read_sample_weight(v, e.sample_weight); }},
    {"redaction", [](const Value& v, Exchange& e) { return read_strings(v, e.redaction); }},
});

// Some SDKs put NUL bytes into the JSON text itself, where no JSON text may have them.
std::string without_nul(std::string_view json) {
  std::string clean(json);
  clean.erase(std::remove(clean.begin(), clean.end(), '\0'), clean.end());
  return clean;
}

Result<Exchange> decode_clean(std::string_view text) {
  const auto document = Document::parse(text);
  if (!document) return tl::unexpected(document.error());
  if ((*document)[0].type != Type::kObject) {
    return fail(ErrorCode::kCorrupt, "message: expected a JSON object");
  }
  Exchange exchange;
  Room room;
  const Value message{*document, 0, "message", &room};
  const Status status = for_each_member(message, [&](const std::string& name, Value value) {
    const auto* member = std::find_if(kMembers.begin(), kMembers.end(),
                                      [&](const Member& known) { return known.name == name; });
    if (member == kMembers.end()) return Status();
    value.name = member->name;
    return member->read(value, exchange);
  });
  if (!status) return tl::unexpected(status.error());
  if (exchange.method.empty()) {
    return fail(ErrorCode::kCorrupt, "method: expected a string, it is missing");
  }
  exchange.direction = direction_of(exchange.sdk_type);
  const Urls urls = normal_urls(exchange);
  exchange.url_path.resize(urls.url_path.size());
  exchange.raw_url.resize(urls.raw_url.size());
  return exchange;
}

}  // namespace

Status read_member(std::string_view name, std::string_view json, Exchange& exchange) {
  const auto document = Document::parse(json);
  if (!document) return tl::unexpected(document.error());
  const auto* member = std::find_if(kMembers.begin(), kMembers.end(),
                                    [&](const Member& known) { return known.name == name; });
  if (member == kMembers.end()) return fail(ErrorCode::kInternal, "no such member");
  Room room;
  return member->read({*document, document->root(), member->name, &room}, exchange);
}

Direction direction_of(std::string_view sdk_type) {
  constexpr std::string_view kSuffix = "Outgoing";
  return sdk_type.ends_with(kSuffix) ? Direction::kOutgoing : Direction::kIncoming;
}

Result<Exchange> decode_message(std::string_view json) {
  if (json.find('\0') == std::string_view::npos) return decode_clean(json);
  return decode_clean(without_nul(json));
}

}  // namespace apitoolkit::wire
