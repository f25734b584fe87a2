#include "src/net/http_server.h"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/beast/core/string.hpp>
#include <chrono>
#include <exception>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>

#include "src/net/http_connection.h"
#include "src/net/tls.h"

namespace apitoolkit::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr int kBacklog = 1024;
constexpr std::chrono::milliseconds kAcceptPause{100};  // when there are no file descriptors left
constexpr std::chrono::milliseconds kStopPoll{5};

class AsioServer final : public HttpServer {
 public:
  explicit AsioServer(HttpServerOptions options)
      : shared_(std::make_shared<ServerShared>(std::move(options))),
        acceptor_(asio::make_strand(shared_->io)),
        pause_(acceptor_.get_executor()) {}

  ~AsioServer() override { AsioServer::stop(); }

  Status open() {
    const HttpServerOptions& options = shared_->options;
    auto proxies = TrustedProxies::parse(options.trusted_proxies);
    if (!proxies) return tl::unexpected<Error>(proxies.error());
    shared_->trusted_proxies = std::move(*proxies);
    if (auto loaded = reload_tls(); !loaded) return loaded;
    error_code error;
    const auto address = asio::ip::make_address(options.host, error);
    if (error) {
      return fail(ErrorCode::kInvalidArgument,
                  "\"" + options.host + "\" is not an IP address to listen on");
    }
    const tcp::endpoint endpoint(address, options.port);
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(kBacklog, error);
    if (!error) port_ = acceptor_.local_endpoint(error).port();
    if (error == asio::error::address_in_use) {
      return fail(ErrorCode::kAlreadyExists,
                  "port " + std::to_string(options.port) + " of " + options.host +
                      " is in use: stop the other program or choose another port with --listen");
    }
    if (error) {
      return fail(ErrorCode::kIo, "cannot listen on " + options.host + ":" +
                                      std::to_string(options.port) + ": " + error.message());
    }
    return {};
  }

  void start(Handler handler, GrpcMethods methods) override {
    shared_->handler = std::move(handler);
    shared_->methods = std::move(methods);
    asio::post(acceptor_.get_executor(), [this] { accept(); });
    for (int i = 0; i < shared_->options.threads; i++) {
      threads_.emplace_back([this] { run(); });
    }
  }

  std::uint16_t port() const override { return port_; }

  Status reload_tls() override {
    if (!shared_->options.tls) return {};
    auto context = make_tls(*shared_->options.tls);
    if (!context) return tl::unexpected<Error>(context.error());
    const std::lock_guard lock(shared_->tls_mutex);
    shared_->tls_now = std::move(*context);
    return {};
  }

  const HttpServerCounters& counters() const override { return shared_->counters; }

  void stop() override {
    if (threads_.empty()) return;
    shared_->stopping = true;
    asio::post(acceptor_.get_executor(), [this] {
      error_code ignored;
      acceptor_.close(ignored);
      pause_.cancel();
    });
    each_connection([](HttpConnection& connection) { connection.finish(); });
    wait_for_connections(std::chrono::milliseconds(shared_->options.stop_timeout_ms));
    each_connection([](HttpConnection& connection) { connection.abort(); });
    shared_->stopped = true;
    guard_.reset();
    shared_->io.stop();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
    // What was cancelled a moment ago lets go of its connection.
    shared_->io.restart();
    shared_->io.poll();
  }

 private:
  // Where memory runs out, the connection at work is dropped with its handler and the others go on.
  void run() {
    while (true) {
      try {
        shared_->io.run();
        return;
      } catch (const std::exception&) {
        shared_->counters.exceptions++;
      }
    }
  }

  void accept() {
    if (shared_->stopping) return;
    acceptor_.async_accept(asio::make_strand(shared_->io),
                           [this](error_code error, tcp::socket socket) {
                             if (shared_->stopping || error == asio::error::operation_aborted)
                               return;
                             if (error) {
                               // Out of descriptors or memory: the next try waits for some to be
                               // given back.
                               pause_.expires_after(kAcceptPause);
                               pause_.async_wait([this](error_code cancelled) {
                                 if (!cancelled) accept();
                               });
                               return;
                             }
                             accept();  // first, so that no failure of this one ends it
                             take(std::move(socket));
                           });
  }

  void take(tcp::socket socket) {
    const std::int64_t open = shared_->counters.connections;
    const std::int64_t open_max = shared_->options.connections_max;
    if (open > open_max + open_max / 8) {  // even for a refusal there is no room
      shared_->counters.refused_connections++;
      return;
    }
    auto connection = std::make_shared<HttpConnection>(std::move(socket), shared_);
    if (open >= open_max) {
      connection->turn_away();
    } else {
      connection->start();
    }
    const std::lock_guard lock(mutex_);
    connections_[next_connection_++] = connection;
    if (connections_.size() >= sweep_at_) sweep();
  }

  // Forgets the connections that have ended; doubling keeps the cost of it constant for each.
  void sweep() {
    std::erase_if(connections_, [](const auto& entry) { return entry.second.expired(); });
    sweep_at_ = std::max<std::size_t>(64, connections_.size() * 2);
  }

  template <class Visit>
  void each_connection(Visit visit) {
    const std::lock_guard lock(mutex_);
    for (auto& [number, weak] : connections_) {
      if (const auto connection = weak.lock()) visit(*connection);
    }
  }

  void wait_for_connections(std::chrono::milliseconds at_most) {
    const auto deadline = std::chrono::steady_clock::now() + at_most;
    while (shared_->counters.connections > 0 && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(kStopPoll);
    }
  }

  std::shared_ptr<ServerShared> shared_;  // shared: a responder may outlive the server
  asio::executor_work_guard<asio::io_context::executor_type> guard_{shared_->io.get_executor()};
  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  std::uint16_t port_ = 0;
  std::vector<std::thread> threads_;
  std::mutex mutex_;  // guards what follows
  std::unordered_map<std::uint64_t, std::weak_ptr<HttpConnection>> connections_;
  std::uint64_t next_connection_ = 0;
  std::size_t sweep_at_ = 64;
};

}  // namespace

struct Responder::Once {
  explicit Once(std::unique_ptr<Target> given) : target(std::move(given)) {}
  Once(const Once&) = delete;
  Once& operator=(const Once&) = delete;
  ~Once() {
    answer({500, {{"Content-Type", "text/plain; charset=utf-8"}}, "no answer was given\n"});
  }

  void answer(ServerResponse response) {
    if (!done.exchange(true)) target->send(std::move(response));
  }

  const std::unique_ptr<Target> target;
  std::atomic<bool> done{false};
};

namespace {

class NoStream final : public AnswerStream {
 public:
  bool write(std::string_view /*piece*/) override { return false; }
  void end() override {}
  void abort() override {}
  bool is_open() const override { return false; }
};

}  // namespace

Responder::Responder(std::unique_ptr<Target> target)
    : once_(std::make_shared<Once>(std::move(target))) {}

void Responder::operator()(ServerResponse response) const {
  once_->answer(std::move(response));
}

std::unique_ptr<AnswerStream> Responder::stream(ServerResponse head, StreamOptions options) const {
  if (once_->done.exchange(true)) return std::make_unique<NoStream>();
  return once_->target->stream(std::move(head), std::move(options));
}

void Responder::on_gone(std::function<void()> gone) const {
  if (!once_->done) once_->target->on_gone(std::move(gone));
}

std::string_view ServerRequest::header(std::string_view name) const {
  for (const Header& header : headers) {
    if (boost::beast::iequals(header.name, name)) return header.value;
  }
  return {};
}

Result<std::unique_ptr<HttpServer>> HttpServer::listen(HttpServerOptions options) {
  auto server = std::make_unique<AsioServer>(std::move(options));
  if (auto opened = server->open(); !opened) return tl::unexpected<Error>(opened.error());
  return server;
}

bool is_loopback(const std::string& host) {
  error_code error;
  const auto address = asio::ip::make_address(host, error);
  return !error && address.is_loopback();
}

std::string_view reason_phrase(int status) {
  const auto text =
      boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(status));
  return {text.data(), text.size()};
}

}  // namespace apitoolkit::net
