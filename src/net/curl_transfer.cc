#include "src/net/curl_transfer.h"

#include <algorithm>
#include <optional>

namespace apitoolkit::net {
namespace {

constexpr std::size_t kResponseHeaderBytesMax = 256 << 10;

struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using Url = std::unique_ptr<CURLU, FreeUrl>;

std::string_view trim(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// Returning less than was given makes curl end the transfer.
std::size_t receive_header(char* data, std::size_t, std::size_t size, void* context) {
  auto& receiver = *static_cast<CurlTransfer::Receiver*>(context);
  const std::string_view line(data, size);
  receiver.header_bytes += size;
  if (receiver.header_bytes > kResponseHeaderBytesMax) {
    receiver.is_too_long = true;
    return 0;
  }
  if (line.starts_with("HTTP/")) {
    receiver.response.headers.clear();  // what came before was an interim answer, such as 100
    return size;
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return size;
  receiver.response.headers.push_back(
      {std::string(trim(line.substr(0, colon))), std::string(trim(line.substr(colon + 1)))});
  return size;
}

std::size_t receive_body(char* data, std::size_t, std::size_t size, void* context) {
  auto& receiver = *static_cast<CurlTransfer::Receiver*>(context);
  if (receiver.request->on_piece) {
    long status = 0;
    curl_easy_getinfo(receiver.easy, CURLINFO_RESPONSE_CODE, &status);
    if (status == 200) return receiver.request->on_piece({data, size}) ? size : 0;
  }
  if (size > receiver.body_bytes_max - receiver.response.body.size()) {
    receiver.is_too_long = true;
    return 0;
  }
  receiver.response.body.append(data, size);
  return size;
}

// The host of an http or https URL; nullopt for anything else.
std::optional<std::string> host_of(const std::string& text) {
  const Url url(curl_url());
  if (!url || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) return {};
  const auto part = [&](CURLUPart which) {
    char* value = nullptr;
    std::string result;
    if (curl_url_get(url.get(), which, &value, 0) == CURLUE_OK) result = value;
    curl_free(value);
    return result;
  };
  const std::string scheme = part(CURLUPART_SCHEME);
  std::string host = part(CURLUPART_HOST);
  if ((scheme != "http" && scheme != "https") || host.empty()) return {};
  return host;
}

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "[::1]" || host.starts_with("127.");
}

bool has_line_break(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

ErrorCode code_of(CURLcode code) {
  switch (code) {
    case CURLE_URL_MALFORMAT:
      return ErrorCode::kInvalidArgument;
    case CURLE_OPERATION_TIMEDOUT:
      return ErrorCode::kDeadlineExceeded;
    default:
      return ErrorCode::kUnavailable;
  }
}

Result<CurlTransfer::List> make_headers(const HttpRequest& request) {
  CurlTransfer::List list;
  const auto append = [&](const std::string& line) {
    curl_slist* longer = curl_slist_append(list.get(), line.c_str());
    if (longer == nullptr) return;
    static_cast<void>(list.release());
    list.reset(longer);
  };
  // Otherwise curl waits for a "100 Continue" before a long body, which few servers send.
  append("Expect:");
  for (const Header& header : request.headers) {
    if (header.name.empty() || has_line_break(header.name) || has_line_break(header.value)) {
      return fail(ErrorCode::kInvalidArgument, "a header's name or value holds a line break");
    }
    // A ";" is curl's sign for a header without a value.
    append(header.value.empty() ? header.name + ";" : header.name + ": " + header.value);
  }
  return list;
}

}  // namespace

CurlMulti make_curl_multi() {
  // Once a process, and before the first transfer: a program may fork later, while a worker thread
  // is in the middle of one.
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(initialised);
  return CurlMulti(curl_multi_init());
}

CurlTransfer::CurlTransfer() : easy_(curl_easy_init()) {}

Status CurlTransfer::begin(const HttpRequest& request, const TrustedRoots& roots) {
  const auto host = host_of(request.url);
  if (!host) return fail(ErrorCode::kInvalidArgument, "url: expected http:// or https://");
  if (!easy_) return fail(ErrorCode::kInternal, "libcurl cannot be initialised");
  auto headers = make_headers(request);
  if (!headers) return tl::unexpected(headers.error());
  headers_ = std::move(*headers);
  receiver_ = {};
  receiver_.easy = easy_.get();
  receiver_.request = &request;
  receiver_.body_bytes_max =
      static_cast<std::size_t>(std::max<std::int64_t>(0, request.response_bytes_max));
  detail_[0] = '\0';
  curl_easy_reset(easy_.get());  // keeps the connections, which belong to the multi handle
  set_options(request, *host);
  if (!roots.file.empty()) curl_easy_setopt(easy_.get(), CURLOPT_CAINFO, roots.file.c_str());
  if (!roots.directory.empty()) {
    curl_easy_setopt(easy_.get(), CURLOPT_CAPATH, roots.directory.c_str());
  }
  return {};
}

void CurlTransfer::set_options(const HttpRequest& request, const std::string& host) {
  CURL* easy = easy_.get();
  curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  if (request.idle_s > 0) {
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, static_cast<long>(request.idle_s));
  }
  // A name that does not resolve must not hold up an interrupt or the process's end.
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers_.get());
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, receive_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &receiver_);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, receive_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &receiver_);
  // The empty string turns off what the environment asks for (http_proxy and the like).
  if (is_loopback(host)) curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, detail_.data());
  if (request.method == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    return;
  }
  if (request.method == "GET") return;
  curl_easy_setopt(easy, CURLOPT_POST, 1L);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.data());
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

Result<HttpResponse> CurlTransfer::end(CURLcode code) {
  if (receiver_.is_too_long) {
    return fail(ErrorCode::kResourceExhausted, "the answer is longer than expected");
  }
  if (code != CURLE_OK) {
    return fail(code_of(code), detail_[0] != '\0' ? detail_.data() : curl_easy_strerror(code));
  }
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  receiver_.response.status = static_cast<int>(status);
  return std::move(receiver_.response);
}

void CurlTransfer::forget() {
  curl_easy_reset(easy_.get());
}

std::string_view HttpResponse::header(std::string_view name) const {
  const auto fold = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  for (const Header& candidate : headers) {
    if (std::equal(candidate.name.begin(), candidate.name.end(), name.begin(), name.end(),
                   [&](char a, char b) { return fold(a) == fold(b); })) {
      return candidate.value;
    }
  }
  return "";
}

}  // namespace apitoolkit::net
