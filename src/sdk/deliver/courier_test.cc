#include "src/sdk/deliver/courier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "src/base/limits.h"
#include "src/sdk/deliver/memory.h"

namespace apitoolkit::sdk {
namespace {

using Outcome = Delivery::Outcome;
using testing::ElementsAre;

class ScriptedTransport final : public Transport {
 public:
  using Script = std::function<Delivery(std::span<const std::string_view>)>;
  explicit ScriptedTransport(Script script) : script_(std::move(script)) {}
  std::string_view name() const override { return "scripted"; }
  Delivery deliver(std::span<const std::string_view> messages,
                   std::chrono::steady_clock::time_point, const std::atomic<bool>&) override {
    ++calls;
    return script_(messages);
  }
  int calls = 0;

 private:
  Script script_;
};

Batch batch_of(const std::vector<std::string>& messages) {
  std::deque<Waiting> backlog;
  for (std::size_t i = 0; i < messages.size(); ++i) backlog.push_back({{}, 10});
  Batch batch = Batch::take_from(backlog);
  for (std::size_t i = 0; i < messages.size(); ++i) batch.parcels()[i].message = messages[i];
  batch.plan();
  return batch;
}

struct Tally {
  std::int64_t sent = 0, rejected = 0, bytes = 0;
  std::string detail;
  CallSize size;
  Courier::OnDecided on_decided() {
    return [this](Batch::Decided decided, std::string_view reason, std::string_view why) {
      (reason.empty() ? sent : rejected) += decided.count;
      bytes += decided.bytes;
      if (!why.empty()) detail = why;
    };
  }
};

const std::atomic<bool> kNoInterrupt = false;

TEST(Courier, DeliversABatchInOneCall) {
  ScriptedTransport transport([](auto) { return Delivery{}; });
  Tally tally;
  Batch batch = batch_of({"a", "b", "c"});
  EXPECT_EQ(Courier(transport, kNoInterrupt, tally.size, tally.on_decided()).carry(batch).outcome,
            Outcome::kDelivered);
  EXPECT_TRUE(batch.is_decided());
  EXPECT_EQ(transport.calls, 1);
  EXPECT_EQ(tally.sent, 3);
  EXPECT_EQ(tally.bytes, 30);
}

TEST(Courier, CountsWhatWasRefusedOfACallThatGotThrough) {
  for (const std::int64_t rejected : {-1, 0, 2, 3, 9}) {
    ScriptedTransport transport([&](auto) {
      Delivery delivery;
      delivery.rejected = rejected;
      delivery.detail = "some";
      return delivery;
    });
    Tally tally;
    Batch batch = batch_of({"a", "b", "c"});
    const Delivery result =
        Courier(transport, kNoInterrupt, tally.size, tally.on_decided()).carry(batch);
    EXPECT_EQ(result.outcome, Outcome::kDelivered);
    EXPECT_EQ(tally.detail, rejected > 0 ? "some" : "");
    EXPECT_EQ(transport.calls, 1);
    EXPECT_EQ(tally.rejected, std::clamp<std::int64_t>(rejected, 0, 3));
    EXPECT_EQ(tally.sent + tally.rejected, 3);
    EXPECT_EQ(tally.bytes, 30);
  }
}

TEST(Courier, CarriesOnWhereItWasTurnedAway) {
  std::vector<std::string> delivered;
  bool is_up = false;
  ScriptedTransport transport([&](std::span<const std::string_view> messages) -> Delivery {
    if (!is_up) return {Outcome::kRetry, 5, "down"};
    delivered.insert(delivered.end(), messages.begin(), messages.end());
    return {};
  });
  Tally tally;
  Batch batch = batch_of({"a", "b"});
  Courier courier(transport, kNoInterrupt, tally.size, tally.on_decided());
  EXPECT_EQ(courier.carry(batch).retry_after_ms, 5);
  EXPECT_FALSE(batch.is_decided());
  EXPECT_EQ(tally.sent, 0);
  is_up = true;
  EXPECT_EQ(courier.carry(batch).outcome, Outcome::kDelivered);
  EXPECT_THAT(delivered, ElementsAre("a", "b"));
}

TEST(Courier, FindsTheMessageThatIsRefused) {
  std::vector<std::string> messages;
  for (int i = 0; i < 1000; ++i) messages.push_back("m" + std::to_string(i));
  std::vector<std::string> delivered;
  ScriptedTransport transport([&](std::span<const std::string_view> call) -> Delivery {
    for (const std::string_view message : call) {
      if (message == "m637") return {Outcome::kRejected, -1, "400"};
    }
    delivered.insert(delivered.end(), call.begin(), call.end());
    return {};
  });
  Tally tally;
  Batch batch = batch_of(messages);
  const Delivery result =
      Courier(transport, kNoInterrupt, tally.size, tally.on_decided()).carry(batch);
  EXPECT_EQ(result.outcome, Outcome::kDelivered);
  EXPECT_EQ(tally.detail, "400");
  EXPECT_EQ(tally.rejected, 1);
  EXPECT_EQ(tally.sent, 999);
  messages.erase(messages.begin() + 637);
  EXPECT_EQ(delivered, messages) << "in order, nothing twice";
}

TEST(Courier, DoesNotSearchForEver) {
  ScriptedTransport transport([](auto) { return Delivery{Outcome::kRejected, -1, "400"}; });
  Tally tally;
  Batch batch = batch_of(std::vector<std::string>(1000, "x"));
  Courier(transport, kNoInterrupt, tally.size, tally.on_decided()).carry(batch);
  EXPECT_TRUE(batch.is_decided());
  EXPECT_EQ(tally.rejected, 1000);
  EXPECT_LE(transport.calls, 2 * limits::kSplitRequestsMax + 1);
}

TEST(Courier, SendsLessAtATimeOverASlowUplink) {
  constexpr std::size_t kBytesInTime = 300'000;  // what gets through before the deadline
  std::vector<std::string> delivered;
  ScriptedTransport transport([&](std::span<const std::string_view> messages) -> Delivery {
    std::size_t bytes = 0;
    for (const std::string_view message : messages) bytes += message.size();
    if (bytes > kBytesInTime) return {Outcome::kRetry, -1, "no answer in time", true};
    delivered.insert(delivered.end(), messages.begin(), messages.end());
    return {};
  });
  Tally tally;
  std::vector<std::string> messages;
  for (int i = 0; i < 1000; ++i)
    messages.push_back(std::to_string(1000 + i) + std::string(4996, 'x'));
  Courier courier(transport, kNoInterrupt, tally.size, tally.on_decided());
  Batch batch = batch_of(messages);
  for (int i = 0; !batch.is_decided() && i < 100; ++i) courier.carry(batch);
  EXPECT_TRUE(batch.is_decided());
  EXPECT_EQ(delivered, messages) << "in order, nothing twice, nothing lost";
  EXPECT_LT(tally.size.bytes_max(), limits::kBatchBytesMax);
  Batch next = batch_of(messages);
  next.plan(tally.size.bytes_max());
  EXPECT_LT(next.next().size(), 200U) << "the next batch knows";
}

TEST(Courier, GivesASingleMessageMoreTimeOverASlowUplink) {
  bool is_slow = true;
  ScriptedTransport transport([&](auto) -> Delivery {
    return is_slow ? Delivery{Outcome::kRetry, -1, "no answer in time", true} : Delivery{};
  });
  Tally tally;
  Courier courier(transport, kNoInterrupt, tally.size, tally.on_decided());
  Batch batch = batch_of({"a"});
  for (int i = 0; i < 10; ++i) courier.carry(batch);
  EXPECT_EQ(tally.size.time().count(), limits::kHttpTimeoutMs << limits::kSlowCallDoublingsMax);
  EXPECT_EQ(tally.size.bytes_max(), limits::kCallBytesMin);
  is_slow = false;
  EXPECT_EQ(courier.carry(batch).outcome, Outcome::kDelivered);
  EXPECT_EQ(tally.size.time().count(), limits::kHttpTimeoutMs);
  for (int i = 0; i < 100; ++i) tally.size.got_through();
  EXPECT_EQ(tally.size.bytes_max(), limits::kBatchBytesMax);
}

TEST(Courier, SurvivesATransportThatThrows) {
  ScriptedTransport transport([](auto) -> Delivery { throw std::runtime_error("custom"); });
  Tally tally;
  Batch batch = batch_of({"a"});
  EXPECT_EQ(Courier(transport, kNoInterrupt, tally.size, tally.on_decided()).carry(batch).outcome,
            Outcome::kRetry);
}

TEST(Courier, StopsWhenInterrupted) {
  ScriptedTransport transport([](auto) { return Delivery{}; });
  const std::atomic<bool> interrupt = true;
  Tally tally;
  Batch batch = batch_of({"a"});
  EXPECT_EQ(Courier(transport, interrupt, tally.size, tally.on_decided()).carry(batch).outcome,
            Outcome::kRetry);
  EXPECT_EQ(transport.calls, 0);
}

TEST(Batch, TakesWhatFits) {
  std::deque<Waiting> backlog;
  for (int i = 0; i < 1500; ++i) backlog.push_back({{}, 1});
  EXPECT_EQ(Batch::take_from(backlog).parcels().size(), 1000U);
  EXPECT_EQ(backlog.size(), 500U);
  backlog.clear();
  for (const std::int64_t bytes : {20'000'000, 4'000'000, 4'000'000, 4'000'000}) {
    backlog.push_back({{}, bytes});
  }
  EXPECT_EQ(Batch::take_from(backlog).parcels().size(), 1U) << "one that is too large goes alone";
  EXPECT_EQ(Batch::take_from(backlog).parcels().size(), 2U);
  EXPECT_EQ(Batch::take_from(backlog).parcels().size(), 1U);
}

TEST(Batch, PlansCallsWithinTheLimits) {
  const std::string large(4'000'000, 'x');
  Batch batch = batch_of({large, large, large, "a", "b"});
  EXPECT_EQ(batch.next().size(), 2U);
  batch.decide_next();
  EXPECT_EQ(batch.next().size(), 3U);
  batch.decide(3);
  batch.plan();  // as after new rules
  EXPECT_EQ(batch.messages(batch.next()).size(), 1U);
  batch.decide_next();
  EXPECT_THAT(batch.messages(batch.next()), ElementsAre("b"));
  EXPECT_FALSE(batch.is_decided());
  EXPECT_EQ(batch.decide_rest().count, 1);
  EXPECT_TRUE(batch.is_decided());
}

TEST(MemoryTransport, KeepsTheNewest) {
  MemoryTransport transport;
  const std::atomic<bool> interrupt = false;
  for (int i = 0; i < limits::kMemoryTransportMessagesMax + 5; ++i) {
    const std::string text = std::to_string(i);
    const std::string_view view = text;
    transport.deliver(std::span(&view, 1), {}, interrupt);
  }
  const auto messages = transport.take();
  EXPECT_EQ(messages.size(), static_cast<std::size_t>(limits::kMemoryTransportMessagesMax));
  EXPECT_EQ(messages.front(), "5");
  EXPECT_TRUE(transport.take().empty());
}

}  // namespace
}  // namespace apitoolkit::sdk
