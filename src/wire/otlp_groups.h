// Inside src/wire: walking an export request down to its entries (the grammar is in otlp_decode.h),
// and the bound on what they become.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "apitoolkit/result.h"
#include "src/base/limits.h"
#include "src/wire/protobuf_reader.h"

namespace apitoolkit::wire {

inline tl::unexpected<Error> not_protobuf(std::string_view what) {
  return fail(ErrorCode::kCorrupt, std::string(what) + ": this is not protobuf, or damaged");
}

inline tl::unexpected<Error> too_large() {
  return fail(ErrorCode::kInvalidArgument,
              "the request is too large once decoded; send less at a time");
}

// Calls visit(std::string_view) for each message at field `number`; false if it returns false, or
// the bytes are no message.
template <class Visit>
bool for_each_message(std::string_view message, std::uint32_t number, Visit visit) {
  ProtobufReader reader(message);
  while (reader.next()) {
    if (reader.number() == number && reader.is_bytes() && !visit(reader.bytes())) return false;
  }
  return !reader.failed();
}

// The entries of all scopes of a group.
template <class Visit>
bool for_each_entry(std::string_view group, Visit visit) {
  return for_each_message(
      group, 2, [&](std::string_view scope) { return for_each_message(scope, 2, visit); });
}

// The last one counts, as for any field that is not repeated.
inline bool find_resource(std::string_view group, std::string_view& resource) {
  return for_each_message(group, 1, [&](std::string_view message) {
    resource = message;
    return true;
  });
}

// What a request's entries may take in memory, all of them together.
class Room {
 public:
  bool take(std::size_t bytes) {
    left_ -= static_cast<std::int64_t>(bytes);
    return left_ >= 0;
  }

 private:
  std::int64_t left_ = limits::kOtlpDecodedBytesMax;
};

}  // namespace apitoolkit::wire
