// Inside src/wire: what an exchange is called in OpenTelemetry's terms (wire/README.md, "OTLP").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "apitoolkit/exchange.h"
#include "src/wire/protobuf_writer.h"

namespace apitoolkit::wire {

// Writes attributes into the message that `out` is at.
//
//   KeyValue{key=1; AnyValue value=2}
//   AnyValue oneof{string=1; bool=2; int64=3; double=4; ArrayValue{AnyValue values=1}=5}
class AttributeWriter {
 public:
  // `field` is the attributes' number in that message. `out` must outlive this.
  AttributeWriter(ProtobufWriter& out, int field) : out_(out), field_(field) {}

  void text(std::string_view key, std::string_view value) {
    add(key, [&] { out_.text(1, value); });
  }
  void text_if_any(std::string_view key, std::string_view value) {
    if (!value.empty()) text(key, value);
  }
  void integer(std::string_view key, std::int64_t value) {
    add(key, [&] { out_.integer(3, value); });
  }
  void flag(std::string_view key, bool value) {
    add(key, [&] { out_.integer(2, value ? 1 : 0); });
  }
  void real(std::string_view key, double value) {
    add(key, [&] { out_.real(4, value); });
  }
  template <class Texts>
  void texts(std::string_view key, const Texts& values) {
    add(key, [&] {
      out_.message(5, [&] {
        for (const auto& value : values) out_.message(1, [&] { out_.text(1, value); });
      });
    });
  }

 private:
  template <class Write>
  void add(std::string_view key, Write write_value) {
    out_.message(field_, [&] {
      out_.text(1, key);
      out_.message(2, write_value);
    });
  }

  ProtobufWriter& out_;
  const int field_;
};

// All attributes of the exchange's span.
void write_span_attributes(const Exchange& exchange, AttributeWriter& attributes);

// Why the span counts as failed, as error.type says it: the status where it is one (500 and above
// for what was served, 400 and above for a call), else, where there was no answer at all, the type
// of its error or "_OTHER". Empty if it does not.
std::string error_type_of(const Exchange& exchange);

}  // namespace apitoolkit::wire
