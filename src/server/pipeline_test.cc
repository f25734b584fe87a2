// What the pipeline does with its bound on what is not committed yet, whichever way a delivery
// goes.
#include "src/server/pipeline.h"

#include <gtest/gtest.h>

#include <functional>
#include <new>
#include <optional>

#include "src/server/store/exchange_size.h"

namespace apitoolkit::server {
namespace {

using Items = std::vector<ingest::Item>;

struct Outcome {
  bool acknowledged = false;
  std::optional<ErrorCode> refused;
  std::int64_t queue_bytes = -1;  // when it was told
};

class FakeDelivery final : public ingest::Delivery {
 public:
  FakeDelivery(const Pipeline& pipeline, Outcome& outcome, std::function<Result<Items>()> decode)
      : pipeline_(pipeline), outcome_(outcome), decode_(std::move(decode)) {}

  std::string_view source() const override { return "fake"; }
  std::int64_t bytes() const override { return 100; }
  Result<account::KeyHolder> authenticate() override {
    return account::KeyHolder{1, {}, "topic", std::make_shared<const account::Project>()};
  }
  Result<Items> decode() override { return decode_(); }
  void acknowledge(const ingest::Receipt&) override {
    outcome_ = {true, std::nullopt, pipeline_.queue_bytes()};
  }
  void refuse(const Error& error) override {
    outcome_ = {false, error.code, pipeline_.queue_bytes()};
  }

 private:
  const Pipeline& pipeline_;
  Outcome& outcome_;
  const std::function<Result<Items>()> decode_;
};

Items items_with_body(std::size_t bytes) {
  Exchange exchange;
  exchange.method = "GET";
  exchange.response_body.bytes = std::string(bytes, 'x');
  Items items;
  items.push_back({std::move(exchange), ""});
  return items;
}

class PipelineQueue : public testing::Test {
 protected:
  // What became of one delivery, once everything is at rest.
  Outcome take(std::function<Result<Items>()> decode) {
    Outcome outcome;
    pipeline_.take(std::make_shared<FakeDelivery>(pipeline_, outcome, std::move(decode)));
    workers_.stop();
    committer_.stop();
    return outcome;
  }

  std::unique_ptr<store::Store> store_ = store::make_memory_store();
  Metrics metrics_;
  DiskWatch disk_{[]() -> Result<std::int64_t> { return limits::kDiskFreeBytesMin; }};
  base::WorkerPool workers_{1, 10};
  Committer committer_{*store_, [](const auto&, std::size_t, std::size_t, double) {}};
  Pipeline pipeline_{redact::ExchangeRedactor::compile({}).value(),
                     committer_,
                     disk_,
                     base::system_clock(),
                     workers_,
                     metrics_};
};

TEST_F(PipelineQueue, IsEmptyWhenWhatWasCommittedIsAcknowledged) {
  const Outcome outcome = take([this]() -> Result<Items> {
    EXPECT_EQ(pipeline_.queue_bytes(), 100);
    return items_with_body(5000);
  });
  EXPECT_TRUE(outcome.acknowledged);
  EXPECT_EQ(outcome.queue_bytes, 0);
}

TEST_F(PipelineQueue, IsEmptyAfterAnEnvelopeThatCannotBeRead) {
  const Outcome outcome =
      take([]() -> Result<Items> { return fail(ErrorCode::kInvalidArgument, "no"); });
  EXPECT_EQ(outcome.refused, ErrorCode::kInvalidArgument);
  EXPECT_EQ(outcome.queue_bytes, 0);
}

// As where memory runs out: nobody is told here, the responder's end is what answers.
TEST_F(PipelineQueue, IsEmptyAfterAnException) {
  const Outcome outcome = take([]() -> Result<Items> { throw std::bad_alloc(); });
  EXPECT_FALSE(outcome.acknowledged);
  EXPECT_FALSE(outcome.refused);
  EXPECT_EQ(pipeline_.queue_bytes(), 0);
}

TEST_F(PipelineQueue, IsEmptyAfterACommitThatCannotBe) {
  committer_.stop();
  const Outcome outcome = take([]() -> Result<Items> { return items_with_body(10); });
  EXPECT_EQ(outcome.refused, ErrorCode::kUnavailable);
  EXPECT_EQ(outcome.queue_bytes, 0);
}

TEST_F(PipelineQueue, CountsWhatADeliveryHasGrownTo) {
  const Outcome outcome = take([]() -> Result<Items> {
    return items_with_body(static_cast<std::size_t>(limits::kIngestQueueBytesMax));
  });
  EXPECT_EQ(outcome.refused, ErrorCode::kResourceExhausted);
  EXPECT_EQ(outcome.queue_bytes, 0);
}

}  // namespace
}  // namespace apitoolkit::server
