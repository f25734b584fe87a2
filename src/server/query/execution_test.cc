#include "src/server/query/execution.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "src/base/limits.h"
#include "src/server/query/random_query.h"
#include "src/server/query/run_query.h"

namespace apitoolkit::server::query {
namespace {

std::vector<TestExchange> random_exchanges(std::uint64_t seed, int count) {
  RandomExchanges random(seed);
  std::vector<TestExchange> out;
  for (int i = 0; i < count; ++i) out.push_back(random.next());
  return out;
}

Answer run(std::string_view text, const std::vector<TestExchange>& exchanges,
           const PlanOptions& options = test_options()) {
  auto answer = run_query(text, exchanges, options);
  EXPECT_TRUE(answer) << answer.error();
  return answer ? std::move(*answer) : Answer{};
}

// Dealt out to three executions in any order and merged, or newest first until it is satisfied: the
// answer is the same.
TEST(Execution, AnswersTheSameHoweverTheRowsCome) {
  const std::uint64_t first = first_seed();
  for (std::uint64_t seed = first; seed < first + 300; ++seed) {
    SCOPED_TRACE("APITOOLKIT_TEST_SEED=" + std::to_string(seed));
    std::mt19937_64 random(seed);
    std::vector<TestExchange> exchanges = random_exchanges(seed, 120);
    const std::string text = RandomQuery(seed).pipeline();
    SCOPED_TRACE(text);
    PlanOptions options = test_options();
    options.rows_max = static_cast<std::int64_t>(random() % 60);
    const auto expected = run_query(text, exchanges, options);
    ASSERT_TRUE(expected) << expected.error();

    std::shuffle(exchanges.begin(), exchanges.end(), random);
    const auto plan = Plan::make(*parse(text), options);
    Execution parts[3] = {{plan, {}}, {plan, {}}, {plan, {}}};
    ExchangeSource source;
    for (const TestExchange& exchange : exchanges) {
      source.reset(exchange.view());
      ASSERT_TRUE(parts[random() % 3].push(source));
    }
    ASSERT_TRUE(parts[1].merge(std::move(parts[0])));
    ASSERT_TRUE(parts[1].merge(std::move(parts[2])));
    const auto merged = parts[1].finish();
    ASSERT_TRUE(merged);
    ASSERT_EQ(difference(*expected, *merged), "");
    EXPECT_EQ(merged->scanned.exchanges, 120);

    std::sort(exchanges.begin(), exchanges.end(), [](const TestExchange& a, const TestExchange& b) {
      return std::tie(a.exchange.start_ns, a.identity) > std::tie(b.exchange.start_ns, b.identity);
    });
    Execution ordered(plan, {});
    for (const TestExchange& exchange : exchanges) {
      source.reset(exchange.view());
      ASSERT_TRUE(ordered.push(source));
      if (ordered.satisfied()) break;
    }
    const auto early = ordered.finish();
    ASSERT_TRUE(early);
    ASSERT_EQ(difference(*expected, *early), "");
  }
}

// What a store's columns can do: groups by a key once, runs of numbers.
TEST(Execution, IsFedWithRunsOfNumbers) {
  const auto exchanges = random_exchanges(5, 1000);
  const auto query = parse("summarize p99(duration), count(), max(duration) by method");
  const auto plan = Plan::make(*query, test_options());
  ASSERT_TRUE(plan->leading_summarize());
  ASSERT_EQ(plan->leading_summarize()->slots.size(), 3U);
  EXPECT_EQ(plan->leading_summarize()->slots[1]->kind, AggregateKind::kCount);
  Execution execution(plan, {});
  for (const char* method : {"GET", "POST", "get"}) {
    std::vector<std::int64_t> durations;
    for (const TestExchange& e : exchanges) {
      if (e.exchange.method == method) durations.push_back(e.exchange.duration_ns);
    }
    const Value key = Value::text(method);
    const std::size_t group = execution.groups()->find_or_add({&key, 1});
    execution.groups()->state(group, 0).add_numbers(durations, ValueType::kDuration);
    execution.groups()->state(group, 1).add_rows(static_cast<std::int64_t>(durations.size()));
    execution.groups()->state(group, 2).add_numbers(durations, ValueType::kDuration);
    execution.groups()->account(group);
  }
  const auto answer = execution.finish();
  ASSERT_TRUE(answer);
  EXPECT_EQ(difference(run("summarize p99(duration), count(), max(duration) by method", exchanges),
                       *answer),
            "");
}

TEST(Execution, LeadsWithASummarizeOnlyBehindConditions) {
  const auto leads = [](std::string_view text) {
    return Plan::make(*parse(text), test_options())->leading_summarize().has_value();
  };
  EXPECT_TRUE(leads("summarize count()"));
  EXPECT_TRUE(leads("aborted | where status_code == 1 | summarize count() | take 1"));
  EXPECT_FALSE(leads("take 5 | summarize count()"));
  EXPECT_FALSE(leads("extend a = 1 | summarize count()"));
  EXPECT_FALSE(leads("aborted"));
}

TEST(Execution, SaysThatRowsWereLeftOut) {
  const auto exchanges = random_exchanges(1, 50);
  PlanOptions options = test_options();
  options.rows_max = 10;
  EXPECT_TRUE(run("", exchanges, options).truncated);
  EXPECT_EQ(run("", exchanges, options).rows.size(), 10U);
  EXPECT_FALSE(run("take 10", exchanges, options).truncated);
  EXPECT_TRUE(run("take 11", exchanges, options).truncated);
  EXPECT_TRUE(run("sort by duration", exchanges, options).truncated);
  EXPECT_FALSE(run("summarize count() by method", exchanges, options).truncated);
  options.rows_max = 0;
  EXPECT_TRUE(run("", exchanges, options).truncated);
}

TEST(Execution, IsBoundInMemory) {
  const auto exchanges = random_exchanges(1, 2000);
  PlanOptions options = test_options();
  options.memory_bytes_max = 64 << 10;
  for (const char* const text :
       {"sort by duration | where aborted", "summarize count() by msg_id",
        "summarize max(strcat(msg_id, request_body)) by msg_id",
        "extend a = strcat(request_body, response_body) | sort by a | where a != 1",
        "take 1000 | distinct msg_id"}) {
    const auto answer = run_query(text, exchanges, options);
    ASSERT_FALSE(answer) << text;
    EXPECT_NE(answer.error().find("collects more than"), std::string::npos) << answer.error();
  }
  EXPECT_TRUE(run_query("sort by duration | take 10", exchanges, options));
  EXPECT_TRUE(run_query("summarize count() by method, status_code", exchanges, options));
}

TEST(Execution, BoundsWhatOneValueCanGrowTo) {
  std::vector<TestExchange> exchanges = random_exchanges(1, 1);
  exchanges[0].exchange.request_body.bytes = std::string(4 << 20, 'x');
  std::string text = "project a = strcat(request_body";
  for (int i = 0; i < 100; ++i) text += ", request_body";
  EXPECT_EQ(describe(run(text + ")", exchanges)), "a\nnull");
  std::string list = "project a = [request_body";
  for (int i = 0; i < 100; ++i) list += ", request_body";
  EXPECT_EQ(describe(run(list + "]", exchanges)), "a\nnull");
  std::string wide = "extend a0 = strcat(request_body, request_body, request_body)";
  for (int i = 1; i < 60; ++i)
    wide += ", a" + std::to_string(i) + " = strcat(request_body, request_body, request_body)";
  const auto answer = run_query(wide, exchanges);
  ASSERT_FALSE(answer);
  EXPECT_NE(answer.error().find("collects more than 256 MB"), std::string::npos);
}

TEST(Execution, EndsAtItsDeadlineAndWhenItIsStopped) {
  const auto exchanges = random_exchanges(1, 1);
  const auto plan = Plan::make(*parse("summarize count()"), test_options());
  ExchangeSource source;
  source.reset(exchanges[0].view());
  const auto push_many = [&](Control control) {
    Execution execution(plan, std::move(control));
    for (int i = 0; i <= limits::kQueryRowsPerLook; ++i) {
      if (auto pushed = execution.push(source); !pushed) return pushed.error().code;
    }
    const auto answer = execution.finish();
    return answer ? ErrorCode::kInternal : answer.error().code;
  };
  Control late;
  late.deadline = std::chrono::steady_clock::now() - std::chrono::seconds(1);
  EXPECT_EQ(push_many(late), ErrorCode::kDeadlineExceeded);
  std::stop_source stop;
  stop.request_stop();
  Control stopped;
  stopped.stop = stop.get_token();
  EXPECT_EQ(push_many(stopped), ErrorCode::kUnavailable);
  Control early;
  early.deadline = std::chrono::steady_clock::now() + std::chrono::hours(1);
  EXPECT_EQ(push_many(early), ErrorCode::kInternal) << "an answer";
}

TEST(Matcher, AgreesWithWhere) {
  const std::uint64_t first = first_seed();
  const auto exchanges = random_exchanges(first, 100);
  for (std::uint64_t seed = first; seed < first + 300; ++seed) {
    SCOPED_TRACE("APITOOLKIT_TEST_SEED=" + std::to_string(first));
    const std::string text = RandomQuery(seed).condition();
    const auto query = parse(text);
    ASSERT_TRUE(query) << describe(query.error(), text);
    const auto matcher = Matcher::of(*query, kTestNowNs);
    ASSERT_TRUE(matcher);
    ExchangeSource source;
    std::int64_t count = 0;
    for (const TestExchange& exchange : exchanges) {
      source.reset(exchange.view());
      count += matcher->matches(source) ? 1 : 0;
    }
    const Answer answer = run("where " + text + " | summarize n = count()", exchanges);
    EXPECT_EQ(answer.rows[0][0], Value::integer(count)) << text;
    // The same over rows whose fields were taken into cells.
    const Answer late = run("take 1000 | where " + text + " | summarize n = count()", exchanges);
    EXPECT_EQ(late.rows[0][0], Value::integer(count)) << text;
    const Answer opposite = run("not (" + text + ") | summarize n = count()", exchanges);
    EXPECT_EQ(opposite.rows[0][0], Value::integer(100 - count)) << text;
  }
}

TEST(Matcher, IsOfConditionsOnly) {
  EXPECT_TRUE(Matcher::of(*parse(""), 0));
  EXPECT_TRUE(Matcher::of(*parse("aborted | where \"a\""), 0));
  EXPECT_FALSE(Matcher::of(*parse("aborted | take 1"), 0));
}

}  // namespace
}  // namespace apitoolkit::server::query
