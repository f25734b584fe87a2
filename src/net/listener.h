// One socket that takes connections in, until it is closed.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>

#include "apitoolkit/result.h"
#include "src/net/http_server.h"

namespace apitoolkit::net {

class Listener {
 public:
  using Take = std::function<void(boost::asio::ip::tcp::socket)>;

  // `io` must outlive it, and may not run any more when it is destroyed.
  explicit Listener(boost::asio::io_context& io);

  // Binds; connections wait until `start`. kIo or kAlreadyExists (the port is in use) say what to
  // do.
  Status open(const ListenAddress& address);
  // Calls `take` on a thread of `io` for each connection, whose socket has a strand of its own.
  void start(Take take);
  // No more connections. Thread-safe.
  void close();

  std::uint16_t port() const { return port_; }

 private:
  void accept();

  boost::asio::io_context& io_;
  boost::asio::ip::tcp::acceptor acceptor_;  // on a strand, which all of this uses
  boost::asio::steady_timer pause_;
  Take take_;
  std::uint16_t port_ = 0;
  bool closed_ = false;
};

}  // namespace apitoolkit::net
