#include "src/net/listener.h"

#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <chrono>
#include <string>
#include <utility>

namespace apitoolkit::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr int kBacklog = 1024;
constexpr std::chrono::milliseconds kAcceptPause{100};  // when there are no file descriptors left

}  // namespace

Listener::Listener(asio::io_context& io)
    : io_(io), acceptor_(asio::make_strand(io)), pause_(acceptor_.get_executor()) {}

Status Listener::open(const ListenAddress& address) {
  error_code error;
  const auto ip = asio::ip::make_address(address.host, error);
  if (error) {
    return fail(ErrorCode::kInvalidArgument,
                "\"" + address.host + "\" is not an IP address to listen on");
  }
  const tcp::endpoint endpoint(ip, address.port);
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(kBacklog, error);
  if (!error) port_ = acceptor_.local_endpoint(error).port();
  const std::string port = std::to_string(address.port);
  if (error == asio::error::address_in_use) {
    return fail(ErrorCode::kAlreadyExists,
                "port " + port + " of " + address.host +
                    " is in use: stop the other program or choose another port with " +
                    address.option);
  }
  if (error) {
    return fail(ErrorCode::kIo,
                "cannot listen on " + address.host + ":" + port + ": " + error.message());
  }
  return {};
}

void Listener::start(Take take) {
  take_ = std::move(take);
  asio::post(acceptor_.get_executor(), [this] { accept(); });
}

void Listener::close() {
  asio::post(acceptor_.get_executor(), [this] {
    closed_ = true;
    error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
  });
}

void Listener::accept() {
  if (closed_) return;
  acceptor_.async_accept(asio::make_strand(io_), [this](error_code error, tcp::socket socket) {
    if (closed_ || error == asio::error::operation_aborted) return;
    if (error) {
      // Out of descriptors or memory: the next try waits for some to be given back.
      pause_.expires_after(kAcceptPause);
      pause_.async_wait([this](error_code cancelled) {
        if (!cancelled) accept();
      });
      return;
    }
    accept();  // first, so that no failure of this one ends it
    take_(std::move(socket));
  });
}

}  // namespace apitoolkit::net
