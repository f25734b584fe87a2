// Exchanges as a file: GET /api/v1/exchanges with format=ndjson, csv or har.
//
// NDJSON: each line a message of wire/README.md, which `apitoolkit import` and every door take;
// with `fields` an object of those fields, as the list has them; with `logs=true` a message has the
// lines of logs beside its exchange (ingest/message_logs.h). CSV (RFC 4180): a line of names,
// then one for each exchange; lists and objects as JSON. What was captured may look like a formula
// to a spreadsheet: such a cell gets an apostrophe in front. HAR: see har.h.
//
// Streamed page by page, as fast as the client takes it. Where the store fails on the way, the
// connection is broken off, so that what has arrived does not look whole.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string_view>

#include "src/server/serve/access.h"
#include "src/server/serve/exchange_query.h"

namespace apitoolkit::server::serve {

// What an Accept header asks for: the first media type of it that is one of these.
std::optional<ListFormat> format_of_accept(std::string_view accept);

// Those that run now.
using Downloads = std::atomic<int>;

// Answers. 503 while limits::kDownloadsMax others run. `query.filter` is complete, its format not
// kPage. `running` is shared by all downloads of a server.
void download(const Services& services, ExchangeQuery query, const net::Responder& responder,
              const std::shared_ptr<Downloads>& running);

}  // namespace apitoolkit::server::serve
