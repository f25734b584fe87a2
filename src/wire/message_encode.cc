// Writing a message: the members and their order as wire/README.md lists them.
#include <algorithm>
#include <functional>
#include <numeric>

#include "src/base/clock.h"
#include "src/base/limits.h"
#include "src/base/uuid.h"
#include "src/json/document.h"
#include "src/json/writer.h"
#include "src/wire/exact_time.h"
#include "src/wire/message.h"
#include "src/wire/message_members.h"
#include "src/wire/url.h"

namespace apitoolkit::wire {
namespace {

void write_header_value(json::Writer& writer, const Header& header) {
  writer.value(header.value);
}

// What claims to be JSON is checked, since one bad value would spoil the whole message.
void write_param_value(json::Writer& writer, const Param& param) {
  if (param.is_json && json::Document::parse(param.value)) {
    writer.raw(param.value);
  } else {
    writer.value(param.value);
  }
}

// Without regard to ASCII case, whatever the locale.
bool header_name_less(std::string_view a, std::string_view b) {
  const auto fold = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) {
    return static_cast<unsigned char>(fold(x)) < static_cast<unsigned char>(fold(y));
  });
}

// An object of names and values: a string for one value, a list for the values of a repeated name.
// Names stand where they first occurred. `needs_list` says of a lone value that it would be read
// back wrongly by itself. Sorting keeps a hostile number of names affordable.
template <class Entry, class Less, class NeedsList, class WriteValue>
void write_entries(json::Writer& writer, const std::vector<Entry>& entries, Less less,
                   NeedsList needs_list, WriteValue write_value) {
  std::vector<std::size_t> by_name(entries.size());
  std::iota(by_name.begin(), by_name.end(), std::size_t{0});
  std::stable_sort(by_name.begin(), by_name.end(), [&](std::size_t a, std::size_t b) {
    return less(entries[a].name, entries[b].name);
  });
  constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  std::vector<std::size_t> next(entries.size(), kNone);  // the next entry of the same name
  std::vector<bool> is_repeat(entries.size());
  for (std::size_t i = 1; i < by_name.size(); ++i) {
    if (less(entries[by_name[i - 1]].name, entries[by_name[i]].name)) continue;
    next[by_name[i - 1]] = by_name[i];
    is_repeat[by_name[i]] = true;
  }
  writer.begin_object();
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (is_repeat[i]) continue;
    writer.key(entries[i].name);
    if (next[i] == kNone && !needs_list(entries[i])) {
      write_value(writer, entries[i]);
      continue;
    }
    writer.begin_array();
    for (std::size_t j = i; j != kNone; j = next[j]) write_value(writer, entries[j]);
    writer.end_array();
  }
  writer.end_object();
}

void write_headers(json::Writer& writer, const std::vector<Header>& headers) {
  write_entries(
      writer, headers, header_name_less, [](const Header&) { return false; }, write_header_value);
}

void write_path_params(json::Writer& writer, const std::vector<Param>& params) {
  write_entries(
      writer, params, std::less<std::string_view>(), [](const Param&) { return false; },
      write_param_value);
}

// In a query a list means a repeated name, so that a value that is a list stands in one.
void write_query_params(json::Writer& writer, const Exchange& exchange) {
  const auto is_list = [](const Param& param) {
    if (!param.is_json) return false;
    const auto document = json::Document::parse(param.value);
    return document && (*document)[0].type == json::Type::kArray;
  };
  write_entries(
      writer, exchange.query_params.empty() ? parse_query(exchange.raw_url) : exchange.query_params,
      std::less<std::string_view>(), is_list, write_param_value);
}

void write_text_or_null(json::Writer& writer, std::string_view name, std::string_view text) {
  writer.key(name);
  if (text.empty()) {
    writer.null();
  } else {
    writer.value(text);
  }
}

void write_strings(json::Writer& writer, const std::vector<std::string>& texts) {
  writer.begin_array();
  for (const std::string& text : texts) writer.value(text);
  writer.end_array();
}

// How a time is written.
using TimeFormat = std::string (*)(std::int64_t unix_ns);

void write_error(json::Writer& writer, const ErrorReport& error, TimeFormat time) {
  writer.begin_object().key("when");
  if (error.when_ns == 0) {
    writer.null();
  } else {
    writer.value(time(error.when_ns));
  }
  writer.key("error_type").value(error.error_type);
  writer.key("message").value(error.message);
  writer.key("root_error_type").value(error.root_error_type);
  writer.key("root_error_message").value(error.root_error_message);
  writer.key("stack_trace").value(error.stack_trace);
  if (const auto others = json::Document::parse(error.other_json);
      others && (*others)[0].type == json::Type::kObject) {
    std::uint32_t node = 1;
    for (std::uint32_t i = 0; i < (*others)[0].count; ++i) {
      writer.key(others->text(node));
      node = (*others)[node].next;
      writer.raw(others->raw(node));
      node = (*others)[node].next;
    }
  }
  writer.end_object();
}

void write_errors(json::Writer& writer, const std::vector<ErrorReport>& errors, TimeFormat time) {
  writer.begin_array();
  for (const ErrorReport& error : errors) write_error(writer, error, time);
  writer.end_array();
}

void write_request_line(json::Writer& writer, const Exchange& exchange) {
  writer.key("duration").value(exchange.duration_ns);
  writer.key("host").value(exchange.host);
  writer.key("method").value(exchange.method);
  writer.key("path_params");
  write_path_params(writer, exchange.path_params);
  writer.key("query_params");
  write_query_params(writer, exchange);
  writer.key("request_headers");
  write_headers(writer, exchange.request_headers);
  writer.key("response_headers");
  write_headers(writer, exchange.response_headers);
  writer.key("proto_major").value(exchange.proto_major);
  writer.key("proto_minor").value(exchange.proto_minor);
  const Urls urls = normal_urls(exchange);
  writer.key("raw_url").value(urls.raw_url);
  // For a route that did not match: the path.
  writer.key("url_path")
      .value(urls.url_path.empty() ? urls.raw_url.substr(0, urls.raw_url.find('?'))
                                   : urls.url_path);
  writer.key("referer").value(exchange.referer);
}

void write_identity(json::Writer& writer, const Exchange& exchange, TimeFormat time) {
  writer.key("status_code").value(exchange.status_code);
  writer.key("timestamp").value(time(exchange.start_ns));
  writer.key("project_id").value(exchange.project_id);
  write_text_or_null(writer, "msg_id",
                     base::is_nil(exchange.id) ? "" : base::format_uuid(exchange.id));
  write_text_or_null(writer, "parent_id",
                     exchange.parent_id ? base::format_uuid(*exchange.parent_id) : "");
  write_text_or_null(writer, "service_version", exchange.service_version);
  writer.key("tags");
  write_strings(writer, exchange.tags);
  writer.key("errors");
  write_errors(writer, exchange.errors, time);
  writer.key("sdk_type").value(exchange.sdk_type);
}

// What only we send; left out where there is nothing to say.
void write_extras(json::Writer& writer, const Exchange& exchange) {
  const auto text = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) writer.key(name).value(value);
  };
  const auto number = [&](std::string_view name, std::int64_t value) {
    if (value >= 0) writer.key(name).value(value);
  };
  const auto flag = [&](std::string_view name, bool value) {
    if (value) writer.key(name).value(true);
  };
  text("client_ip", exchange.client_ip);
  number("request_body_size", exchange.request_body.size);
  number("response_body_size", exchange.response_body.size);
  flag("request_body_truncated", exchange.request_body.truncated);
  flag("response_body_truncated", exchange.response_body.truncated);
  number("ttfb", exchange.ttfb_ns);
  text("trace_id", exchange.trace_id);
  text("span_id", exchange.span_id);
  text("parent_span_id", exchange.parent_span_id);
  text("consumer", exchange.consumer);
  text("sdk_version", exchange.sdk_version);
  text("service_name", exchange.service_name);
  flag("aborted", exchange.aborted);
  if (exchange.sample_weight != 1.0) writer.key("sample_weight").value(exchange.sample_weight);
  if (!exchange.redaction.empty()) {
    writer.key("redaction");
    write_strings(writer, exchange.redaction);
  }
}

std::string write_members(const Exchange& exchange, TimeFormat time) {
  json::Writer writer;
  writer.begin_object();
  write_request_line(writer, exchange);
  writer.key("request_body").base64(exchange.request_body.bytes);
  writer.key("response_body").base64(exchange.response_body.bytes);
  write_identity(writer, exchange, time);
  write_extras(writer, exchange);
  writer.end_object();
  return std::move(writer).str();
}

bool is_short_enough(const std::string& message) {
  return static_cast<std::int64_t>(message.size()) <= limits::kMessageBytesMax;
}

}  // namespace

std::string write_members(const Exchange& exchange) {
  return write_members(exchange, base::format_rfc3339);
}

std::string path_params_json(const Exchange& exchange) {
  json::Writer writer;
  write_path_params(writer, exchange.path_params);
  return std::move(writer).str();
}

std::string query_params_json(const Exchange& exchange) {
  json::Writer writer;
  write_query_params(writer, exchange);
  return std::move(writer).str();
}

std::string errors_json(const Exchange& exchange) {
  json::Writer writer;
  write_errors(writer, exchange.errors, base::format_rfc3339);
  return std::move(writer).str();
}

std::string encode_message(const Exchange& exchange) {
  if (!may_exceed_limits(exchange)) {
    std::string message = write_members(exchange);
    if (is_short_enough(message)) return message;
  }
  return write_members(fitted(exchange));
}

std::string encode_stored_message(const Exchange& exchange) {
  if (!may_exceed_limits(exchange)) {
    std::string message = write_members(exchange, format_exact_time);
    if (is_short_enough(message)) return message;
  }
  return encode_message(exchange);
}

}  // namespace apitoolkit::wire
