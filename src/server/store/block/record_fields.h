// What a block's columns do not have of a record, as bytes. The grammar stands in record_fields.cc.
#pragma once

#include <string>
#include <string_view>

#include "src/server/store/store.h"

namespace apitoolkit::server::store {

// Appends the fields. kInvalidArgument where they are over limits::kStoredRecordBytesMax; `out` is
// then as it was.
Status append_record_fields(const Record& record, std::string& out);

// Fills in `record`, in which the columns have been set. Any bytes may be given: what
// append_record_fields did not write is kCorrupt, and then `record` holds no particular values.
Status read_record_fields(std::string_view bytes, Record& record);

}  // namespace apitoolkit::server::store
