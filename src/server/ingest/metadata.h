// GET /api/client_metadata: tells an SDK which topic is its own and with which key to sign. 401,
// and 429 for a key over its limit, have an empty body, because the PHP SDK reads any body as JSON.
#pragma once

#include <memory>

#include "src/server/ingest/source.h"

namespace apitoolkit::server::ingest {

inline constexpr std::string_view kMetadataPath = "/api/client_metadata";

std::unique_ptr<Source> make_metadata_source(const Context& context);

}  // namespace apitoolkit::server::ingest
