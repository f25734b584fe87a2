#include "src/wire/otlp_answer.h"

#include "src/wire/protobuf_reader.h"

namespace apitoolkit::wire {

std::optional<std::int64_t> decode_rejected_spans(std::string_view body) {
  std::int64_t rejected = 0;
  ProtobufReader outer(body);
  while (outer.next()) {
    if (outer.number() != 1 || !outer.is_bytes()) continue;
    ProtobufReader partial(outer.bytes());
    while (partial.next()) {
      if (partial.number() == 1 && !partial.is_bytes()) rejected = partial.int64();
    }
    if (partial.failed()) return std::nullopt;
  }
  if (outer.failed()) return std::nullopt;
  return rejected;
}

}  // namespace apitoolkit::wire
