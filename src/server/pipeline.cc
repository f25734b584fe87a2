#include "src/server/pipeline.h"

#include <utility>

#include "src/base/limits.h"
#include "src/json/utf8.h"
#include "src/server/normalise/dead_letter.h"
#include "src/server/normalise/normalise.h"
#include "src/server/store/exchange_size.h"
#include "src/wire/message.h"

namespace apitoolkit::server {
namespace {

std::int64_t memory_bytes(const ingest::Contents& contents) {
  std::int64_t bytes = 0;
  for (const ingest::Item& item : contents.items) {
    bytes += static_cast<std::int64_t>(item.bytes.size());
    if (item.exchange) bytes += store::memory_bytes(*item.exchange);
  }
  for (const store::LogEntry& log : contents.logs) {
    bytes += static_cast<std::int64_t>(sizeof log + log.body.size() + log.attributes_json.size());
  }
  return bytes;
}

// At most the first `bytes`, without cutting a character.
void cut_text(std::string& text, std::int64_t bytes) {
  if (static_cast<std::int64_t>(text.size()) <= bytes) return;
  text.resize(static_cast<std::size_t>(bytes));
  while (!text.empty() && !json::is_valid_utf8(text)) text.pop_back();
}

Error queue_is_full() {
  return {ErrorCode::kResourceExhausted, "the ingest queue is full; try again later"};
}

}  // namespace

// A delivery's share of the bound on what is not committed yet. Given back by release, or by its
// end, whichever way the delivery goes.
class Pipeline::Share {
 public:
  Share(std::atomic<std::int64_t>& total, std::int64_t total_max)
      : total_(total), total_max_(total_max) {}
  ~Share() { release(); }
  Share(const Share&) = delete;
  Share& operator=(const Share&) = delete;

  // Makes this share `bytes` if it is not more already; false, without doing so, where the others
  // have reached the bound. They, not all of them: the largest delivery that a door takes must find
  // its way in, so the queue holds at most the bound and one delivery.
  bool grow_to(std::int64_t bytes) {
    const std::int64_t more = bytes - bytes_;
    if (more <= 0) return true;
    if (total_.fetch_add(more) - bytes_ >= total_max_) {
      total_ -= more;
      return false;
    }
    bytes_ = bytes;
    return true;
  }
  void release() { total_ -= std::exchange(bytes_, 0); }

 private:
  std::atomic<std::int64_t>& total_;
  const std::int64_t total_max_;
  std::int64_t bytes_ = 0;
};

Pipeline::Pipeline(const redaction::RuleBook& rules, account::RateLimiter& limiter,
                   Committer& committer, DiskWatch& disk, const base::Clock& clock,
                   base::WorkerPool& workers, Metrics& metrics, std::int64_t queue_bytes_max)
    : rules_(rules),
      limiter_(limiter),
      committer_(committer),
      disk_(disk),
      clock_(clock),
      workers_(workers),
      metrics_(metrics),
      queue_bytes_max_(queue_bytes_max) {}

// From the I/O thread to a worker.
void Pipeline::take(std::shared_ptr<ingest::Delivery> delivery) {
  if (workers_.submit([this, delivery] { run(delivery); })) return;
  refuse(*delivery, {ErrorCode::kResourceExhausted, "too many requests wait; try again later"});
}

void Pipeline::run(const std::shared_ptr<ingest::Delivery>& delivery) {
  // 1. Authenticate: whose project is it?
  const auto holder = delivery->authenticate();
  if (!holder) return refuse(*delivery, holder.error());

  // 2. Limits: may this key send as much, and is there room to take it in?
  auto share = admit(*delivery, *holder);
  if (!share) return refuse(*delivery, share.error());

  // 3. Decode: the door's envelope, then each message. What came small may be large now.
  auto contents = delivery->decode();
  if (!contents) {
    (*share)->release();
    return refuse(*delivery, contents.error());
  }
  if (!(*share)->grow_to(memory_bytes(*contents))) {
    (*share)->release();
    return refuse(*delivery, queue_is_full());
  }
  metrics_.count_received(delivery->source(), contents->items.size() + contents->logs.size());
  for (const auto& [what, count] : contents->dropped) {
    metrics_.count_dropped(delivery->source(), what, count);
  }

  // 4. and 5. Redact again, normalise.
  ingest::Receipt receipt;
  Committer::Work work = prepare(std::move(*contents), *delivery, *holder, receipt);

  // 6. and 7. Commit, acknowledge.
  commit(std::move(work), delivery, std::move(receipt), std::move(*share));
}

// Takes the delivery's size into the bound on what is not committed yet.
Result<std::shared_ptr<Pipeline::Share>> Pipeline::admit(const ingest::Delivery& delivery,
                                                         const account::KeyHolder& holder) {
  if (!limiter_.admit(holder, delivery.bytes())) {
    return fail(ErrorCode::kResourceExhausted,
                "this API key sends more than its limit; try again later");
  }
  if (const auto reason = disk_.read_only()) return fail(ErrorCode::kUnavailable, *reason);
  auto share = std::make_shared<Share>(queue_bytes_, queue_bytes_max_);
  if (!share->grow_to(delivery.bytes())) return tl::unexpected<Error>(queue_is_full());
  return share;
}

Committer::Work Pipeline::prepare(ingest::Contents contents, const ingest::Delivery& delivery,
                                  const account::KeyHolder& holder,
                                  ingest::Receipt& receipt) const {
  std::vector<ingest::Item>& items = contents.items;
  Committer::Work work;
  work.records.reserve(items.size());
  receipt.items = items.size();
  const std::int64_t received_ns = clock_.now_ns();
  const Uuid& project = holder.project->id;
  const auto rules = rules_.of(project);
  for (std::size_t i = 0; i < items.size(); i++) {
    ingest::Item& item = items[i];
    if (!item.exchange) {
      const std::string& reason = item.exchange.error().message;
      receipt.bad.push_back({i, reason});
      work.dead_letters.push_back({0, project, received_ns, std::string(delivery.source()), reason,
                                   normalise::mask_dead_letter(std::move(item.bytes), *rules)});
      continue;
    }
    Exchange& exchange = *item.exchange;
    // Of the message as it came: rules may change between a publisher's two attempts.
    const Uuid identity = wire::identity(exchange);
    rules->redact(exchange);
    work.records.push_back(
        normalise::normalise(std::move(exchange), {project, identity, received_ns}));
    // Learning from the record takes its place here.
  }
  work.logs = std::move(contents.logs);
  for (store::LogEntry& log : work.logs) {
    log.project = project;
    if (log.time_ns <= 0) log.time_ns = received_ns;
    rules->redact_log(log.body, log.attributes_json);
    cut_text(log.body, limits::kLogBodyBytesMax);
    if (log.attributes_json.size() > limits::kLogAttributesBytesMax) log.attributes_json = "{}";
  }
  return work;
}

void Pipeline::commit(Committer::Work work, std::shared_ptr<ingest::Delivery> delivery,
                      ingest::Receipt receipt, std::shared_ptr<Share> share) {
  work.done = [this, delivery = std::move(delivery), receipt = std::move(receipt),
               share = std::move(share)](const Status& status) {
    share->release();  // before the answer, so that whoever has it finds room
    if (status) return delivery->acknowledge(receipt);
    if (status.error().code == ErrorCode::kResourceExhausted) disk_.is_full();
    // Whatever the store's reason: the same request may succeed later.
    refuse(*delivery, {ErrorCode::kUnavailable, status.error().message});
  };
  committer_.commit(std::move(work));
}

void Pipeline::refuse(ingest::Delivery& delivery, const Error& error) {
  metrics_.count_refused(delivery.source(), error.code);
  delivery.refuse(error);
}

}  // namespace apitoolkit::server
