#include "src/server/pipeline.h"

#include <utility>

#include "src/base/limits.h"
#include "src/server/normalise/dead_letter.h"
#include "src/server/normalise/normalise.h"
#include "src/wire/message.h"

namespace apitoolkit::server {

Pipeline::Pipeline(redact::ExchangeRedactor redactor, Committer& committer, DiskWatch& disk,
                   const base::Clock& clock, base::WorkerPool& workers, Metrics& metrics)
    : redactor_(std::move(redactor)),
      committer_(committer),
      disk_(disk),
      clock_(clock),
      workers_(workers),
      metrics_(metrics) {}

// From the I/O thread to a worker.
void Pipeline::take(std::shared_ptr<ingest::Delivery> delivery) {
  if (workers_.submit([this, delivery] { run(delivery); })) return;
  refuse(*delivery, {ErrorCode::kResourceExhausted, "too many requests wait; try again later"});
}

void Pipeline::run(const std::shared_ptr<ingest::Delivery>& delivery) {
  // 1. Authenticate: whose project is it?
  const auto holder = delivery->authenticate();
  if (!holder) return refuse(*delivery, holder.error());

  // 2. Limits: is there room to take it in?
  const std::int64_t bytes = delivery->bytes();
  if (auto room = admit(*delivery); !room) return refuse(*delivery, room.error());

  // 3. Decode: the door's envelope, then each message.
  auto items = delivery->decode();
  if (!items) {
    queue_bytes_ -= bytes;
    return refuse(*delivery, items.error());
  }
  metrics_.count_received(delivery->source(), items->size());

  // 4. and 5. Redact again, normalise.
  ingest::Receipt receipt;
  Committer::Work work = prepare(std::move(*items), *delivery, *holder, receipt);

  // 6. and 7. Commit, acknowledge.
  commit(std::move(work), delivery, std::move(receipt), bytes);
}

// Takes the delivery's size into the bound on what is not committed yet.
Status Pipeline::admit(const ingest::Delivery& delivery) {
  if (const auto reason = disk_.read_only()) return fail(ErrorCode::kUnavailable, *reason);
  const std::int64_t bytes = delivery.bytes();
  if (queue_bytes_.fetch_add(bytes) + bytes > limits::kIngestQueueBytesMax) {
    queue_bytes_ -= bytes;
    return fail(ErrorCode::kResourceExhausted, "the ingest queue is full; try again later");
  }
  return {};
}

Committer::Work Pipeline::prepare(std::vector<ingest::Item> items, const ingest::Delivery& delivery,
                                  const account::KeyHolder& holder,
                                  ingest::Receipt& receipt) const {
  Committer::Work work;
  work.records.reserve(items.size());
  receipt.items = items.size();
  const std::int64_t received_ns = clock_.now_ns();
  const Uuid& project = holder.project->id;
  for (std::size_t i = 0; i < items.size(); i++) {
    ingest::Item& item = items[i];
    if (!item.exchange) {
      const std::string& reason = item.exchange.error().message;
      receipt.bad.push_back({i, reason});
      work.dead_letters.push_back({0, project, received_ns, std::string(delivery.source()), reason,
                                   normalise::mask_dead_letter(std::move(item.bytes))});
      continue;
    }
    Exchange& exchange = *item.exchange;
    // Of the message as it came: rules may change between a publisher's two attempts.
    const Uuid identity = wire::identity(exchange);
    redactor_.redact(exchange);
    work.records.push_back(
        normalise::normalise(std::move(exchange), {project, identity, received_ns}));
    // Learning from the record takes its place here.
  }
  return work;
}

void Pipeline::commit(Committer::Work work, std::shared_ptr<ingest::Delivery> delivery,
                      ingest::Receipt receipt, std::int64_t bytes) {
  work.done = [this, delivery = std::move(delivery), receipt = std::move(receipt),
               bytes](const Status& status) {
    queue_bytes_ -= bytes;
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
