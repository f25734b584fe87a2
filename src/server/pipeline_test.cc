// What the pipeline does with its bound on what is not committed yet, whichever way a delivery
// goes.
#include "src/server/pipeline.h"

#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <new>
#include <optional>

#include "src/server/store/exchange_size.h"
#include "src/server/test_server.h"

namespace apitoolkit::server {
namespace {

using ingest::Contents;

struct Outcome {
  bool acknowledged = false;
  std::optional<ErrorCode> refused;
  std::int64_t queue_bytes = -1;  // when it was told
};

class FakeDelivery final : public ingest::Delivery {
 public:
  FakeDelivery(const Pipeline& pipeline, Outcome& outcome, std::function<Result<Contents>()> decode,
               std::int64_t bytes = 100)
      : pipeline_(pipeline), outcome_(outcome), decode_(std::move(decode)), bytes_(bytes) {}

  std::string_view source() const override { return "fake"; }
  std::int64_t bytes() const override { return bytes_; }
  Result<account::KeyHolder> authenticate() override {
    return account::KeyHolder{1, {}, "topic", std::make_shared<const account::Project>()};
  }
  Result<Contents> decode() override { return decode_(); }
  void acknowledge(const ingest::Receipt&) override {
    outcome_ = {true, std::nullopt, pipeline_.queue_bytes()};
  }
  void refuse(const Error& error) override {
    outcome_ = {false, error.code, pipeline_.queue_bytes()};
  }

 private:
  const Pipeline& pipeline_;
  Outcome& outcome_;
  const std::function<Result<Contents>()> decode_;
  const std::int64_t bytes_;
};

Contents items_with_body(std::size_t bytes) {
  Exchange exchange;
  exchange.method = "GET";
  exchange.response_body.bytes = std::string(bytes, 'x');
  Contents contents;
  contents.items.push_back({std::move(exchange), ""});
  return contents;
}

class PipelineQueue : public testing::Test {
 protected:
  // What became of one delivery, once everything is at rest.
  Outcome take(std::function<Result<Contents>()> decode) {
    Outcome outcome;
    pipeline_.take(std::make_shared<FakeDelivery>(pipeline_, outcome, std::move(decode)));
    workers_.stop();
    committer_.stop();
    return outcome;
  }

  const TemporaryDirectory directory_;
  std::unique_ptr<store::Store> store_ = store::make_memory_store();
  Metrics metrics_;
  DiskWatch disk_{[]() -> Result<std::int64_t> { return limits::kDiskFreeBytesMin; }};
  base::WorkerPool workers_{2, 10};
  Committer committer_{*store_, [](const auto&, std::size_t, std::size_t, double) {}};
  std::unique_ptr<account::Accounts> accounts_ = std::move(*account::Accounts::open(
      std::move(*account::open_catalog(directory_.path())), base::system_clock()));
  redaction::RuleBook rules_{*accounts_, nullptr};
  account::RateLimiter limiter_{{}};
  Pipeline pipeline_{rules_, limiter_, committer_, disk_, base::system_clock(), workers_, metrics_};
};

TEST_F(PipelineQueue, IsEmptyWhenWhatWasCommittedIsAcknowledged) {
  const Outcome outcome = take([this]() -> Result<Contents> {
    EXPECT_EQ(pipeline_.queue_bytes(), 100);
    return items_with_body(5000);
  });
  EXPECT_TRUE(outcome.acknowledged);
  EXPECT_EQ(outcome.queue_bytes, 0);
}

TEST_F(PipelineQueue, IsEmptyAfterAnEnvelopeThatCannotBeRead) {
  const Outcome outcome =
      take([]() -> Result<Contents> { return fail(ErrorCode::kInvalidArgument, "no"); });
  EXPECT_EQ(outcome.refused, ErrorCode::kInvalidArgument);
  EXPECT_EQ(outcome.queue_bytes, 0);
}

// As where memory runs out: nobody is told here, the responder's end is what answers.
TEST_F(PipelineQueue, IsEmptyAfterAnException) {
  const Outcome outcome = take([]() -> Result<Contents> { throw std::bad_alloc(); });
  EXPECT_FALSE(outcome.acknowledged);
  EXPECT_FALSE(outcome.refused);
  EXPECT_EQ(pipeline_.queue_bytes(), 0);
}

TEST_F(PipelineQueue, IsEmptyAfterACommitThatCannotBe) {
  committer_.stop();
  const Outcome outcome = take([]() -> Result<Contents> { return items_with_body(10); });
  EXPECT_EQ(outcome.refused, ErrorCode::kUnavailable);
  EXPECT_EQ(outcome.queue_bytes, 0);
}

TEST_F(PipelineQueue, TakesTheLargestDeliveryWhileThereIsRoom) {
  const Outcome outcome = take([]() -> Result<Contents> {
    return items_with_body(static_cast<std::size_t>(limits::kIngestQueueBytesMax));
  });
  EXPECT_TRUE(outcome.acknowledged);
  EXPECT_EQ(outcome.queue_bytes, 0);
}

TEST_F(PipelineQueue, RefusesWhileAnotherDeliveryFillsIt) {
  Outcome first;
  Outcome second;
  std::promise<void> first_is_read;
  std::promise<void> second_is_told;
  const auto read_first = [&]() -> Result<Contents> {
    first_is_read.set_value();
    second_is_told.get_future().wait();
    return items_with_body(10);
  };
  const auto read_second = []() -> Result<Contents> { return items_with_body(10); };
  pipeline_.take(
      std::make_shared<FakeDelivery>(pipeline_, first, read_first, limits::kIngestQueueBytesMax));
  first_is_read.get_future().wait();
  pipeline_.take(std::make_shared<FakeDelivery>(pipeline_, second, read_second));
  EXPECT_TRUE(workers_.submit([&] { second_is_told.set_value(); }));  // behind it on its worker
  workers_.stop();
  committer_.stop();
  EXPECT_TRUE(first.acknowledged);
  EXPECT_EQ(first.queue_bytes, 0);
  EXPECT_EQ(second.refused, ErrorCode::kResourceExhausted);
  EXPECT_EQ(second.queue_bytes, limits::kIngestQueueBytesMax);
}

}  // namespace
}  // namespace apitoolkit::server
