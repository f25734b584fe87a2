// The fields are those of the functions below, by their tags, as shape_fields.h has them. A list is
// its tag repeated, in order. A field may be added; a tag is never used twice for different things.
#include "src/server/store/block/record_fields.h"

#include <optional>
#include <utility>

#include "src/base/uuid.h"
#include "src/server/store/block/shape_fields.h"

namespace apitoolkit::server::store {

template <class Io, class T>
requires std::same_as<std::remove_const_t<T>, Header>
void fields(Io& io, T& header) {
  io.name(1, header.name);
  io.text(2, header.value);
}

template <class Io, class T>
requires std::same_as<std::remove_const_t<T>, Param>
void fields(Io& io, T& param) {
  io.name(1, param.name);
  io.text(2, param.value);
  io.flag(3, param.is_json);
}

template <class Io, class T>
requires std::same_as<std::remove_const_t<T>, ErrorReport>
void fields(Io& io, T& error) {
  io.integer(1, error.when_ns, 0);
  io.text(2, error.error_type);
  io.text(3, error.message);
  io.text(4, error.root_error_type);
  io.text(5, error.root_error_message);
  io.text(6, error.stack_trace);
  io.text(7, error.other_json);
}

namespace {

// The record, with what can be derived from other fields only where it differs from that.
template <class R>
struct Stored {
  R& record;
  std::optional<Uuid> id{};                 // Exchange::id where it is not the identity
  std::optional<std::string> project_id{};  // where it is not the project's text
};

template <class Io, class S>
void all_fields(Io& io, S& stored) {
  auto& exchange = stored.record.exchange;
  io.optional_id(1, stored.id);
  io.optional_text(2, stored.project_id);
  io.list(3, exchange.path_params);
  io.list(4, exchange.query_params);
  io.list(5, exchange.request_headers);
  io.list(6, exchange.response_headers);
  io.list(7, exchange.errors);
  io.texts(8, exchange.tags);
  io.texts(9, exchange.redaction);
}

template <class Pair>
std::size_t bytes_of(const std::vector<Pair>& pairs) {
  std::size_t bytes = 0;
  for (const Pair& pair : pairs) bytes += pair.name.size() + pair.value.size() + 4;
  return bytes;
}

std::size_t bytes_of(const std::vector<std::string>& texts) {
  std::size_t bytes = 0;
  for (const std::string& text : texts) bytes += text.size() + 2;
  return bytes;
}

}  // namespace

std::int64_t record_fields_bytes(const Record& record) {
  const Exchange& exchange = record.exchange;
  std::size_t bytes = exchange.request_body.bytes.size() + exchange.response_body.bytes.size() +
                      exchange.project_id.size() + bytes_of(exchange.path_params) +
                      bytes_of(exchange.query_params) + bytes_of(exchange.request_headers) +
                      bytes_of(exchange.response_headers) + bytes_of(exchange.tags) +
                      bytes_of(exchange.redaction);
  for (const ErrorReport& error : exchange.errors) {
    bytes += error.error_type.size() + error.message.size() + error.root_error_type.size() +
             error.root_error_message.size() + error.stack_trace.size() + error.other_json.size() +
             sizeof error.when_ns;
  }
  return static_cast<std::int64_t>(bytes);
}

void append_record_fields(const Record& record, ValueStreamsWriter& values, std::string& shape) {
  Stored<const Record> stored{record};
  if (record.exchange.id != record.identity) stored.id = record.exchange.id;
  if (record.exchange.project_id != base::format_uuid(record.project)) {
    stored.project_id = record.exchange.project_id;
  }
  ShapeFieldWriter writer(values, shape);
  all_fields(writer, stored);
  writer.end();
}

Status read_record_fields(Shape shape, const ValueStreamsReader& values,
                          std::span<const std::uint32_t> places, Record& record) {
  Stored<Record> stored{record};
  ShapeFieldReader reader(shape, values, places);
  while (reader.next()) all_fields(reader, stored);
  if (!reader.ok()) {
    return fail(ErrorCode::kCorrupt, "a stored exchange is damaged: its fields cannot be read");
  }
  record.exchange.id = stored.id.value_or(record.identity);
  record.exchange.project_id =
      stored.project_id ? std::move(*stored.project_id) : base::format_uuid(record.project);
  return {};
}

}  // namespace apitoolkit::server::store
