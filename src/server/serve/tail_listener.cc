#include "src/server/serve/tail_listener.h"

#include <algorithm>
#include <array>
#include <utility>

#include "src/base/limits.h"
#include "src/json/writer.h"
#include "src/server/serve/exchange_json.h"

namespace apitoolkit::server::serve {
namespace {

// One event. Line ends inside of JSON are blanks between its tokens; outside of it there are none.
std::string event_text(std::string_view id, std::string_view name, std::string data) {
  std::replace_if(
      data.begin(), data.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  std::string text;
  text.reserve(data.size() + 64);
  if (!id.empty()) text.append("id: ").append(id).append("\n");
  text.append("event: ").append(name).append("\ndata: ").append(data).append("\n\n");
  return text;
}

// Of those fields, or of all: the ones that are not bodies.
std::vector<std::size_t> without_bodies(const std::vector<std::size_t>& fields) {
  const auto names = exchange_fields();
  std::vector<std::size_t> left = fields;
  if (left.empty()) {
    for (std::size_t i = 0; i < names.size(); i++) left.push_back(i);
  }
  std::erase_if(left, [names](std::size_t field) {
    return names[field] == "request_body" || names[field] == "response_body";
  });
  return left;
}

std::string exchange_text(const store::Record& record, const TailWish& wish) {
  json::Writer w;
  write_exchange(record, wish.fields, w, wish.paths);
  if (static_cast<std::int64_t>(w.size()) <= limits::kTailEventBytesMax) {
    return std::move(w).str();
  }
  // Of an empty list all fields would be written.
  const std::vector<std::size_t> left = without_bodies(wish.fields);
  json::Writer small;
  left.empty() ? void(small.begin_object().end_object())
               : write_exchange(record, left, small, wish.paths);
  return std::move(small).str();
}

}  // namespace

TailListener::TailListener(TailWish wish, std::int64_t now_ns, std::uint64_t batch)
    : wish_(std::move(wish)),
      from_ns_(now_ns),
      from_batch_(batch),
      catching_up_(wish_.after_ns.has_value()) {}

bool TailListener::is_open() const {
  const std::lock_guard lock(mutex_);
  return stream_ == nullptr || stream_->is_open();
}

bool TailListener::is_behind() const {
  const std::lock_guard lock(mutex_);
  return behind_;
}

void TailListener::open(std::unique_ptr<net::AnswerStream> stream) {
  const std::lock_guard lock(mutex_);
  stream_ = std::move(stream);
  const std::int64_t id = wish_.after_ns.value_or(from_ns_);
  write("retry: 1000\n" + event_text(std::to_string(id), "ready", "{}"));
  if (!catching_up_ && missed_.empty()) behind_ = false;
}

bool TailListener::write(const std::string& event) {
  if (stream_ == nullptr || !stream_->write(event)) return false;
  wrote_ = true;
  return true;
}

bool TailListener::tell_lag() {
  if (lagged_ == 0) return true;
  if (!write(event_text({}, "lagged", "{\"count\":" + std::to_string(lagged_) + "}"))) return false;
  lagged_ = 0;
  return true;
}

bool TailListener::write_exchange_event(const store::Record& record) {
  return write(
      event_text(std::to_string(record.received_ns), "exchange", exchange_text(record, wish_)));
}

void TailListener::offer(const store::Record& record) {
  const std::lock_guard lock(mutex_);
  if (behind_) {
    if (static_cast<std::int64_t>(missed_.size()) < limits::kTailMissedMax) {
      missed_.push_back(record.identity);
    } else {
      lagged_++;
    }
    return;
  }
  if (!tell_lag() || !write_exchange_event(record)) lagged_++;
}

void TailListener::miss(std::int64_t count) {
  const std::lock_guard lock(mutex_);
  lagged_ += count;
}

void TailListener::beat(std::int64_t position_ns, std::int64_t now_ns) {
  const std::lock_guard lock(mutex_);
  if (std::exchange(wrote_, false)) written_at_ns_ = now_ns;
  if (behind_ || !tell_lag()) return;
  if (now_ns - written_at_ns_ < limits::kTailBeatS * 1'000'000'000) return;
  write("id: " + std::to_string(position_ns) + "\n\n");
}

void TailListener::say_goodbye(std::string_view reason) {
  const std::lock_guard lock(mutex_);
  if (stream_ == nullptr) return;
  tell_lag();
  json::Writer w;
  w.begin_object().key("reason").value(reason).end_object();
  write(event_text({}, "end", std::move(w).str()));
  stream_->end();
}

void TailListener::begin_with(std::vector<Uuid> missed) {
  const std::lock_guard lock(mutex_);
  missed_.insert(missed_.begin(), missed.begin(), missed.end());
  catching_up_ = false;
}

void TailListener::catch_up(
    const std::function<std::optional<store::Record>(const Uuid& identity)>& fetch) {
  std::unique_lock lock(mutex_);
  if (!behind_ || stream_ == nullptr || std::exchange(catching_up_, true)) return;
  while (!missed_.empty() && stream_->is_open()) {
    const Uuid identity = missed_.front();
    lock.unlock();
    const std::optional<store::Record> record = fetch(identity);
    lock.lock();
    // What is gone from the store meanwhile is not missed.
    if (record && !write_exchange_event(*record)) {
      catching_up_ = false;
      return;
    }
    missed_.pop_front();
  }
  behind_ = false;
  catching_up_ = false;
}

}  // namespace apitoolkit::server::serve
