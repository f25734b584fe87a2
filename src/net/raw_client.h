// For tests: a blocking connection to a server on loopback that sends any bytes and reads whole
// answers, without an HTTP library's opinion of either.
#pragma once

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace apitoolkit::net {

struct RawAnswer {
  int status = 0;
  std::string head;  // status line and headers
  std::string body;

  std::string header(std::string_view name) const {
    std::size_t at = head.find("\r\n");
    while (at != std::string::npos && at + 2 < head.size()) {
      const std::size_t end = head.find("\r\n", at + 2);
      const std::string line = head.substr(at + 2, end - at - 2);
      if (line.size() > name.size() && line[name.size()] == ':' &&
          ::strncasecmp(line.data(), name.data(), name.size()) == 0) {
        const std::size_t begin = line.find_first_not_of(' ', name.size() + 1);
        return begin == std::string::npos ? "" : line.substr(begin);
      }
      at = end;
    }
    return {};
  }
};

class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~RawClient() { close(); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool connected() const { return connected_; }

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  void finish_sending() { ::shutdown(socket_, SHUT_WR); }

  // The next whole answer; nullopt when the connection ends, or nothing comes for `timeout_ms`.
  // `head_only` for the answer to a HEAD request.
  std::optional<RawAnswer> read(bool head_only = false, int timeout_ms = 20'000) {
    std::size_t end = std::string::npos;
    while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
      if (receive(timeout_ms) != Received::kBytes) return std::nullopt;
    }
    RawAnswer answer;
    answer.head = received_.substr(0, end + 2);
    received_.erase(0, end + 4);
    if (answer.head.size() > 12) answer.status = std::atoi(answer.head.c_str() + 9);
    const std::string length = answer.header("Content-Length");
    const auto size = head_only ? 0 : static_cast<std::size_t>(std::atoll(length.c_str()));
    while (received_.size() < size) {
      if (receive(timeout_ms) != Received::kBytes) return std::nullopt;
    }
    answer.body = received_.substr(0, size);
    received_.erase(0, size);
    return answer;
  }

  std::optional<RawAnswer> call(std::string_view bytes, bool head_only = false) {
    send(bytes);  // a server that refuses early may have closed; its answer is what counts
    return read(head_only);
  }

  // The next chunk of an answer whose head was read; "" at the last one, or where none comes.
  std::string read_chunk(int timeout_ms = 20'000) {
    std::size_t end = std::string::npos;
    while ((end = received_.find("\r\n")) == std::string::npos) {
      if (receive(timeout_ms) != Received::kBytes) return {};
    }
    const std::size_t size = std::strtoul(received_.c_str(), nullptr, 16);
    while (received_.size() < end + 2 + size + 2) {
      if (receive(timeout_ms) != Received::kBytes) return {};
    }
    std::string chunk = received_.substr(end + 2, size);
    received_.erase(0, end + 2 + size + 2);
    return chunk;
  }

  // What comes until the connection ends.
  std::string read_to_end(int timeout_ms = 20'000) {
    while (receive(timeout_ms) == Received::kBytes) {
    }
    return std::exchange(received_, {});
  }

  // Whatever comes next; nullopt when the connection ends, or nothing comes for `timeout_ms`.
  std::optional<std::string> read_some(int timeout_ms = 20'000) {
    if (received_.empty() && receive(timeout_ms) != Received::kBytes) return std::nullopt;
    return std::exchange(received_, {});
  }

  // Whether the server ends the connection without sending anything more.
  bool is_closed(int timeout_ms = 20'000) {
    return received_.empty() && receive(timeout_ms) == Received::kEnd;
  }

  void close() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  }

 private:
  enum class Received { kBytes, kEnd, kNothing };

  Received receive(int timeout_ms) {
    pollfd wait{socket_, POLLIN, 0};
    if (::poll(&wait, 1, timeout_ms) <= 0) return Received::kNothing;
    char piece[16 << 10];
    const ssize_t got = ::recv(socket_, piece, sizeof piece, 0);
    if (got <= 0) return Received::kEnd;
    received_.append(piece, static_cast<std::size_t>(got));
    return Received::kBytes;
  }

  int socket_;
  bool connected_ = false;
  std::string received_;
};

// One request as text. `headers` are whole lines without their ends.
inline std::string raw_request(std::string_view method, std::string_view target,
                               const std::vector<std::string>& headers = {},
                               std::string_view body = {}) {
  std::string text =
      std::string(method) + " " + std::string(target) + " HTTP/1.1\r\nHost: test\r\n";
  for (const std::string& line : headers) text += line + "\r\n";
  if (!body.empty() || method == "POST") {
    text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  }
  return text + "\r\n" + std::string(body);
}

}  // namespace apitoolkit::net
