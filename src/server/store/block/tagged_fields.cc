#include "src/server/store/block/tagged_fields.h"

#include <algorithm>

namespace apitoolkit::server::store {
namespace {

constexpr int kDoubleBytes = 8;

}  // namespace

std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}

std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>((value >> 1) ^ (~(value & 1) + 1));
}

void append_varint(std::uint64_t value, std::string& out) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>((value & 0x7f) | 0x80));
  out.push_back(static_cast<char>(value));
}

std::optional<std::uint64_t> take_varint(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size() && i < 10; ++i) {
    const auto byte = static_cast<std::uint8_t>(bytes[i]);
    if (i == 9 && byte > 1) return std::nullopt;
    value |= static_cast<std::uint64_t>(byte & 0x7f) << (7 * i);
    if (byte < 0x80) {
      bytes.remove_prefix(i + 1);
      return value;
    }
  }
  return std::nullopt;
}

void FieldWriter::field(std::uint32_t tag, std::string_view bytes) {
  append_varint(tag, out_);
  append_varint(bytes.size(), out_);
  out_ += bytes;
}

std::size_t FieldWriter::close(std::size_t begin) {
  const std::size_t size = out_.size() - begin - 1;
  if (size < 0x80) {
    out_[begin] = static_cast<char>(size);
  } else {
    std::string length;
    append_varint(size, length);
    out_.replace(begin, 1, length);
  }
  return size;
}

void FieldWriter::integer_field(std::uint32_t tag, std::int64_t value) {
  std::string bytes;
  append_varint(zigzag(value), bytes);
  field(tag, bytes);
}

void FieldWriter::real(std::uint32_t tag, double value, double default_value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  if (bits == std::bit_cast<std::uint64_t>(default_value)) return;
  char bytes[kDoubleBytes];
  for (int i = 0; i < kDoubleBytes; ++i) bytes[i] = static_cast<char>((bits >> (8 * i)) & 0xff);
  field(tag, {bytes, kDoubleBytes});
}

bool FieldReader::next() {
  if (!ok_ || rest_.empty()) return false;
  const auto tag = take_varint(rest_);
  const auto size = tag ? take_varint(rest_) : std::nullopt;
  if (!size || *size > rest_.size()) {
    refuse();
    return false;
  }
  tag_ = *tag;
  bytes_ = rest_.substr(0, *size);
  rest_.remove_prefix(*size);
  return true;
}

void FieldReader::real(std::uint32_t tag, double& value, double /*default_value*/) {
  if (tag != tag_) return;
  if (bytes_.size() != kDoubleBytes) return refuse();
  std::uint64_t bits = 0;
  for (int i = 0; i < kDoubleBytes; ++i) {
    bits |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(bytes_[i])) << (8 * i);
  }
  value = std::bit_cast<double>(bits);
}

void FieldReader::id(std::uint32_t tag, Uuid& value) {
  if (tag != tag_) return;
  if (bytes_.size() != value.size()) return refuse();
  std::copy(bytes_.begin(), bytes_.end(), value.begin());
}

std::int64_t FieldReader::read_integer() {
  std::string_view bytes = bytes_;
  const auto value = take_varint(bytes);
  if (!value || !bytes.empty()) {
    refuse();
    return 0;
  }
  return unzigzag(*value);
}

}  // namespace apitoolkit::server::store
