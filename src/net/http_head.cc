#include "src/net/http_head.h"

#include <string_view>

#include "src/net/http_date.h"

namespace apitoolkit::net {
namespace {

void append_header(std::string_view name, std::string_view value, std::string& out) {
  out.append(name).append(": ");
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    out.push_back(byte < 0x20 || byte == 0x7f ? ' ' : c);
  }
  out.append("\r\n");
}

}  // namespace

bool has_no_body(int status) {
  return status < 200 || status == 204 || status == 304;
}

std::string serialise_head(const ServerResponse& response, bool keep_alive, Framing framing) {
  std::string out;
  out.reserve(256);
  out.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
  out.append(reason_phrase(response.status)).append("\r\n");
  append_header("Date", http_date_now(), out);
  for (const Header& header : response.headers) append_header(header.name, header.value, out);
  if (framing == Framing::kChunked) append_header("Transfer-Encoding", "chunked", out);
  if (framing == Framing::kLength && !has_no_body(response.status)) {
    append_header("Content-Length", std::to_string(response.body.size()), out);
  }
  append_header("Connection", keep_alive ? "keep-alive" : "close", out);
  out.append("\r\n");
  return out;
}

}  // namespace apitoolkit::net
