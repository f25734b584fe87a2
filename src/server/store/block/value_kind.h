// What a text of an exchange is besides its bytes. A number, a time or an id takes less room, and
// compresses better next to its like, as what it is. Only a text that comes back byte by byte is
// taken for more than one.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace apitoolkit::server::store {

enum class ValueKind : std::uint8_t {
  kText,
  kInteger,  // "-12"
  kDecimal,  // "12.90": `detail` digits behind the point
  kTime,     // "2026-01-02T03:04:05.678Z": `detail` says how it is written, see value_kind.cc
  kWord,     // of JSON: false, true, null
  kList,     // of a JSON array: how many elements, and each one's shape (shape.h)
  kHex,      // `detail` bytes as lower-case digits
  kUuid,     // 16 bytes as lower-case digits and dashes
};
inline constexpr int kValueKinds = static_cast<int>(ValueKind::kUuid) + 1;

constexpr bool is_number(ValueKind kind) {
  return kind >= ValueKind::kInteger && kind <= ValueKind::kList;
}
constexpr bool is_id(ValueKind kind) {
  return kind == ValueKind::kHex || kind == ValueKind::kUuid;
}

// A number, or bytes: those of the text itself, or what an id's digits say.
struct TypedValue {
  ValueKind kind = ValueKind::kText;
  std::uint8_t detail = 0;
  std::int64_t number = 0;
  std::string_view bytes;
};

inline constexpr std::size_t kIdBytesMax = 64;
constexpr std::size_t id_bytes(ValueKind kind, std::uint8_t detail) {
  return kind == ValueKind::kUuid ? 16 : detail;
}
using IdBytes = std::array<char, kIdBytesMax>;

// `id` may hold what the view points to.
TypedValue type_of(std::string_view text, IdBytes& id);
// kInteger, kDecimal, or kText.
TypedValue type_of_number(std::string_view text);

// Of pairs of lower-case hexadecimal digits the bytes; false where it is something else.
bool take_hex(std::string_view digits, char* bytes);
void append_hex(std::string_view bytes, std::string& out);

// The inverse. Any number, any detail and any bytes may be given; what type_of does not make
// becomes some text.
void append_number_text(ValueKind kind, std::uint8_t detail, std::int64_t number, std::string& out);
void append_id_text(ValueKind kind, std::string_view bytes, std::string& out);

}  // namespace apitoolkit::server::store
