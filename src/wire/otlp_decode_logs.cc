// Log records of a trace.
//
//   LogRecord{fixed64 time=1; severity_number=2; severity_text=3; AnyValue body=5; attributes=6;
//             bytes trace_id=9, span_id=10; fixed64 observed_time=11; event_name=12}
#include <limits>
#include <utility>

#include "src/json/writer.h"
#include "src/wire/otlp_decode.h"
#include "src/wire/otlp_exchange.h"
#include "src/wire/otlp_groups.h"
#include "src/wire/otlp_value.h"

namespace apitoolkit::wire {
namespace {

struct RecordView {
  std::uint64_t time_ns = 0, observed_ns = 0, severity = 0;
  std::string_view severity_text, trace_id, span_id, event_name;
  OtlpValue body;
};

bool read_record(std::string_view message, RecordView& record) {
  record = {};
  ProtobufReader reader(message);
  while (reader.next()) {
    switch (reader.number()) {
      case 1:
        record.time_ns = reader.integer();
        break;
      case 2:
        record.severity = reader.integer();
        break;
      case 3:
        record.severity_text = reader.bytes();
        break;
      case 5:
        if (!read_value(reader.bytes(), record.body)) return false;
        break;
      case 9:
        record.trace_id = reader.bytes();
        break;
      case 10:
        record.span_id = reader.bytes();
        break;
      case 11:
        record.observed_ns = reader.integer();
        break;
      case 12:
        record.event_name = reader.bytes();
        break;
      default:
        break;
    }
  }
  return !reader.failed();
}

void write_if_any(std::string_view key, std::string_view text, json::Writer& out) {
  if (!text.empty()) out.key(key).value(text);
}

// Every attribute of the record, and what else there is no member for.
bool write_attributes(std::string_view message, const RecordView& record,
                      const OtlpResourceView& resource, json::Writer& out) {
  out.begin_object();
  write_if_any("service.name", resource.service_name, out);
  write_if_any("severity_text", record.severity_text, out);
  write_if_any("event_name", record.event_name, out);
  OtlpAttribute attribute;
  const bool whole = for_each_message(message, 6, [&](std::string_view bytes) {
    if (!read_attribute(bytes, attribute)) return false;
    out.key(attribute.key);
    write_json(attribute.value, out);
    return true;
  });
  out.end_object();
  return whole;
}

Status add_record(std::string_view message, const OtlpResourceView& resource, Room& room,
                  OtlpLogs& out) {
  constexpr std::uint64_t kTimeMax = std::numeric_limits<std::int64_t>::max();
  constexpr std::uint64_t kSeverityMax = 24;
  // Text in JSON takes at most six bytes for one.
  constexpr std::size_t kGrowthMax = 6;
  RecordView record;
  if (!read_record(message, record)) return not_protobuf("a log record");
  if (!is_id(record.trace_id, 16)) {
    ++out.without_trace;
    return {};
  }
  if (!room.take(sizeof(OtlpLog) + message.size() * kGrowthMax + resource.service_name.size())) {
    return too_large();
  }
  json::Writer attributes;
  if (!write_attributes(message, record, resource, attributes)) {
    return not_protobuf("a log record");
  }
  const std::uint64_t time_ns = record.time_ns > 0 ? record.time_ns : record.observed_ns;
  OtlpLog log;
  log.trace_id = hex_of(record.trace_id);
  if (is_id(record.span_id, 8)) log.span_id = hex_of(record.span_id);
  log.time_ns = time_ns <= kTimeMax ? static_cast<std::int64_t>(time_ns) : 0;
  log.severity = record.severity <= kSeverityMax ? static_cast<int>(record.severity) : 0;
  log.body = text_of(record.body);
  log.attributes_json = std::move(attributes).str();
  out.logs.push_back(std::move(log));
  return {};
}

}  // namespace

Result<OtlpLogs> decode_logs(std::span<const OtlpPart> parts) {
  OtlpLogs out;
  Room room;
  for (const OtlpPart& part : parts) {
    std::string_view message;
    OtlpResourceView resource;
    if (!find_resource(part.group, message) || !read_resource(message, resource)) {
      return not_protobuf("a resource");
    }
    Status status;
    const bool whole = for_each_entry(part.group, [&](std::string_view record) {
      status = add_record(record, resource, room, out);
      return status.has_value();
    });
    if (!status) return tl::unexpected(status.error());
    if (!whole) return not_protobuf("a group of log records");
  }
  return out;
}

}  // namespace apitoolkit::wire
