// Files that were put into the program when it was built (tools/embed_files.cc), compressed.
#pragma once

#include <span>
#include <string_view>

#include "src/net/http_server.h"

namespace apitoolkit::server::serve {

struct EmbeddedFile {
  std::string_view name;  // the path below the folder, "assets/app-1f2e3d4c.js"
  std::string_view gzip;
};

// dashboard/dist; empty where the dashboard was not built.
std::span<const EmbeddedFile> embedded_dashboard();
// wire/api.json, one file.
std::span<const EmbeddedFile> embedded_api();

// Sets the body, compressed where the client takes that, and the headers that go with it.
void fill_body(const EmbeddedFile& file, const net::ServerRequest& request,
               net::ServerResponse& response);

}  // namespace apitoolkit::server::serve
