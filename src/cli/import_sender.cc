#include "src/cli/import_sender.h"

#include <algorithm>
#include <charconv>
#include <thread>

#include "src/base/limits.h"

namespace apitoolkit::cli {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t kBatchMessagesMax = 500;
constexpr std::size_t kBatchBytesMax = std::size_t{4} << 20;  // unless one message is longer
constexpr std::chrono::seconds kCallTimeout{60};
constexpr milliseconds kBackoffMin{100};
constexpr milliseconds kBackoffMax{5000};
constexpr milliseconds kLookEvery{50};  // at the interrupt
constexpr std::size_t kRefusalBytesMax = 500;

milliseconds asked_wait(const net::HttpResponse& response) {
  const std::string_view text = response.header("Retry-After");
  std::int64_t wait_s = 0;
  std::from_chars(text.data(), text.data() + text.size(), wait_s);
  return std::chrono::seconds(std::clamp<std::int64_t>(wait_s, 0, 60));
}

}  // namespace

ImportSender::ImportSender(LoadDoor& door, net::HttpClient& http,
                           const std::atomic<bool>& interrupt, std::chrono::seconds patience)
    : door_(door), http_(http), interrupt_(interrupt), patience_(patience) {}

Status ImportSender::add(std::string_view message) {
  const bool full = count_ > 0 && (count_ == kBatchMessagesMax ||
                                   body_.size() + message.size() * 4 / 3 > kBatchBytesMax);
  if (full) {
    if (Status sent = flush(); !sent) return sent;
  }
  if (count_ == 0) {
    body_.clear();
    door_.begin(body_);
  }
  door_.add({message, {}, {}}, body_);
  ++count_;
  return {};
}

Status ImportSender::flush() {
  if (count_ == 0) return {};
  door_.end(body_);
  if (Status sent = send(); !sent) return sent;
  acknowledged_ += static_cast<std::int64_t>(count_);
  count_ = 0;
  return {};
}

Status ImportSender::send() {
  const auto give_up = Clock::now() + patience_;
  milliseconds backoff = kBackoffMin;
  while (true) {
    net::HttpRequest request = door_.request();
    request.body = body_;
    request.deadline = Clock::now() + kCallTimeout;
    request.interrupt = &interrupt_;
    const auto response = http_.send(request);
    if (interrupt_) return fail(ErrorCode::kUnavailable, "interrupted");
    milliseconds pause = backoff;
    std::string reason;
    if (response) {
      const LoadDoor::Verdict verdict = door_.judge(*response, count_);
      if (verdict == LoadDoor::Verdict::kAcknowledged) return {};
      reason = "the server answered " + std::to_string(response->status) + ": " +
               response->body.substr(0, kRefusalBytesMax);
      if (verdict == LoadDoor::Verdict::kRefused) {
        return fail(ErrorCode::kInvalidArgument, reason);
      }
      pause = std::max(pause, asked_wait(*response));
    } else {
      reason = response.error().message;
    }
    if (Clock::now() + pause >= give_up) return fail(ErrorCode::kUnavailable, reason);
    wait(pause);
    if (interrupt_) return fail(ErrorCode::kUnavailable, "interrupted");
    backoff = std::min(backoff * 2, kBackoffMax);
  }
}

void ImportSender::wait(milliseconds time) const {
  const auto until = Clock::now() + time;
  while (!interrupt_ && Clock::now() < until) std::this_thread::sleep_for(kLookEvery);
}

}  // namespace apitoolkit::cli
