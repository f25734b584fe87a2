// For tests: an HTTP server on the loopback that answers as a script says, also wrongly.
//
//   ScriptedServer server([](const ScriptedRequest&) { return http_answer(200, "{}"); });
//   client.send({.url = server.url("/x"), …});
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace apitoolkit::net {

struct ScriptedRequest {
  std::string method;
  std::string target;                          // path and query
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
  int connection = 0;  // counts from 1
};

struct ScriptedAnswer {
  std::string bytes;  // as they go over the wire, status line included
  enum class Then {
    kKeep,   // wait for the next request
    kClose,  // say goodbye
    kReset,  // break the connection (RST)
    kHang,   // say nothing more until the server is stopped
  } then = Then::kKeep;
};

// A correct answer; `headers` are whole lines, each ended by "\r\n".
ScriptedAnswer http_answer(int status, const std::string& body, const std::string& headers = "");

class ScriptedServer {
 public:
  // Called from one thread a connection, at the same time for different connections.
  using Script = std::function<ScriptedAnswer(const ScriptedRequest&)>;

  // Listens on a port of the system's choice, or on `port`.
  explicit ScriptedServer(Script script, int port = 0);
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  int port() const { return port_; }
  std::string url(const std::string& target = "") const;
  int connections() const { return connections_; }

 private:
  void accept_all();
  void serve(int socket, int connection);

  Script script_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> connections_ = 0;
  std::atomic<bool> is_stopping_ = false;
  std::mutex mutex_;
  std::vector<std::thread> threads_;  // one a connection; guarded by mutex_
  std::thread acceptor_;
};

}  // namespace apitoolkit::net
