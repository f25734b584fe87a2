#include "src/cli/server_client.h"

#include <charconv>
#include <csignal>

#include "src/cli/terminal_text.h"
#include "src/json/document.h"

namespace apitoolkit::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kCallTimeout{60};  // longer than a query may take
constexpr std::chrono::hours kStreamTimeout{24 * 365};
constexpr std::int64_t kAnswerBytesMax = std::int64_t{1} << 30;

std::atomic<bool> interrupted{false};

void interrupt(int /*number*/) {
  interrupted = true;
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += kDigits[byte >> 4U];
      out += kDigits[byte & 15U];
    }
  }
  return out;
}

// A text of several lines, each shown.
std::string shown_lines(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    // Tabs stand above tabs: what carets point at depends on them.
    for (std::string_view line = text.substr(0, end); !line.empty();) {
      const std::size_t tab = std::min(line.find('\t'), line.size());
      out += shown(line.substr(0, tab));
      if (tab < line.size()) out += '\t';
      line.remove_prefix(std::min(tab + 1, line.size()));
    }
    out += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string member(const json::Document& document, std::string_view name) {
  const auto node = document.member(document.root(), name);
  if (!node || document[*node].type != json::Type::kString) return {};
  return document.text(*node);
}

}  // namespace

void add_server_options(CLI::App& command, ServerAddress& address, const std::string& scope) {
  command.add_option("--url", address.url, "The server's address (default: http://127.0.0.1:8080)")
      ->envname("APITOOLKIT_ROOT_URL");
  command.add_option("--key", address.key, "An API key that may " + scope)
      ->envname("APITOOLKIT_API_KEY");
}

const std::atomic<bool>& watch_interrupt() {
  struct sigaction action {};
  action.sa_handler = interrupt;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  return interrupted;
}

std::string query_string(const Parameters& parameters) {
  std::string out;
  for (const auto& [name, value] : parameters) {
    if (value.empty()) continue;
    out += out.empty() ? '?' : '&';
    out += name + "=" + percent_encoded(value);
  }
  return out;
}

ServerClient::ServerClient(ServerAddress address, const std::atomic<bool>& interrupt)
    : address_(std::move(address)), interrupt_(interrupt) {
  while (address_.url.ends_with('/')) address_.url.pop_back();
}

net::HttpRequest ServerClient::request(const std::string& path) const {
  net::HttpRequest request;
  request.url = address_.url + path;
  request.headers = {{"Authorization", "Bearer " + address_.key}};
  request.deadline = Clock::now() + kCallTimeout;
  request.response_bytes_max = kAnswerBytesMax;
  request.interrupt = &interrupt_;
  return request;
}

Refusal ServerClient::refusal_of(const Error& error) const {
  return {0, shown(address_.url) + ": " + shown(error.message), "", 0};
}

Refusal ServerClient::refusal_of(const net::HttpResponse& response) {
  Refusal refusal;
  refusal.status = response.status;
  refusal.detail = "the server answered " + std::to_string(response.status) +
                   "; is this the address of an APIToolkit server?";
  const std::string_view wait = response.header("Retry-After");
  std::from_chars(wait.data(), wait.data() + wait.size(), refusal.retry_after_s);
  const auto document = json::Document::parse(response.body);
  if (!document || (*document)[0].type != json::Type::kObject) return refusal;
  const std::string detail = member(*document, "detail");
  const std::string pointer = member(*document, "pointer");
  refusal.at = shown_lines(member(*document, "at"));
  if (detail.empty()) return refusal;
  const bool names_place = pointer.empty() || !refusal.at.empty();
  refusal.detail = (names_place ? "" : shown(pointer) + ": ") + shown(detail);
  return refusal;
}

tl::expected<std::string, Refusal> ServerClient::send(const net::HttpRequest& request) {
  auto response = http_->send(request);
  if (!response) return tl::unexpected(refusal_of(response.error()));
  if (response->status != 200) return tl::unexpected(refusal_of(*response));
  return std::move(response->body);
}

tl::expected<std::string, Refusal> ServerClient::get(const std::string& path_and_query) {
  return send(request(path_and_query));
}

tl::expected<std::string, Refusal> ServerClient::post(const std::string& path, std::string json) {
  net::HttpRequest posted = request(path);
  posted.method = "POST";
  posted.headers.push_back({"Content-Type", "application/json"});
  posted.body = std::move(json);
  return send(posted);
}

tl::expected<void, Refusal> ServerClient::stream(const std::string& path_and_query,
                                                 std::vector<Header> headers, std::int64_t idle_s,
                                                 std::function<bool(std::string_view)> take) {
  net::HttpRequest streamed = request(path_and_query);
  for (Header& header : headers) streamed.headers.push_back(std::move(header));
  streamed.deadline = Clock::now() + kStreamTimeout;
  streamed.idle_s = idle_s;
  streamed.on_piece = std::move(take);
  const auto done = send(streamed);
  if (!done) return tl::unexpected(done.error());
  return {};
}

}  // namespace apitoolkit::cli
