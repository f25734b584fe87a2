#include "src/server/store/block/value_streams.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "src/base/limits.h"
#include "src/server/store/block/text_hash.h"
#include "src/server/store/block/varint.h"

namespace apitoolkit::server::store {
namespace {

constexpr std::size_t kStreamsNamedMax = 512;  // of a page; a hostile body has as many names
constexpr std::size_t kNameBytesMax = 48;
constexpr std::size_t kValuesKeptMax = 1 << 20;  // of a page, for which memory is kept
// Of a page: a value takes two bytes of an exchange at least.
constexpr std::uint64_t kValuesMax = limits::kStoredRecordBytesMax / 2 + (8 << 20);

std::size_t hash_of(std::string_view name, ValueKind kind, std::uint8_t detail) {
  return static_cast<std::size_t>(text_hash(name, static_cast<std::uint64_t>(kind) << 8 | detail));
}

// The sum of the next eight numbers, if each is one byte.
std::optional<std::uint64_t> take_8_small(std::string_view& bytes) {
  constexpr std::uint64_t kEachLow = 0x00ff00ff00ff00ff;
  if (bytes.size() < 8) return std::nullopt;
  const std::uint64_t word = load64(bytes.data());
  if ((word & 0x8080808080808080) != 0) return std::nullopt;
  bytes.remove_prefix(8);
  const std::uint64_t pairs = (word & kEachLow) + (word >> 8 & kEachLow);
  return pairs * 0x0001000100010001 >> 48;
}

// See `repeats`. Only what was used counts as part of the dictionary, in the order of first use.
Numbers repeats_of(const Texts& texts, std::vector<std::uint32_t>& dictionary) {
  constexpr std::uint32_t kUnused = ~std::uint32_t{0};
  std::vector<std::uint32_t> places(texts.distinct(), kUnused);
  Numbers repeats;
  repeats.reserve(texts.codes().size());
  for (const std::uint32_t code : texts.codes()) {
    if (places[code] == kUnused) {
      places[code] = static_cast<std::uint32_t>(dictionary.size());
      dictionary.push_back(code);
      repeats.push_back(0);
    } else {
      repeats.push_back(static_cast<std::int64_t>(dictionary.size() - places[code]));
    }
  }
  return repeats;
}

}  // namespace

bool ValueStreamsWriter::is(std::uint32_t stream, std::string_view name, ValueKind kind,
                            std::uint8_t detail) const {
  const StreamHead& head = streams_[stream].head;
  return head.kind == kind && head.detail == detail && same_text(head.name, name);
}

std::uint32_t ValueStreamsWriter::stream(std::string_view name, ValueKind kind,
                                         std::uint8_t detail) {
  if (name.size() > kNameBytesMax) name = {};
  // What followed a value the last time mostly follows it again.
  const bool has_last = last_ < used_;
  if (has_last) {
    const std::uint32_t likely = streams_[last_].followed_by;
    if (likely < used_ && is(likely, name, kind, detail)) {
      last_ = likely;
      return likely;
    }
  }
  const std::uint32_t found = find_or_add(name, kind, detail);
  if (has_last) streams_[last_].followed_by = found;
  last_ = found;
  return found;
}

std::uint32_t ValueStreamsWriter::find_or_add(std::string_view name, ValueKind kind,
                                              std::uint8_t detail) {
  if (table_.size() < 2 * (used_ + 1)) grow_table();
  const std::size_t mask = table_.size() - 1;
  std::size_t slot = hash_of(name, kind, detail) & mask;
  for (; table_[slot] != 0; slot = (slot + 1) & mask) {
    if (is(table_[slot] - 1, name, kind, detail)) return table_[slot] - 1;
  }
  if (used_ >= kStreamsNamedMax && !name.empty()) return find_or_add({}, kind, detail);
  if (used_ == streams_.size()) streams_.emplace_back();
  Stream& stream = streams_[used_++];
  stream.head.name = name;
  stream.head.kind = kind;
  stream.head.detail = detail;
  stream.followed_by = 0;
  table_[slot] = static_cast<std::uint32_t>(used_);
  return table_[slot] - 1;
}

void ValueStreamsWriter::grow_table() {
  table_.assign(std::max<std::size_t>(table_.size() * 2, 64), 0);
  const std::size_t mask = table_.size() - 1;
  for (std::uint32_t i = 0; i < used_; ++i) {
    const StreamHead& head = streams_[i].head;
    std::size_t slot = hash_of(head.name, head.kind, head.detail) & mask;
    while (table_[slot] != 0) slot = (slot + 1) & mask;
    table_[slot] = i + 1;
  }
}

void ValueStreamsWriter::add(std::uint32_t stream, const TypedValue& value) {
  added_.push_back(stream);
  if (is_number(value.kind)) {
    streams_[stream].numbers.push_back(value.number);
  } else {
    streams_[stream].texts.add(value.bytes);
  }
}

std::size_t ValueStreamsWriter::add_later(std::uint32_t stream) {
  added_.push_back(stream);
  streams_[stream].numbers.push_back(0);
  return streams_[stream].numbers.size() - 1;
}

void ValueStreamsWriter::undo_to(std::size_t mark) {
  for (; added_.size() > mark; added_.pop_back()) {
    Stream& stream = streams_[added_.back()];
    if (is_number(stream.head.kind)) {
      stream.numbers.pop_back();
    } else {
      stream.texts.remove_last();
    }
  }
}

void ValueStreamsWriter::append_streams(std::string& out) const {
  append_varint(used_, out);
  for (const Stream& stream : used()) {
    append_varint(stream.head.name.size(), out);
    out += stream.head.name;
    out += static_cast<char>(stream.head.kind);
    out += static_cast<char>(stream.head.detail);
    append_varint(stream.values(), out);
  }
  for (const Stream& stream : used()) {
    if (stream.head.kind == ValueKind::kList) append_numbers(stream.numbers, out);
  }
}

void ValueStreamsWriter::append_numbers_of_all(std::string& out) const {
  for (const Stream& stream : used()) {
    if (is_number(stream.head.kind) && stream.head.kind != ValueKind::kList) {
      append_numbers(stream.numbers, out);
    }
  }
}

void ValueStreamsWriter::append_texts(std::string& out) const {
  for (const Stream& stream : used()) {
    if (stream.head.kind != ValueKind::kText) continue;
    std::vector<std::uint32_t> dictionary;
    append_numbers(repeats_of(stream.texts, dictionary), out);
    append_varint(dictionary.size(), out);
    for (const std::uint32_t code : dictionary) append_varint(stream.texts.value(code).size(), out);
    for (const std::uint32_t code : dictionary) out += stream.texts.value(code);
  }
}

void ValueStreamsWriter::append_ids(std::string& out) const {
  std::string bytes;
  for (const Stream& stream : used()) {
    if (!is_id(stream.head.kind)) continue;
    std::vector<std::uint32_t> dictionary;
    append_numbers(repeats_of(stream.texts, dictionary), out);
    append_varint(dictionary.size(), bytes);
    for (const std::uint32_t code : dictionary) bytes += stream.texts.value(code);
  }
  out += bytes;
}

void ValueStreamsWriter::clear() {
  if (added_.capacity() > kValuesKeptMax) {
    *this = {};
    return;
  }
  for (Stream& stream : used()) {
    stream.numbers.clear();
    stream.texts.clear();
  }
  used_ = 0;
  last_ = 0;
  std::fill(table_.begin(), table_.end(), 0);
  added_.clear();
}

bool ValueStreamsReader::take_streams(std::string_view& bytes) {
  const auto count = take_varint(bytes);
  if (!count || *count > bytes.size()) return false;
  count_ = static_cast<std::size_t>(*count);
  if (streams_.size() < count_) streams_.resize(count_);
  std::uint64_t values_left = kValuesMax;
  for (std::uint32_t i = 0; i < count_; ++i) {
    const auto size = take_varint(bytes);
    const auto name = size ? take_bytes(bytes, *size) : std::nullopt;
    const auto type = name ? take_bytes(bytes, 2) : std::nullopt;
    const auto values = type ? take_varint(bytes) : std::nullopt;
    if (!values || *values > values_left || static_cast<std::uint8_t>((*type)[0]) >= kValueKinds) {
      return false;
    }
    values_left -= *values;
    const auto kind = static_cast<ValueKind>((*type)[0]);
    const auto detail = static_cast<std::uint8_t>((*type)[1]);
    if (kind == ValueKind::kHex && (detail == 0 || detail > kIdBytesMax)) return false;
    Stream& stream = streams_[i];
    stream.head = {*name, kind, detail};
    stream.values = static_cast<std::size_t>(*values);
    stream.is_unpacked = false;
    stream.packed = {};
    stream.distinct = 0;
    stream.sizes = {};
    stream.different = {};
  }
  for (std::uint32_t i = 0; i < count_; ++i) {
    Stream& stream = streams_[i];
    if (stream.head.kind != ValueKind::kList) continue;
    if (!take_numbers(bytes, stream.values, stream.numbers)) return false;
    stream.is_unpacked = true;
  }
  return true;
}

bool ValueStreamsReader::take_numbers_of_all(std::string_view bytes) {
  for (std::uint32_t i = 0; i < count_; ++i) {
    Stream& stream = streams_[i];
    if (!is_number(stream.head.kind) || stream.head.kind == ValueKind::kList) continue;
    if (!take_packed(bytes, stream.values, stream.packed)) return false;
  }
  return bytes.empty();
}

bool ValueStreamsReader::take_texts(std::string_view bytes) {
  for (std::uint32_t i = 0; i < count_; ++i) {
    Stream& stream = streams_[i];
    if (stream.head.kind != ValueKind::kText) continue;
    if (!take_packed(bytes, stream.values, stream.packed)) return false;
    const auto count = take_varint(bytes);
    if (!count || *count > stream.values) return false;
    stream.distinct = static_cast<std::size_t>(*count);
    const char* const sizes = bytes.data();
    std::uint64_t in_all = 0;
    for (std::size_t left = stream.distinct; left > 0;) {
      if (const auto sum = left >= 8 ? take_8_small(bytes) : std::nullopt) {
        in_all += *sum;
        left -= 8;
        continue;
      }
      --left;
      const auto size = take_varint(bytes);
      if (!size || *size > limits::kStoredRecordBytesMax) return false;
      in_all += *size;
    }
    stream.sizes = {sizes, static_cast<std::size_t>(bytes.data() - sizes)};
    const auto different = take_bytes(bytes, in_all);
    if (!different) return false;
    stream.different = *different;
  }
  return bytes.empty();
}

bool ValueStreamsReader::take_ids(std::string_view bytes) {
  for (std::uint32_t i = 0; i < count_; ++i) {
    Stream& stream = streams_[i];
    if (!is_id(stream.head.kind)) continue;
    if (!take_packed(bytes, stream.values, stream.packed)) return false;
  }
  for (std::uint32_t i = 0; i < count_; ++i) {
    Stream& stream = streams_[i];
    if (!is_id(stream.head.kind)) continue;
    const auto count = take_varint(bytes);
    if (!count || *count > stream.values) return false;
    stream.distinct = static_cast<std::size_t>(*count);
    const auto different =
        take_bytes(bytes, *count * id_bytes(stream.head.kind, stream.head.detail));
    if (!different) return false;
    stream.different = *different;
  }
  return bytes.empty();
}

bool ValueStreamsReader::unpack_now(std::uint32_t number) {
  Stream& stream = streams_[number];
  if (is_number(stream.head.kind)) {
    store::unpack(stream.packed, stream.values, stream.numbers);
  } else if (!unpack_ends(stream) || !unpack_codes(stream)) {
    return false;
  }
  stream.is_unpacked = true;
  return true;
}

bool ValueStreamsReader::unpack_ends(Stream& stream) {
  stream.ends.clear();
  stream.ends.reserve(stream.distinct);
  std::uint64_t end = 0;
  std::string_view sizes = stream.sizes;
  const bool is_text = stream.head.kind == ValueKind::kText;
  const std::uint64_t id_size = is_text ? 0 : id_bytes(stream.head.kind, stream.head.detail);
  for (std::size_t i = 0; i < stream.distinct; ++i) {
    end += is_text ? take_varint(sizes).value_or(0) : id_size;
    stream.ends.push_back(static_cast<std::uint32_t>(end));
  }
  return end == stream.different.size() && end <= std::numeric_limits<std::uint32_t>::max();
}

bool ValueStreamsReader::unpack_codes(Stream& stream) {
  store::unpack(stream.packed, stream.values, repeats_);
  stream.codes.clear();
  stream.codes.reserve(stream.values);
  std::size_t next = 0;
  for (const std::int64_t repeat : repeats_) {
    if (repeat < 0 || repeat > static_cast<std::int64_t>(next)) return false;
    stream.codes.push_back(static_cast<std::uint32_t>(next - static_cast<std::size_t>(repeat)));
    if (repeat == 0) ++next;
  }
  return next == stream.distinct;
}

std::uint32_t ValueStreamsReader::code_at(std::uint32_t stream, std::size_t offset) const {
  const std::vector<std::uint32_t>& ends = streams_[stream].ends;
  return static_cast<std::uint32_t>(std::upper_bound(ends.begin(), ends.end(), offset) -
                                    ends.begin());
}

}  // namespace apitoolkit::server::store
