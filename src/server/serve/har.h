// Exchanges as an HTTP Archive, HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/), which
// browsers and proxies read.
//
//   {"log": {"version": "1.2", "creator": {…}, "entries": [entry, …]}}
//
// What HAR has no place for stands in an entry's `_apitoolkit`: the exchange as a message of
// wire/README.md, without headers and bodies. `apitoolkit import` makes the same exchange of it
// again. Bodies that are not UTF-8 are base64, with `encoding` in a response's content, as the
// format has it, and with `_encoding` in a request's postData, where it has none.
#pragma once

#include <string>

#include "src/json/writer.h"
#include "src/server/store/store.h"

namespace apitoolkit::server::serve {

// What stands before the first entry, and behind the last one. Entries are separated by commas.
std::string har_begin();
std::string har_end();

void write_har_entry(const store::Record& record, json::Writer& writer);

}  // namespace apitoolkit::server::serve
