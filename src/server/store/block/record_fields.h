// What a block's columns do not have of a record, as shapes and values (shape.h): the fields around
// the bodies, and each body by itself. The grammar stands in record_fields.cc.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "src/server/store/block/shape.h"
#include "src/server/store/store.h"

namespace apitoolkit::server::store {

// How much that is, about, before it is compressed.
std::int64_t record_fields_bytes(const Record& record);

// Appends the shape of all but the bodies to `shape`.
void append_record_fields(const Record& record, ValueStreamsWriter& values, std::string& shape);

// Fills in `record`, in which the columns have been set; not the bodies. Anything may be given:
// what append_record_fields did not write is kCorrupt, and then `record` holds no particular
// values.
Status read_record_fields(Shape shape, const ValueStreamsReader& values,
                          std::span<const std::uint32_t> places, Record& record);

}  // namespace apitoolkit::server::store
