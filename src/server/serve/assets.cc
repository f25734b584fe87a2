#include "src/server/serve/assets.h"

#include <algorithm>
#include <array>
#include <utility>

#include "src/base/limits.h"
#include "src/net/inflate.h"
#include "src/server/serve/embedded.h"

namespace apitoolkit::server::serve {
namespace {

// Nothing from elsewhere, nothing inline: captured content can never become a script.
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";

constexpr std::string_view kUnbuiltPage =
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>APIToolkit</title>"
    "<h1>The dashboard is not in this program</h1>"
    "<p>It was built without its dashboard. Run <code>make build</code> in the repository and "
    "start "
    "<code>build/release/apitoolkit serve</code> again. Everything else of this server works.</p>";

constexpr std::size_t kHashDigitsMin = 8;

std::string_view content_type(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kTypes{{
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".json", "application/json"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
      {".ico", "image/x-icon"},
      {".woff2", "font/woff2"},
      {".txt", "text/plain; charset=utf-8"},
  }};
  for (const auto& [ending, type] : kTypes) {
    if (name.ends_with(ending)) return type;
  }
  return "application/octet-stream";
}

// "app-02e685f303e0.js": the content's hash is in the name, so that the name never means anything
// else.
bool is_hashed(std::string_view name) {
  const std::size_t dash = name.rfind('-');
  const std::size_t dot = name.find('.', dash == std::string_view::npos ? 0 : dash);
  if (dash == std::string_view::npos || dot == std::string_view::npos) return false;
  const std::string_view hash = name.substr(dash + 1, dot - dash - 1);
  return hash.size() >= kHashDigitsMin && std::all_of(hash.begin(), hash.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

const EmbeddedFile* find(std::string_view name) {
  const auto files = embedded_dashboard();
  const auto found = std::find_if(files.begin(), files.end(),
                                  [name](const EmbeddedFile& file) { return file.name == name; });
  return found == files.end() ? nullptr : &*found;
}

std::vector<Header> page_headers(std::string_view type, bool lasting) {
  return {{"Content-Type", std::string(type)},
          {"Cache-Control", lasting ? "public, max-age=31536000, immutable" : "no-cache"},
          {"Content-Security-Policy", std::string(kPolicy)},
          {"X-Content-Type-Options", "nosniff"},
          {"Referrer-Policy", "no-referrer"},
          {"Cross-Origin-Opener-Policy", "same-origin"}};
}

}  // namespace

void fill_body(const EmbeddedFile& file, const net::ServerRequest& request,
               net::ServerResponse& response) {
  response.headers.push_back({"Vary", "Accept-Encoding"});
  const std::string_view accepted = request.header("Accept-Encoding");
  if (accepted.find("gzip") != std::string_view::npos &&
      accepted.find("gzip;q=0") == std::string_view::npos) {
    response.headers.push_back({"Content-Encoding", "gzip"});
    response.body = file.gzip;
    return;
  }
  response.body = net::inflate(file.gzip, limits::kInflatedBytesMax).value_or("");
}

net::ServerResponse answer_asset(const net::ServerRequest& request) {
  if (embedded_dashboard().empty()) {
    return {200, page_headers("text/html; charset=utf-8", false), std::string(kUnbuiltPage)};
  }
  const std::string_view name = std::string_view(request.path).substr(1);
  const EmbeddedFile* file = find(name);
  const std::size_t slash = name.rfind('/');
  const std::string_view last = slash == std::string_view::npos ? name : name.substr(slash + 1);
  if (file == nullptr && last.find('.') == std::string_view::npos) file = find("index.html");
  if (file == nullptr) {
    return {404, page_headers("text/plain; charset=utf-8", false), "there is no such file\n"};
  }
  net::ServerResponse response{200, page_headers(content_type(file->name), is_hashed(file->name)),
                               ""};
  fill_body(*file, request, response);
  return response;
}

}  // namespace apitoolkit::server::serve
