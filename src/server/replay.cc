#include "src/server/replay.h"

#include <future>
#include <utility>

#include "src/wire/message.h"

namespace apitoolkit::server {
namespace {

class Replay final : public ingest::Delivery {
 public:
  Replay(account::KeyHolder holder, std::string bytes)
      : holder_(std::move(holder)), message_(std::move(bytes)) {}
  // Whoever waits is told, also where the pipeline gave it up.
  ~Replay() override {
    settle(fail(ErrorCode::kUnavailable, "the letter was not replayed; try again later"));
  }

  std::future<Status> outcome() { return outcome_.get_future(); }

  std::string_view source() const override { return "replay"; }
  std::int64_t bytes() const override { return static_cast<std::int64_t>(message_.size()); }
  Result<account::KeyHolder> authenticate() override { return holder_; }
  Result<ingest::Contents> decode() override {
    auto exchange = wire::decode_message(message_);
    if (!exchange) return tl::unexpected<Error>(exchange.error());
    ingest::Contents contents;
    contents.items.push_back({std::move(exchange), ""});
    return contents;
  }
  void acknowledge(const ingest::Receipt& /*receipt*/) override { settle({}); }
  void refuse(const Error& error) override { settle(tl::unexpected<Error>(error)); }

 private:
  void settle(Status status) {
    if (!std::exchange(settled_, true)) outcome_.set_value(std::move(status));
  }

  const account::KeyHolder holder_;
  const std::string message_;
  std::promise<Status> outcome_;
  bool settled_ = false;
};

}  // namespace

Status replay(ingest::Intake& intake, const account::KeyHolder& holder,
              const store::DeadLetter& letter) {
  if (!letter.source.starts_with("pubsub")) {
    return fail(ErrorCode::kUnsupported,
                "letters of the door " + letter.source + " cannot be replayed: send them again");
  }
  auto delivery = std::make_shared<Replay>(holder, letter.bytes);  // shared: as Intake takes it
  std::future<Status> outcome = delivery->outcome();
  intake.take(std::move(delivery));
  return outcome.get();
}

}  // namespace apitoolkit::server
