#include "src/wire/otlp_value.h"

#include <charconv>

#include "src/base/base64.h"
#include "src/base/limits.h"
#include "src/json/utf8.h"

namespace apitoolkit::wire {
namespace {

using Kind = OtlpValue::Kind;

void write_value(const OtlpValue& value, int levels_left, json::Writer& out);

void write_list(std::string_view message, int levels_left, json::Writer& out) {
  out.begin_array();
  for_each_value({.kind = Kind::kList, .bytes = message},
                 [&](const OtlpValue& element) { write_value(element, levels_left, out); });
  out.end_array();
}

void write_map(std::string_view message, int levels_left, json::Writer& out) {
  out.begin_object();
  OtlpAttribute member;
  for (ProtobufReader reader(message); reader.next();) {
    if (reader.number() != 1 || !reader.is_bytes()) continue;
    if (!read_attribute(reader.bytes(), member)) break;
    out.key(member.key);
    write_value(member.value, levels_left, out);
  }
  out.end_object();
}

void write_value(const OtlpValue& value, int levels_left, json::Writer& out) {
  switch (value.kind) {
    case Kind::kNone:
      out.null();
      return;
    case Kind::kText:
      out.value(value.bytes);
      return;
    case Kind::kFlag:
      out.value(value.integer != 0);
      return;
    case Kind::kInteger:
      out.value(value.integer);
      return;
    case Kind::kReal:
      out.value(value.real);
      return;
    case Kind::kBytes:
      out.base64(value.bytes);
      return;
    case Kind::kList:
    case Kind::kMap:
      break;
  }
  if (levels_left == 0) {
    out.null();
  } else if (value.kind == Kind::kList) {
    write_list(value.bytes, levels_left - 1, out);
  } else {
    write_map(value.bytes, levels_left - 1, out);
  }
}

}  // namespace

bool read_value(std::string_view message, OtlpValue& out) {
  using Type = ProtobufReader::Type;
  out = {};
  ProtobufReader reader(message);
  while (reader.next()) {
    const Type type = reader.type();
    const std::uint32_t number = reader.number();
    const bool is_of_its_type = number == 2 || number == 3 ? type == Type::kVarint
                                : number == 4              ? type == Type::kFixed64
                                                           : type == Type::kBytes;
    if (number > 7 || !is_of_its_type) continue;  // unknown
    constexpr Kind kKinds[] = {Kind::kNone, Kind::kText, Kind::kFlag, Kind::kInteger,
                               Kind::kReal, Kind::kList, Kind::kMap,  Kind::kBytes};
    out.kind = kKinds[number];
    out.bytes = reader.bytes();
    out.integer = number == 2 ? static_cast<std::int64_t>(reader.integer() != 0) : reader.int64();
    out.real = number == 4 ? reader.real() : 0;
  }
  return !reader.failed();
}

bool read_attribute(std::string_view message, OtlpAttribute& out) {
  out.key = {};
  std::string_view value;
  ProtobufReader reader(message);
  while (reader.next()) {
    if (!reader.is_bytes()) continue;
    if (reader.number() == 1) out.key = reader.bytes();
    if (reader.number() == 2) value = reader.bytes();
  }
  return !reader.failed() && read_value(value, out.value);
}

std::string text_of(const OtlpValue& value) {
  if (value.kind == Kind::kNone) return {};
  if (value.kind == Kind::kText) return json::to_valid_utf8(value.bytes);
  if (value.kind == Kind::kBytes) return base::base64_encode(value.bytes);
  json::Writer writer;
  write_json(value, writer);
  return std::move(writer).str();
}

std::int64_t integer_of(const OtlpValue& value, std::int64_t otherwise) {
  if (value.kind == Kind::kInteger) return value.integer;
  if (value.kind == Kind::kReal) {
    constexpr double kTooLarge = 9.2e18;
    const bool fits = value.real > -kTooLarge && value.real < kTooLarge;
    return fits ? static_cast<std::int64_t>(value.real) : otherwise;
  }
  if (value.kind != Kind::kText) return otherwise;
  std::int64_t number = 0;
  const char* const end = value.bytes.data() + value.bytes.size();
  const auto [stop, error] = std::from_chars(value.bytes.data(), end, number);
  return error == std::errc() && stop == end && stop != value.bytes.data() ? number : otherwise;
}

void write_json(const OtlpValue& value, json::Writer& out) {
  write_value(value, limits::kOtlpValueLevelsMax, out);
}

}  // namespace apitoolkit::wire
