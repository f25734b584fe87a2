#include "src/server/store/block/columns.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>
#include <utility>

#include "src/server/store/block/text_hash.h"
#include "src/server/store/block/value_kind.h"
#include "src/server/store/block/varint.h"

namespace apitoolkit::server::store {
namespace {

constexpr std::size_t kIdDigitsMin = 16;
constexpr std::size_t kSlotsMin = 16;

constexpr std::int64_t bit_if(bool condition, std::int64_t flag) {
  return condition ? flag : 0;
}

void set_flags(Record& record, std::int64_t flags) {
  Exchange& exchange = record.exchange;
  exchange.direction = (flags & kFlagOutgoing) != 0 ? Direction::kOutgoing : Direction::kIncoming;
  exchange.aborted = (flags & kFlagAborted) != 0;
  record.timestamp_corrected = (flags & kFlagTimestampCorrected) != 0;
  exchange.request_body.truncated = (flags & kFlagRequestTruncated) != 0;
  exchange.response_body.truncated = (flags & kFlagResponseTruncated) != 0;
}

std::int64_t flags_of(const Record& record) {
  const Exchange& exchange = record.exchange;
  return bit_if(exchange.direction == Direction::kOutgoing, kFlagOutgoing) |
         bit_if(exchange.aborted, kFlagAborted) |
         bit_if(record.timestamp_corrected, kFlagTimestampCorrected) |
         bit_if(exchange.request_body.truncated, kFlagRequestTruncated) |
         bit_if(exchange.response_body.truncated, kFlagResponseTruncated);
}

std::int64_t difference(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

std::int64_t sum(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

template <class R>
auto* plain_text(R& exchange, TextColumn column) {
  switch (column) {
    case TextColumn::kMethod:
      return &exchange.method;
    case TextColumn::kHost:
      return &exchange.host;
    case TextColumn::kUrlPath:
      return &exchange.url_path;
    case TextColumn::kRawUrl:
      return &exchange.raw_url;
    case TextColumn::kReferer:
      return &exchange.referer;
    case TextColumn::kClientIp:
      return &exchange.client_ip;
    case TextColumn::kConsumer:
      return &exchange.consumer;
    case TextColumn::kService:
      return &exchange.service_name;
    case TextColumn::kServiceVersion:
      return &exchange.service_version;
    case TextColumn::kSdkType:
      return &exchange.sdk_type;
    case TextColumn::kSdkVersion:
      return &exchange.sdk_version;
    case TextColumn::kTraceId:
      return &exchange.trace_id;
    case TextColumn::kSpanId:
      return &exchange.span_id;
    case TextColumn::kParentSpanId:
      return &exchange.parent_span_id;
    case TextColumn::kParent:
    case TextColumn::kSampleWeight:
      break;
  }
  return static_cast<decltype(&exchange.method)>(nullptr);
}

int width_of(std::uint64_t range) {
  return (static_cast<int>(std::bit_width(range)) + 7) / 8;
}

template <class T>
void append_planes(const T* values, std::size_t rows, std::uint64_t base, int width,
                   std::string& out) {
  for (int plane = 0; plane < width; ++plane) {
    const std::size_t begin = out.size();
    out.resize(begin + rows);
    char* const bytes = out.data() + begin;
    for (std::size_t i = 0; i < rows; ++i) {
      bytes[i] = static_cast<char>((static_cast<std::uint64_t>(values[i]) - base) >> (8 * plane));
    }
  }
}

template <class T>
bool take_planes(std::string_view& bytes, std::size_t rows, std::uint64_t base, int width,
                 std::vector<T>& values) {
  if (bytes.size() < rows * static_cast<std::size_t>(width)) return false;
  values.assign(rows, static_cast<T>(base));
  for (int plane = 0; plane < width; ++plane) {
    const char* const plane_bytes = bytes.data() + static_cast<std::size_t>(plane) * rows;
    for (std::size_t i = 0; i < rows; ++i) {
      values[i] = static_cast<T>(
          static_cast<std::uint64_t>(values[i]) +
          (static_cast<std::uint64_t>(static_cast<std::uint8_t>(plane_bytes[i])) << (8 * plane)));
    }
  }
  bytes.remove_prefix(rows * static_cast<std::size_t>(width));
  return true;
}

}  // namespace

std::int64_t number_of(const Record& record, NumberColumn column) {
  const Exchange& exchange = record.exchange;
  switch (column) {
    case NumberColumn::kStart:
      return exchange.start_ns;
    case NumberColumn::kReceived:
      return difference(record.received_ns, exchange.start_ns);
    case NumberColumn::kDuration:
      return exchange.duration_ns;
    case NumberColumn::kTtfb:
      return exchange.ttfb_ns;
    case NumberColumn::kStatus:
      return exchange.status_code;
    case NumberColumn::kRequestSize:
      return exchange.request_body.size;
    case NumberColumn::kResponseSize:
      return exchange.response_body.size;
    case NumberColumn::kFlags:
      return flags_of(record);
    case NumberColumn::kProtoMajor:
      return exchange.proto_major;
    case NumberColumn::kProtoMinor:
      return exchange.proto_minor;
    case NumberColumn::kLocation:
      break;
  }
  return 0;
}

void set_number(Record& record, NumberColumn column, std::int64_t value) {
  Exchange& exchange = record.exchange;
  switch (column) {
    case NumberColumn::kStart:
      exchange.start_ns = value;
      break;
    case NumberColumn::kReceived:
      record.received_ns = sum(value, exchange.start_ns);
      break;
    case NumberColumn::kDuration:
      exchange.duration_ns = value;
      break;
    case NumberColumn::kTtfb:
      exchange.ttfb_ns = value;
      break;
    case NumberColumn::kStatus:
      exchange.status_code = static_cast<int>(value);
      break;
    case NumberColumn::kRequestSize:
      exchange.request_body.size = value;
      break;
    case NumberColumn::kResponseSize:
      exchange.response_body.size = value;
      break;
    case NumberColumn::kFlags:
      set_flags(record, value);
      break;
    case NumberColumn::kProtoMajor:
      exchange.proto_major = static_cast<int>(value);
      break;
    case NumberColumn::kProtoMinor:
      exchange.proto_minor = static_cast<int>(value);
      break;
    case NumberColumn::kLocation:
      break;
  }
}

std::string_view text_of(const Record& record, TextColumn column, std::string& scratch) {
  const Exchange& exchange = record.exchange;
  if (const std::string* text = plain_text(exchange, column)) return *text;
  if (column == TextColumn::kParent) {
    if (!exchange.parent_id) return {};
    return {reinterpret_cast<const char*>(exchange.parent_id->data()), exchange.parent_id->size()};
  }
  const auto bits = std::bit_cast<std::uint64_t>(exchange.sample_weight);
  if (bits == std::bit_cast<std::uint64_t>(1.0)) return {};
  scratch.resize(sizeof bits);
  for (std::size_t i = 0; i < sizeof bits; ++i) scratch[i] = static_cast<char>(bits >> (8 * i));
  return scratch;
}

bool set_text(Record& record, TextColumn column, std::string_view text) {
  Exchange& exchange = record.exchange;
  if (std::string* plain = plain_text(exchange, column)) {
    plain->assign(text);
    return true;
  }
  if (text.empty()) {
    column == TextColumn::kParent ? exchange.parent_id.reset() : void(exchange.sample_weight = 1.0);
    return true;
  }
  if (column == TextColumn::kParent) {
    Uuid& parent = exchange.parent_id.emplace();
    if (text.size() != parent.size()) return false;
    std::copy(text.begin(), text.end(), parent.begin());
    return true;
  }
  std::uint64_t bits = 0;
  if (text.size() != sizeof bits) return false;
  for (std::size_t i = 0; i < sizeof bits; ++i) {
    bits |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(text[i])) << (8 * i);
  }
  exchange.sample_weight = std::bit_cast<double>(bits);
  return true;
}

void Texts::add(std::string_view text) {
  // Neighbours are often equal, and comparing is cheaper than hashing.
  if (!codes_.empty() && same_text(at(codes_.size() - 1), text)) {
    codes_.push_back(codes_.back());
    return;
  }
  codes_.push_back(intern(text));
}

std::uint32_t Texts::intern(std::string_view text) {
  if (table_.size() < 2 * (ends_.size() + 1)) grow_table();
  const std::size_t mask = table_.size() - 1;
  const auto hash = static_cast<std::uint32_t>(text_hash(text));
  std::size_t slot = hash & mask;
  for (; table_[slot].code_plus_1 != 0; slot = (slot + 1) & mask) {
    const Slot& taken = table_[slot];
    if (taken.hash == hash && same_text(value(taken.code_plus_1 - 1), text)) {
      return taken.code_plus_1 - 1;
    }
  }
  bytes_ += text;
  ends_.push_back(static_cast<std::uint32_t>(bytes_.size()));
  table_[slot] = {hash, distinct()};
  return distinct() - 1;
}

void Texts::grow_table() {
  std::vector<Slot> larger(std::max(table_.size() * 2, kSlotsMin));
  const std::size_t mask = larger.size() - 1;
  const auto place = [&](const Slot& one) {
    std::size_t slot = one.hash & mask;
    while (larger[slot].code_plus_1 != 0) slot = (slot + 1) & mask;
    larger[slot] = one;
  };
  if (table_.empty()) {
    for (std::uint32_t code = 0; code < distinct(); ++code) {
      place({static_cast<std::uint32_t>(text_hash(value(code))), code + 1});
    }
  } else {
    for (const Slot& one : table_) {
      if (one.code_plus_1 != 0) place(one);
    }
  }
  table_ = std::move(larger);
}

void Texts::clear() {
  // A table that is larger than its texts need is emptied at every page and is in no cache.
  const std::size_t needed = std::bit_ceil(std::size_t{2} * (distinct() + 1));
  table_.assign(std::min(table_.size(), std::max(needed, kSlotsMin)), Slot{});
  bytes_.clear();
  ends_.clear();
  codes_.clear();
}

void Texts::reorder(std::span<const std::uint32_t> order) {
  std::vector<std::uint32_t> codes(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) codes[i] = codes_[order[i]];
  codes_ = std::move(codes);
}

// How many bytes each text is the digits of, if all are ids of one length; else 0.
std::size_t Texts::id_bytes() const {
  if (ends_.empty() || ends_[0] < kIdDigitsMin || ends_[0] % 2 != 0) return 0;
  const std::size_t digits = ends_[0];
  if (digits > 2 * kIdBytesMax || bytes_.size() != digits * ends_.size()) return 0;
  IdBytes id;
  for (std::uint32_t code = 0; code < distinct(); ++code) {
    if (value(code).size() != digits || !take_hex(value(code), id.data())) return 0;
  }
  return digits / 2;
}

void Texts::append_values(std::string& out) const {
  const std::size_t size = id_bytes();
  append_varint(std::uint64_t{distinct()} << 1 | (size != 0 ? 1 : 0), out);
  if (size == 0) {
    for (std::uint32_t code = 0; code < distinct(); ++code) append_varint(value(code).size(), out);
    out += bytes_;
    return;
  }
  append_varint(size, out);
  IdBytes id;
  for (std::uint32_t code = 0; code < distinct(); ++code) {
    take_hex(value(code), id.data());
    out.append(id.data(), size);
  }
}

bool Texts::take_values(std::string_view& bytes, std::size_t rows) {
  const auto head = take_varint(bytes);
  const std::uint64_t count = head.value_or(0) >> 1;
  if (!head || count > rows || (count == 0 && rows > 0)) return false;
  ends_.clear();
  bytes_.clear();
  table_.clear();
  if ((*head & 1) != 0) {
    const auto size = take_varint(bytes);
    if (!size || *size > kIdBytesMax || count * *size > bytes.size()) return false;
    for (std::uint64_t i = 0; i < count; ++i) {
      append_hex(*take_bytes(bytes, *size), bytes_);
      ends_.push_back(static_cast<std::uint32_t>(bytes_.size()));
    }
    return true;
  }
  std::uint64_t end = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto size = take_varint(bytes);
    if (!size || *size > bytes.size()) return false;
    end += *size;
    if (end > bytes.size()) return false;
    ends_.push_back(static_cast<std::uint32_t>(end));
  }
  const auto texts = take_bytes(bytes, end);
  if (!texts) return false;
  bytes_.assign(*texts);
  return true;
}

void Texts::append_codes(std::string& out) const {
  if (distinct() == 0) return;
  append_planes(codes_.data(), codes_.size(), 0, width_of(distinct() - 1), out);
}

bool Texts::take_codes(std::string_view& bytes, std::size_t rows) {
  if (distinct() == 0) return rows == 0;
  if (!take_planes(bytes, rows, 0, width_of(distinct() - 1), codes_)) return false;
  return std::all_of(codes_.begin(), codes_.end(),
                     [this](std::uint32_t code) { return code < distinct(); });
}

void append_numbers(std::span<const std::int64_t> values, std::string& out) {
  if (values.empty()) return;
  const auto [min, max] = std::minmax_element(values.begin(), values.end());
  const auto base = static_cast<std::uint64_t>(*min);
  // Times in microseconds are often whole seconds, and prices whole units.
  std::uint64_t unit = static_cast<std::uint64_t>(*max) - base;
  for (std::size_t i = 0; i < values.size() && unit > 1; ++i) {
    unit = std::gcd(unit, static_cast<std::uint64_t>(values[i]) - base);
  }
  unit = std::max<std::uint64_t>(unit, 1);
  const int width = width_of((static_cast<std::uint64_t>(*max) - base) / unit);
  append_varint(zigzag(*min), out);
  append_varint(unit, out);
  out.push_back(static_cast<char>(width));
  if (unit == 1) return append_planes(values.data(), values.size(), base, width, out);
  std::vector<std::uint64_t> units(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    units[i] = (static_cast<std::uint64_t>(values[i]) - base) / unit;
  }
  append_planes(units.data(), units.size(), 0, width, out);
}

bool take_packed(std::string_view& bytes, std::size_t rows, PackedNumbers& packed) {
  packed = {};
  if (rows == 0) return true;
  const auto min = take_varint(bytes);
  const auto unit = min ? take_varint(bytes) : std::nullopt;
  if (!unit || bytes.empty()) return false;
  const int width = static_cast<std::uint8_t>(bytes[0]);
  bytes.remove_prefix(1);
  if (width > 8) return false;
  const auto planes = take_bytes(bytes, std::uint64_t{rows} * static_cast<unsigned>(width));
  if (!planes) return false;
  packed = {static_cast<std::uint64_t>(unzigzag(*min)), *unit, width, *planes};
  return true;
}

void unpack(const PackedNumbers& packed, std::size_t rows, Numbers& values) {
  std::string_view planes = packed.planes;
  if (packed.unit == 1) {
    (void)take_planes(planes, rows, packed.base, packed.width, values);
    return;
  }
  (void)take_planes(planes, rows, 0, packed.width, values);
  for (std::int64_t& value : values) {
    value =
        static_cast<std::int64_t>(packed.base + static_cast<std::uint64_t>(value) * packed.unit);
  }
}

bool take_numbers(std::string_view& bytes, std::size_t rows, Numbers& values) {
  PackedNumbers packed;
  if (!take_packed(bytes, rows, packed)) return false;
  unpack(packed, rows, values);
  return true;
}

void append_ids(std::span<const Uuid> ids, std::string& out) {
  const std::size_t begin = out.size();
  out.resize(begin + ids.size() * sizeof(Uuid));
  char* at = out.data() + begin;
  for (std::size_t k = 0; k < sizeof(Uuid); ++k) {
    for (const Uuid& id : ids) *at++ = static_cast<char>(id[k]);
  }
}

bool take_ids(std::string_view& bytes, std::size_t rows, std::vector<Uuid>& ids) {
  if (bytes.size() < rows * sizeof(Uuid)) return false;
  ids.resize(rows);
  for (std::size_t k = 0; k < sizeof(Uuid); ++k) {
    for (std::size_t i = 0; i < rows; ++i) {
      ids[i][k] = static_cast<std::uint8_t>(bytes[k * rows + i]);
    }
  }
  bytes.remove_prefix(rows * sizeof(Uuid));
  return true;
}

}  // namespace apitoolkit::server::store
