#include "src/wire/otlp_span.h"

#include <algorithm>

#include "src/base/limits.h"

namespace apitoolkit::wire {
namespace {

struct Name {
  std::string_view text;
  Slot slot;
};

// OpenTelemetry's semantic conventions for HTTP: the stable ones (1.23) and those before.
constexpr auto kNames = std::to_array<Name>({
    {"http.request.method", Slot::kMethod},
    {"http.request.method_original", Slot::kMethodOriginal},
    {"http.method", Slot::kOldMethod},
    {"http.response.status_code", Slot::kStatus},
    {"http.status_code", Slot::kOldStatus},
    {"http.route", Slot::kRoute},
    {"http.target", Slot::kTarget},
    {"url.path", Slot::kUrlPath},
    {"url.query", Slot::kUrlQuery},
    {"url.full", Slot::kUrlFull},
    {"http.url", Slot::kOldUrl},
    {"url.scheme", Slot::kUrlScheme},
    {"http.scheme", Slot::kUrlScheme},
    {"url.template", Slot::kUrlTemplate},
    {"server.address", Slot::kServerAddress},
    {"server.port", Slot::kServerPort},
    {"http.host", Slot::kOldHost},
    {"net.host.name", Slot::kOldHostName},
    {"http.server_name", Slot::kOldServerName},
    {"net.host.port", Slot::kOldHostPort},
    {"net.peer.name", Slot::kOldPeerName},
    {"net.peer.port", Slot::kOldPeerPort},
    {"client.address", Slot::kClientAddress},
    {"http.client_ip", Slot::kOldClientIp},
    {"network.peer.address", Slot::kPeerAddress},
    {"net.sock.peer.addr", Slot::kPeerAddress},
    {"net.peer.ip", Slot::kPeerAddress},
    {"network.protocol.version", Slot::kProtocolVersion},
    {"http.flavor", Slot::kOldFlavor},
    {"user_agent.original", Slot::kUserAgent},
    {"http.user_agent", Slot::kUserAgent},
    {"http.request.query_params", Slot::kQueryParams},
    {"http.request.path_params", Slot::kPathParams},
    {"http.request.body", Slot::kRequestBody},
    {"http.response.body", Slot::kResponseBody},
    {"http.request.body.size", Slot::kRequestBodySize},
    {"http.request_content_length", Slot::kRequestBodySize},
    {"http.response.body.size", Slot::kResponseBodySize},
    {"http.response_content_length", Slot::kResponseBodySize},
    {"at-project-key", Slot::kProjectKey},
    {".sdk_type", Slot::kSdkType},
    {".msg_id", Slot::kMsgId},
    {".parent_id", Slot::kParentId},
    {".service_version", Slot::kServiceVersion},
    {".errors", Slot::kErrors},
    {".tags", Slot::kTags},
    {".sdk_version", Slot::kSdkVersion},
    {".consumer", Slot::kConsumer},
    {".ttfb", Slot::kTtfb},
    {".aborted", Slot::kAborted},
    {".request_body_truncated", Slot::kRequestBodyTruncated},
    {".response_body_truncated", Slot::kResponseBodyTruncated},
    {".sample_weight", Slot::kSampleWeight},
    {".redaction", Slot::kRedaction},
});

constexpr std::size_t kBuckets = 256;

constexpr std::size_t bucket_of(std::string_view key) {
  const auto at = [&](std::size_t i) {
    return static_cast<std::size_t>(static_cast<unsigned char>(key[i]));
  };
  const std::size_t size = key.size();
  return (size * 31 + at(size - 1) * 7 + at(size / 2) * 13 + at(size / 4) * 5 + at(size * 3 / 4)) %
         kBuckets;
}

// Open addressing: the index of a name plus one, 0 for none.
constexpr std::array<std::uint8_t, kBuckets> kTable = [] {
  std::array<std::uint8_t, kBuckets> table{};
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    std::size_t bucket = bucket_of(kNames[i].text);
    while (table[bucket] != 0) bucket = (bucket + 1) % kBuckets;
    table[bucket] = static_cast<std::uint8_t>(i + 1);
  }
  return table;
}();

constexpr std::string_view kRequestHeader = "http.request.header.";
constexpr std::string_view kResponseHeader = "http.response.header.";
constexpr std::string_view kOurPrefixes[] = {"apitoolkit", "monoscope"};

Slot slot_of(std::string_view key) {
  for (const std::string_view prefix : kOurPrefixes) {
    if (key.starts_with(prefix)) key.remove_prefix(prefix.size());
  }
  if (key.empty()) return Slot::kCount;
  for (std::size_t bucket = bucket_of(key); kTable[bucket] != 0; bucket = (bucket + 1) % kBuckets) {
    const Name& name = kNames[kTable[bucket] - 1U];
    if (name.text == key) return name.slot;
  }
  return Slot::kCount;
}

}  // namespace

bool is_id(std::string_view bytes, std::size_t size) {
  return bytes.size() == size && bytes.find_first_not_of('\0') != std::string_view::npos;
}

void OtlpSpan::clear() {
  trace_id = span_id = parent_span_id = name = {};
  start_ns = end_ns = 0;
  kind = kUnknown;
  request_headers.clear();
  response_headers.clear();
  exceptions.clear();
  present_ = 0;
}

bool OtlpSpan::read(std::string_view message) {
  clear();
  ProtobufReader reader(message);
  while (reader.next()) {
    const bool is_bytes = reader.is_bytes();
    switch (reader.number()) {
      case 1:
        trace_id = reader.bytes();
        break;
      case 2:
        span_id = reader.bytes();
        break;
      case 4:
        parent_span_id = reader.bytes();
        break;
      case 5:
        name = reader.bytes();
        break;
      case 6:
        kind = reader.integer() <= kProducer ? static_cast<Kind>(reader.integer()) : kUnknown;
        break;
      case 7:
        start_ns = reader.integer();
        break;
      case 8:
        end_ns = reader.integer();
        break;
      case 9:
        if (is_bytes && !read_attribute_of_span(reader.bytes())) return false;
        break;
      case 11:
        if (is_bytes && !read_event(reader.bytes())) return false;
        break;
      default:
        break;
    }
  }
  return !reader.failed();
}

bool OtlpSpan::read_attribute_of_span(std::string_view message) {
  OtlpAttribute attribute;
  if (!read_attribute(message, attribute)) return false;
  std::string_view key = attribute.key;
  for (auto [prefix, headers] : {std::pair(kRequestHeader, &request_headers),
                                 std::pair(kResponseHeader, &response_headers)}) {
    if (!key.starts_with(prefix)) continue;
    key.remove_prefix(prefix.size());
    if (headers->size() <= limits::kHeadersMax) headers->push_back({key, attribute.value});
    return true;
  }
  const Slot slot = slot_of(key);
  if (slot == Slot::kCount) return true;
  values_[static_cast<std::size_t>(slot)] = attribute.value;
  present_ |= std::uint64_t{1} << static_cast<unsigned>(slot);
  return true;
}

bool OtlpSpan::read_event(std::string_view message) {
  ProtobufReader reader(message);
  std::string_view event;
  while (reader.next()) {
    if (reader.number() == 2) event = reader.bytes();
  }
  if (reader.failed()) return false;
  if (event == "exception" && exceptions.size() <= limits::kErrorsMax) {
    exceptions.push_back(message);
  }
  return true;
}

const OtlpValue& OtlpSpan::first(std::initializer_list<Slot> slots) const {
  static constexpr OtlpValue kNone;
  for (const Slot slot : slots) {
    const OtlpValue& value = (*this)[slot];
    const bool is_empty = value.kind == OtlpValue::Kind::kText && value.bytes.empty();
    if (value.kind != OtlpValue::Kind::kNone && !is_empty) return value;
  }
  return kNone;
}

bool OtlpSpan::is_of_sdk() const {
  return name == "monoscope.http" || name == "apitoolkit-http-span" || has(Slot::kSdkType);
}

}  // namespace apitoolkit::wire
