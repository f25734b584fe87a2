// Inside src/wire: the values of attributes, of log records and of resources, as OTLP has them.
//
//   KeyValue{key=1; AnyValue value=2}
//   AnyValue oneof{string=1; bool=2; int64=3; double=4; ArrayValue{AnyValue values=1}=5;
//                  KeyValueList{KeyValue values=1}=6; bytes=7}
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "src/json/writer.h"
#include "src/wire/protobuf_reader.h"

namespace apitoolkit::wire {

// A view: the request must outlive it.
struct OtlpValue {
  enum class Kind : std::uint8_t { kNone, kText, kFlag, kInteger, kReal, kList, kMap, kBytes };
  Kind kind = Kind::kNone;
  std::int64_t integer = 0;  // of kFlag (0 or 1) and kInteger
  double real = 0;           // of kReal
  std::string_view bytes{};  // of kText and kBytes; of kList and kMap the message
};

struct OtlpAttribute {
  std::string_view key{};
  OtlpValue value{};
};

// False where the bytes are not that message. Of a repeated field the last one counts.
bool read_value(std::string_view message, OtlpValue& out);
bool read_attribute(std::string_view message, OtlpAttribute& out);

// The value as text, valid UTF-8: a text as it is, nothing for kNone, true or false, a number's
// digits; lists, maps and bytes as write_json has them.
std::string text_of(const OtlpValue& value);

// A whole number, or the text of one; `otherwise` for anything else.
std::int64_t integer_of(const OtlpValue& value, std::int64_t otherwise);

// Writes the value as JSON: bytes in base64, null for kNone and for what is nested deeper than
// limits::kOtlpValueLevelsMax or is not protobuf.
void write_json(const OtlpValue& value, json::Writer& out);

// Calls visit(const OtlpValue&) for each element of a list, or once for any other value but kNone.
// Elements that are not protobuf end it.
template <class Visit>
void for_each_value(const OtlpValue& value, Visit visit) {
  if (value.kind != OtlpValue::Kind::kList) {
    if (value.kind != OtlpValue::Kind::kNone) visit(value);
    return;
  }
  OtlpValue element;
  for (ProtobufReader reader(value.bytes); reader.next();) {
    if (reader.number() != 1 || !reader.is_bytes()) continue;
    if (!read_value(reader.bytes(), element)) return;
    visit(element);
  }
}

}  // namespace apitoolkit::wire
