#include "src/net/http_server.h"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/string.hpp>
#include <chrono>
#include <exception>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>

#include "src/net/http_connection.h"
#include "src/net/listener.h"
#include "src/net/tls.h"

namespace apitoolkit::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::milliseconds kStopPoll{5};

class AsioServer final : public HttpServer {
 public:
  explicit AsioServer(HttpServerOptions options)
      : shared_(std::make_shared<ServerShared>(std::move(options))) {}

  ~AsioServer() override { AsioServer::stop(); }

  Status open() {
    const HttpServerOptions& options = shared_->options;
    auto proxies = TrustedProxies::parse(options.trusted_proxies);
    if (!proxies) return tl::unexpected<Error>(proxies.error());
    shared_->trusted_proxies = std::move(*proxies);
    if (auto loaded = reload_tls(); !loaded) return loaded;
    if (auto opened = listen_on({options.host, options.port}); !opened) return opened;
    for (const ListenAddress& address : options.further) {
      if (auto opened = listen_on(address); !opened) return opened;
    }
    return {};
  }

  void start(Handler handler, GrpcMethods methods) override {
    shared_->handler = std::move(handler);
    shared_->methods = std::move(methods);
    for (Door& door : doors_) {
      door.listener->start([this, first = door.first](tcp::socket socket) {
        if (!shared_->stopping) take(std::move(socket), first);
      });
    }
    for (int i = 0; i < shared_->options.threads; i++) {
      threads_.emplace_back([this] { run(); });
    }
  }

  std::uint16_t port() const override { return doors_.front().listener->port(); }

  std::vector<std::uint16_t> further_ports() const override {
    std::vector<std::uint16_t> ports;
    for (std::size_t i = 1; i < doors_.size(); i++) ports.push_back(doors_[i].listener->port());
    return ports;
  }

  Status reload_tls() override {
    if (!shared_->options.tls) return {};
    auto contexts = make_tls(*shared_->options.tls);
    if (!contexts) return tl::unexpected<Error>(contexts.error());
    const std::lock_guard lock(shared_->tls_mutex);
    shared_->tls_now = std::move(*contexts);
    return {};
  }

  const HttpServerCounters& counters() const override { return shared_->counters; }

  void stop() override {
    if (threads_.empty()) return;
    shared_->stopping = true;
    for (Door& door : doors_) door.listener->close();
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
  struct Door {
    std::unique_ptr<Listener> listener;
    TlsFirst first;
  };

  Status listen_on(const ListenAddress& address) {
    auto listener = std::make_unique<Listener>(shared_->io);
    if (auto opened = listener->open(address); !opened) return opened;
    doors_.push_back(
        {std::move(listener), address.prefers_http2 ? TlsFirst::kHttp2 : TlsFirst::kHttp1});
    return {};
  }

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

  void take(tcp::socket socket, TlsFirst first) {
    const std::int64_t open = shared_->counters.connections;
    const std::int64_t open_max = shared_->options.connections_max;
    if (open > open_max + open_max / 8) {  // even for a refusal there is no room
      shared_->counters.refused_connections++;
      return;
    }
    auto connection = std::make_shared<HttpConnection>(std::move(socket), shared_, first);
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
  std::vector<Door> doors_;  // as many as there are addresses; complete after open()
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
