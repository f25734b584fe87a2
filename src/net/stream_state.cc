#include "src/net/stream_state.h"

#include <utility>

namespace apitoolkit::net {
namespace {

class Handle final : public AnswerStream {
 public:
  explicit Handle(std::shared_ptr<StreamState> state) : state_(std::move(state)) {}
  ~Handle() override { state_->end(); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  bool write(std::string_view piece) override { return state_->write(piece); }
  void end() override { state_->end(); }
  void abort() override { state_->abort(); }
  bool is_open() const override { return state_->is_open(); }

 private:
  const std::shared_ptr<StreamState> state_;  // shared with the connection
};

}  // namespace

StreamState::StreamState(StreamOptions options, std::function<void()> wake,
                         std::atomic<std::int64_t>& total_bytes, std::int64_t total_bytes_max)
    : options_(std::move(options)),
      wake_(std::move(wake)),
      total_bytes_(total_bytes),
      total_bytes_max_(total_bytes_max) {}

StreamState::~StreamState() {
  total_bytes_ -= static_cast<std::int64_t>(waiting_.size()) + in_flight_bytes_;
}

bool StreamState::write(std::string_view piece) {
  if (piece.empty()) return is_open();
  {
    const std::lock_guard lock(mutex_);
    if (ended_ || stopped_) return false;
    const auto bytes = static_cast<std::int64_t>(piece.size());
    const std::int64_t backlog = static_cast<std::int64_t>(waiting_.size()) + in_flight_bytes_;
    const bool full = backlog + bytes > options_.backlog_bytes_max;
    if (full || total_bytes_.fetch_add(bytes) + bytes > total_bytes_max_) {
      if (!full) total_bytes_ -= bytes;
      refused_ = true;
      return false;
    }
    waiting_.append(piece);
    if (!std::exchange(asleep_, false)) return true;
  }
  wake_();
  return true;
}

void StreamState::end() {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(ended_, true)) return;
    told_ = true;
    if (!std::exchange(asleep_, false)) return;
  }
  wake_();
}

void StreamState::abort() {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(ended_, true)) return;
    aborted_ = true;
    told_ = true;
    release(static_cast<std::int64_t>(std::exchange(waiting_, {}).size()));
    if (!std::exchange(asleep_, false)) return;
  }
  wake_();
}

bool StreamState::is_open() const {
  const std::lock_guard lock(mutex_);
  return !ended_ && !stopped_;
}

StreamState::Taken StreamState::take() {
  const std::lock_guard lock(mutex_);
  Taken taken{std::exchange(waiting_, {}), ended_ || stopped_, aborted_};
  in_flight_bytes_ = static_cast<std::int64_t>(taken.bytes.size());
  asleep_ = taken.bytes.empty() && !taken.at_end;
  return taken;
}

void StreamState::sent() {
  {
    const std::lock_guard lock(mutex_);
    release(std::exchange(in_flight_bytes_, 0));
    if (!waiting_.empty() || !std::exchange(refused_, false)) return;
  }
  if (options_.drained) options_.drained();
}

void StreamState::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  tell_gone();
}

void StreamState::abandon() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    release(static_cast<std::int64_t>(std::exchange(waiting_, {}).size()));
    release(std::exchange(in_flight_bytes_, 0));
  }
  tell_gone();
}

void StreamState::release(std::int64_t bytes) {
  total_bytes_ -= bytes;
}

void StreamState::tell_gone() {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(told_, true)) return;
  }
  if (options_.gone) options_.gone();
}

std::unique_ptr<AnswerStream> make_stream_handle(std::shared_ptr<StreamState> state) {
  return std::make_unique<Handle>(std::move(state));
}

}  // namespace apitoolkit::net
