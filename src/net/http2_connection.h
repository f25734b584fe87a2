// The traffic of a connection that turned out to speak HTTP/2: reads its socket into an
// Http2Session and writes what that has to say, on the connection's strand.
//
//   open ──error, GOAWAY answered, idle──▶ draining (what still comes is dropped) ──▶ closed
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "src/net/http2_session.h"
#include "src/net/http_connection.h"

namespace apitoolkit::net {

class Http2Connection : public std::enable_shared_from_this<Http2Connection> {
 public:
  // `below` lends its socket, and lives as long as this does.
  explicit Http2Connection(std::shared_ptr<HttpConnection> below);

  // The rest on the strand. `bytes` is what was read already, from the preface on.
  void start(std::string_view bytes);
  // Answers the calls in flight and ends.
  void finish();

 private:
  using Clock = Http2Session::Clock;

  void take(std::string_view bytes);
  void read();
  void write();
  void tick();
  void drain();
  void close();

  const std::shared_ptr<HttpConnection> below_;  // shared: see HttpConnection::http2_
  ServerShared& shared_;
  boost::asio::steady_timer timer_;
  std::unique_ptr<Http2Session> session_;
  std::string input_;                // as large as one read may be
  std::string output_;               // being written
  Clock::time_point last_input_;     // when something came
  Clock::time_point write_started_;  // of `output_`
  std::int64_t drained_bytes_ = 0;
  bool writing_ = false;
  bool deaf_ = false;      // what comes is dropped
  bool draining_ = false;  // and everything is said
};

}  // namespace apitoolkit::net
