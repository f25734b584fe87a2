// fields   := field*
// field    := tag:varint length:varint bytes[length]
//
// What the bytes are follows from the tag (the enums below): text and bytes as they are; an integer
// as a zigzag varint; a flag as an integer; an id as 16 bytes; a header, parameter or error as
// fields with tags of their own. A list is its tag repeated, in order. A varint has 7 bits a byte,
// least significant first, the high bit set in all but the last.
//
// A field with its default value is left out. Readers skip tags that they do not know, so a field
// may be added; a tag is never used twice for different things.
#include "src/server/store/block/record_fields.h"

#include <optional>
#include <utility>

#include "src/base/limits.h"
#include "src/base/uuid.h"
#include "src/server/store/block/tagged_fields.h"

namespace apitoolkit::server::store {

template <class Io, class T>
requires std::same_as<std::remove_const_t<T>, Header>
void fields(Io& io, T& header) {
  io.text(1, header.name);
  io.text(2, header.value);
}

template <class Io, class T>
requires std::same_as<std::remove_const_t<T>, Param>
void fields(Io& io, T& param) {
  io.text(1, param.name);
  io.text(2, param.value);
  io.integer(3, param.is_json, false);
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
  io.text(7, exchange.request_body.bytes);
  io.text(8, exchange.response_body.bytes);
  io.list(9, exchange.errors);
  io.texts(10, exchange.tags);
  io.texts(11, exchange.redaction);
}

}  // namespace

Status append_record_fields(const Record& record, std::string& out) {
  Stored<const Record> stored{record};
  if (record.exchange.id != record.identity) stored.id = record.exchange.id;
  if (record.exchange.project_id != base::format_uuid(record.project)) {
    stored.project_id = record.exchange.project_id;
  }
  const std::size_t before = out.size();
  FieldWriter writer(out);
  all_fields(writer, stored);
  const std::size_t size = out.size() - before;
  if (size <= static_cast<std::size_t>(limits::kStoredRecordBytesMax)) return {};
  out.resize(before);
  return fail(ErrorCode::kInvalidArgument, "exchange " + base::format_uuid(record.identity) +
                                               " is too big to be stored (" + std::to_string(size) +
                                               " bytes)");
}

Status read_record_fields(std::string_view bytes, Record& record) {
  Stored<Record> stored{record};
  FieldReader reader(bytes);
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
