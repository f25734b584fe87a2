// payload  := kind:u8 rest
//             kind 1: rest = fields
//             kind 2: rest = one zstd frame that tells its size and holds fields
// fields   := field*
// field    := tag:varint length:varint bytes[length]
//
// What the bytes are follows from the tag (the enums below): text and bytes as they are; an integer
// as a zigzag varint; a flag as an integer; a double as its 8 bytes, least significant first; an
// id as 16 bytes; a header, parameter, body or error as fields with tags of their own. A list is
// its tag repeated, in order. A varint has 7 bits a byte, least significant first, the high bit set
// in all but the last.
//
// A field with its default value is left out. Readers skip tags that they do not know, so a field
// may be added without a new kind; a tag is never used twice for different things.
#include "src/server/store/sqlite/record_codec.h"

#include <zstd.h>

#include <optional>
#include <utility>

#include "src/base/limits.h"
#include "src/base/uuid.h"
#include "src/server/store/sqlite/tagged_fields.h"

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
requires std::same_as<std::remove_const_t<T>, Body>
void fields(Io& io, T& body) {
  io.text(1, body.bytes);
  io.integer(2, body.size, -1);
  io.integer(3, body.truncated, false);
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

constexpr char kPlain = 1;
constexpr char kCompressed = 2;
constexpr int kCompressionLevel = 1;  // the ingest path: level 3 saves 3 % and takes twice the time
constexpr std::size_t kCompressedBytesMin = 128;  // below, a frame's overhead eats the gain

// The record, with what can be derived from other fields only where it differs from that.
template <class R>
struct Stored {
  R& record;
  RecordPart part = RecordPart::kWhole;
  std::optional<Uuid> id{};                 // Exchange::id where it is not the identity
  std::optional<std::string> project_id{};  // where it is not the project's text
};

template <class Io, class R>
void column_fields(Io& io, R& record) {
  io.id(1, record.project);
  io.id(2, record.identity);
  io.integer(3, record.exchange.start_ns, 0);
  io.integer(4, record.exchange.direction, Direction::kIncoming);
  io.integer(5, record.exchange.status_code, 0);
  io.text(6, record.exchange.method);
  io.text(7, record.exchange.url_path);
  io.optional_id(8, record.exchange.parent_id);
}

template <class Io, class S>
void all_fields(Io& io, S& stored) {
  auto& record = stored.record;
  auto& exchange = record.exchange;
  if (stored.part == RecordPart::kWhole) column_fields(io, record);
  io.integer(9, record.received_ns, 0);
  io.integer(10, record.timestamp_corrected, false);
  io.optional_id(11, stored.id);
  io.optional_text(12, stored.project_id);
  io.text(13, exchange.sdk_type);
  io.integer(14, exchange.duration_ns, 0);
  io.integer(15, exchange.ttfb_ns, -1);
  io.text(16, exchange.host);
  io.text(17, exchange.raw_url);
  io.text(18, exchange.referer);
  io.integer(19, exchange.proto_major, 1);
  io.integer(20, exchange.proto_minor, 1);
  io.list(21, exchange.path_params);
  io.list(22, exchange.query_params);
  io.list(23, exchange.request_headers);
  io.list(24, exchange.response_headers);
  io.group(25, exchange.request_body);
  io.group(26, exchange.response_body);
  io.list(27, exchange.errors);
  io.texts(28, exchange.tags);
  io.text(29, exchange.service_version);
  io.text(30, exchange.client_ip);
  io.text(31, exchange.trace_id);
  io.text(32, exchange.span_id);
  io.text(33, exchange.parent_span_id);
  io.text(34, exchange.consumer);
  io.text(35, exchange.sdk_version);
  io.integer(36, exchange.aborted, false);
  io.real(37, exchange.sample_weight, 1.0);
  io.texts(38, exchange.redaction);
  io.text(39, exchange.service_name);
}

tl::unexpected<Error> damaged(const char* what) {
  return fail(ErrorCode::kCorrupt, std::string("a stored exchange is damaged: ") + what);
}

}  // namespace

struct RecordEncoder::Memory {
  std::string fields;
  std::string payload;
  std::unique_ptr<ZSTD_CCtx, std::size_t (*)(ZSTD_CCtx*)> zstd{ZSTD_createCCtx(), ZSTD_freeCCtx};
};

RecordEncoder::RecordEncoder() : memory_(std::make_unique<Memory>()) {}
RecordEncoder::~RecordEncoder() = default;
RecordEncoder::RecordEncoder(RecordEncoder&&) noexcept = default;
RecordEncoder& RecordEncoder::operator=(RecordEncoder&&) noexcept = default;

Result<std::string_view> RecordEncoder::encode(const Record& record, RecordPart part) {
  Stored<const Record> stored{record, part};
  if (record.exchange.id != record.identity) stored.id = record.exchange.id;
  if (record.exchange.project_id != base::format_uuid(record.project)) {
    stored.project_id = record.exchange.project_id;
  }
  std::string& plain = memory_->fields;
  std::string& payload = memory_->payload;
  plain.assign(1, kPlain);
  FieldWriter writer(plain);
  all_fields(writer, stored);
  const std::string_view fields_only = std::string_view(plain).substr(1);
  if (fields_only.size() > static_cast<std::size_t>(limits::kStoredRecordBytesMax)) {
    return fail(ErrorCode::kInvalidArgument, "exchange " + base::format_uuid(record.identity) +
                                                 " is too big to be stored (" +
                                                 std::to_string(fields_only.size()) + " bytes)");
  }
  if (fields_only.size() < kCompressedBytesMin) return std::string_view(plain);

  payload.resize(1 + ZSTD_compressBound(fields_only.size()));
  payload[0] = kCompressed;
  ZSTD_CCtx* const zstd = memory_->zstd.get();
  ZSTD_CCtx_setParameter(zstd, ZSTD_c_compressionLevel, kCompressionLevel);
  ZSTD_CCtx_setParameter(zstd, ZSTD_c_checksumFlag, 1);  // SQLite's pages have none
  const std::size_t size = ZSTD_compress2(zstd, payload.data() + 1, payload.size() - 1,
                                          fields_only.data(), fields_only.size());
  if (ZSTD_isError(size)) return fail(ErrorCode::kInternal, ZSTD_getErrorName(size));
  payload.resize(1 + size);
  return payload.size() < plain.size() ? std::string_view(payload) : std::string_view(plain);
}

struct RecordDecoder::Memory {
  std::string fields;
  std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> zstd{ZSTD_createDCtx(), ZSTD_freeDCtx};
};

RecordDecoder::RecordDecoder() : memory_(std::make_unique<Memory>()) {}
RecordDecoder::~RecordDecoder() = default;
RecordDecoder::RecordDecoder(RecordDecoder&&) noexcept = default;
RecordDecoder& RecordDecoder::operator=(RecordDecoder&&) noexcept = default;

Status RecordDecoder::decode(std::string_view payload, Record& record) {
  if (payload.empty()) return damaged("it is empty");
  const char kind = payload[0];
  std::string_view plain = payload.substr(1);
  if (kind == kCompressed) {
    const unsigned long long size = ZSTD_getFrameContentSize(plain.data(), plain.size());
    // The two error values are far above the limit, too.
    if (size > static_cast<unsigned long long>(limits::kStoredRecordBytesMax)) {
      return damaged("its compressed size is wrong");
    }
    std::string& out = memory_->fields;
    out.resize(static_cast<std::size_t>(size));
    const std::size_t got = ZSTD_decompressDCtx(memory_->zstd.get(), out.data(), out.size(),
                                                plain.data(), plain.size());
    if (ZSTD_isError(got) || got != out.size()) return damaged("it cannot be decompressed");
    plain = out;
  } else if (kind != kPlain) {
    return damaged("its kind is unknown");
  }
  Stored<Record> stored{record, RecordPart::kWhole};
  FieldReader reader(plain);
  while (reader.next()) all_fields(reader, stored);
  if (!reader.ok()) return damaged("its fields cannot be read");
  record.exchange.id = stored.id.value_or(record.identity);
  record.exchange.project_id =
      stored.project_id ? std::move(*stored.project_id) : base::format_uuid(record.project);
  return {};
}

}  // namespace apitoolkit::server::store
