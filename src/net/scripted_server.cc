#include "src/net/scripted_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <optional>

namespace apitoolkit::net {
namespace {

constexpr int kPollMs = 10;

// Reads until `wanted` says that `data` is complete; false if the peer or the test ends first.
template <class Wanted>
bool read_until(int socket, std::string& data, const std::atomic<bool>& is_stopping,
                Wanted wanted) {
  while (!wanted()) {
    pollfd waiting{socket, POLLIN, 0};
    if (is_stopping) return false;
    if (poll(&waiting, 1, kPollMs) <= 0) continue;
    char buffer[1 << 16];
    const ssize_t got = recv(socket, buffer, sizeof(buffer), 0);
    if (got <= 0) return false;
    data.append(buffer, static_cast<std::size_t>(got));
  }
  return true;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

ScriptedRequest parse_head(const std::string& head) {
  ScriptedRequest request;
  std::size_t at = head.find("\r\n");
  const std::string line = head.substr(0, at);
  const std::size_t first = line.find(' ');
  const std::size_t second = line.find(' ', first + 1);
  request.method = line.substr(0, first);
  request.target = line.substr(first + 1, second - first - 1);
  while (at != std::string::npos && at + 2 < head.size()) {
    const std::size_t begin = at + 2;
    at = head.find("\r\n", begin);
    const std::string header = head.substr(begin, at - begin);
    const std::size_t colon = header.find(':');
    if (colon == std::string::npos) continue;
    std::size_t value = colon + 1;
    while (value < header.size() && header[value] == ' ') ++value;
    request.headers[lower(header.substr(0, colon))] = header.substr(value);
  }
  return request;
}

// The next request of a connection; `data` keeps what came after it.
std::optional<ScriptedRequest> read_request(int socket, std::string& data,
                                            const std::atomic<bool>& is_stopping) {
  std::size_t end = 0;
  if (!read_until(socket, data, is_stopping, [&] {
        end = data.find("\r\n\r\n");
        return end != std::string::npos;
      })) {
    return std::nullopt;
  }
  ScriptedRequest request = parse_head(data.substr(0, end + 2));
  const auto length = request.headers.find("content-length");
  const std::size_t body_bytes =
      length == request.headers.end() ? 0 : std::strtoul(length->second.c_str(), nullptr, 10);
  const std::size_t total = end + 4 + body_bytes;
  if (!read_until(socket, data, is_stopping, [&] { return data.size() >= total; })) {
    return std::nullopt;
  }
  request.body = data.substr(end + 4, body_bytes);
  data.erase(0, total);
  return request;
}

void send_all(int socket, const std::string& bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t n = send(socket, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) return;
    sent += static_cast<std::size_t>(n);
  }
}

}  // namespace

ScriptedAnswer http_answer(int status, const std::string& body, const std::string& headers) {
  return {"HTTP/1.1 " + std::to_string(status) + " Scripted\r\nContent-Length: " +
              std::to_string(body.size()) + "\r\n" + headers + "\r\n" + body,
          ScriptedAnswer::Then::kKeep};
}

ScriptedServer::ScriptedServer(Script script, int port) : script_(std::move(script)) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) std::abort();
  if (listen(listener_, 128) != 0) std::abort();
  socklen_t size = sizeof(address);
  getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

ScriptedServer::~ScriptedServer() {
  is_stopping_ = true;
  acceptor_.join();
  close(listener_);
  for (std::thread& thread : threads_) thread.join();
}

std::string ScriptedServer::url(const std::string& target) const {
  return "http://127.0.0.1:" + std::to_string(port_) + target;
}

void ScriptedServer::accept_all() {
  while (!is_stopping_) {
    pollfd waiting{listener_, POLLIN, 0};
    if (poll(&waiting, 1, kPollMs) <= 0) continue;
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) continue;
    const int connection = ++connections_;
    const std::lock_guard lock(mutex_);
    threads_.emplace_back([this, socket, connection] { serve(socket, connection); });
  }
}

void ScriptedServer::serve(int socket, int connection) {
  std::string data;
  while (auto request = read_request(socket, data, is_stopping_)) {
    request->connection = connection;
    const ScriptedAnswer answer = script_(*request);
    send_all(socket, answer.bytes);
    if (answer.then == ScriptedAnswer::Then::kHang) {
      while (!is_stopping_) poll(nullptr, 0, kPollMs);
    }
    if (answer.then == ScriptedAnswer::Then::kReset) {
      const linger abort{1, 0};
      setsockopt(socket, SOL_SOCKET, SO_LINGER, &abort, sizeof(abort));
    }
    if (answer.then != ScriptedAnswer::Then::kKeep) break;
  }
  close(socket);
}

}  // namespace apitoolkit::net
