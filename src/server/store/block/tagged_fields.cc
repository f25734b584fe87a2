#include "src/server/store/block/tagged_fields.h"

#include <algorithm>

namespace apitoolkit::server::store {
namespace {

constexpr int kDoubleBytes = 8;

}  // namespace

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
