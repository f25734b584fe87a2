// An exchange as the REST interface shows it: wire/api.json, schema Exchange.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "src/json/writer.h"
#include "src/server/store/store.h"

namespace apitoolkit::server::serve {

// The fields of that schema, in its order.
std::span<const std::string_view> exchange_fields();

// Writes one object with those fields (indexes into exchange_fields()), or with all of them if
// `fields` is empty.
void write_exchange(const store::Record& record, std::span<const std::size_t> fields,
                    json::Writer& writer);

}  // namespace apitoolkit::server::serve
