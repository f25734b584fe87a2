// An exchange as the REST interface shows it: wire/api.json, schema Exchange.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "src/json/writer.h"
#include "src/server/query/ast.h"
#include "src/server/store/store.h"

namespace apitoolkit::server::serve {

// The fields of that schema, in its order.
std::span<const std::string_view> exchange_fields();

// Writes one object with those fields (indexes into exchange_fields()), or with all of them if
// `fields` is empty. With `paths` of the query language it has a further member, `values`: a list
// with a text for each, or null where nothing is there. A scalar is written as a literal of the
// language, which keeps numbers as they were sent, lists and objects as JSON; from
// kPathValueBytesMax on the text is cut and ends with "…".
inline constexpr std::size_t kPathValueBytesMax = 1024;
void write_exchange(const store::Record& record, std::span<const std::size_t> fields,
                    json::Writer& writer, std::span<const query::FieldRef> paths = {});

}  // namespace apitoolkit::server::serve
