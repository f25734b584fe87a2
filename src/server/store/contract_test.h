// What every store does. A store's test file includes this once in a binary and instantiates it:
//
//   INSTANTIATE_TEST_SUITE_P(Memory, StoreContract, ::testing::Values(StoreUnderTest{…}), name_of);
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "src/base/limits.h"
#include "src/server/query/parse.h"
#include "src/server/store/calendar_day.h"
#include "src/server/store/exchange_size.h"
#include "src/server/store/random_records.h"
#include "src/server/store/store.h"

namespace apitoolkit::server::store {

struct StoreUnderTest {
  std::string name;
  std::function<Result<std::unique_ptr<Store>>(const std::string& directory)> open;
};

inline std::string name_of(const ::testing::TestParamInfo<StoreUnderTest>& info) {
  return info.param.name;
}

class StoreContract : public ::testing::TestWithParam<StoreUnderTest> {
 protected:
  void SetUp() override {
    auto opened = GetParam().open(directory_.path());
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
  }

  Appended append(const std::vector<Record>& records, const std::vector<DeadLetter>& letters = {},
                  const std::vector<LogEntry>& logs = {}) {
    const auto appended = store_->append({records, letters, logs});
    EXPECT_TRUE(appended) << appended.error().message;
    return appended.value_or(Appended{});
  }

  Page scan(const Filter& filter, std::optional<Position> after = {}, PageLimit limit = {}) const {
    auto page = store_->scan(filter, after, limit);
    EXPECT_TRUE(page) << page.error().message;
    return page ? std::move(*page) : Page{};
  }

  // The last bytes of the identities that a filter finds, in order, read `rows` at a time.
  std::vector<int> ids(const Filter& filter, int rows = 100) const {
    std::vector<int> found;
    std::optional<Position> after;
    do {
      const Page page = scan(filter, after, PageLimit{.rows = rows});
      for (const Record& record : page.records) found.push_back(record.identity[15]);
      after = page.next;
    } while (after);
    return found;
  }

  static Filter everything() { return sample_filter(); }

  static DeadLetter sample_letter(const std::string& bytes) {
    DeadLetter letter;
    letter.project = sample_uuid(200);
    letter.received_ns = kSampleTimeNs;
    letter.source = "pubsub_rest";
    letter.reason = "timestamp: expected an ISO 8601 time";
    letter.bytes = bytes;
    return letter;
  }

  std::vector<DeadLetter> letters(std::optional<std::int64_t> before = {}, int limit = 100) const {
    auto found = store_->dead_letters(sample_uuid(200), before, limit);
    EXPECT_TRUE(found) << found.error().message;
    return found ? std::move(*found) : std::vector<DeadLetter>{};
  }

  TemporaryDirectory directory_;
  std::unique_ptr<Store> store_;
};

TEST_P(StoreContract, GivesBackEveryFieldAsItWas) {
  RandomRecords random(7);
  for (int i = 0; i < 50; ++i) {
    const Record record = random.record();
    if (append({record}).stored == 0) continue;
    const auto found = store_->fetch(record.project, record.identity);
    ASSERT_TRUE(found) << found.error().message;
    ASSERT_TRUE(*found);
    EXPECT_EQ(describe(**found), describe(record));
  }
}

TEST_P(StoreContract, FetchFindsOnlyInTheProject) {
  append({sample_record(kSampleTimeNs, 1)});
  const auto other_project = store_->fetch(sample_uuid(201), sample_uuid(1));
  ASSERT_TRUE(other_project);
  EXPECT_FALSE(*other_project);
  const auto other_id = store_->fetch(sample_uuid(200), sample_uuid(2));
  ASSERT_TRUE(other_id);
  EXPECT_FALSE(*other_id);
}

TEST_P(StoreContract, ScansNewestFirstAndEqualTimesByIdentity) {
  append({sample_record(kSampleTimeNs, 1), sample_record(kSampleTimeNs + 1, 2),
          sample_record(kSampleTimeNs, 9), sample_record(kSampleTimeNs - 1, 7),
          sample_record(kSampleTimeNs + 5 * kDayNs, 4), sample_record(kSampleTimeNs, 5)});
  for (int rows = 1; rows <= 7; ++rows) {
    EXPECT_THAT(ids(everything(), rows), ::testing::ElementsAre(4, 2, 9, 5, 1, 7)) << rows;
  }
}

TEST_P(StoreContract, SaysThatNothingFollowsOnlyAtTheEnd) {
  append({sample_record(kSampleTimeNs, 1), sample_record(kSampleTimeNs + kDayNs, 2)});
  EXPECT_TRUE(scan(everything(), {}, {.rows = 1}).next);
  EXPECT_FALSE(scan(everything(), {}, {.rows = 2}).next);
  Filter none = everything();
  none.method = "PATCH";
  const Page page = scan(none);
  EXPECT_TRUE(page.records.empty());
  EXPECT_FALSE(page.next);
}

TEST_P(StoreContract, ContinuesExactlyWhileRowsArrive) {
  append({sample_record(kSampleTimeNs, 10), sample_record(kSampleTimeNs, 20),
          sample_record(kSampleTimeNs - kDayNs, 30)});
  const Page first = scan(everything(), {}, {.rows = 1});
  ASSERT_EQ(first.records.size(), 1u);
  EXPECT_EQ(first.records[0].identity, sample_uuid(20));
  append({sample_record(kSampleTimeNs, 25), sample_record(kSampleTimeNs, 15),
          sample_record(kSampleTimeNs + 1, 1)});
  const Page second = scan(everything(), first.next, {.rows = 10});
  std::vector<int> found;
  for (const Record& record : second.records) found.push_back(record.identity[15]);
  EXPECT_THAT(found, ::testing::ElementsAre(15, 10, 30));
}

TEST_P(StoreContract, EndsAPageAtItsBytesButReturnsAtLeastOneRow) {
  std::vector<Record> records;
  for (std::uint8_t i = 0; i < 6; ++i) {
    records.push_back(sample_record(kSampleTimeNs + i, i));
    records.back().exchange.response_body.bytes = std::string(1000, 'x');
    records.back().exchange.request_headers = {{std::string(50, 'n'), std::string(50, 'v')}};
  }
  append(records);
  const std::int64_t each = memory_bytes(records[0].exchange);
  EXPECT_EQ(scan(everything(), {}, {.rows = 10, .bytes = 1}).records.size(), 1u);
  EXPECT_EQ(scan(everything(), {}, {.rows = 10, .bytes = 3 * each - 1}).records.size(), 2u);
  EXPECT_EQ(scan(everything(), {}, {.rows = 10, .bytes = 3 * each}).records.size(), 3u);
  EXPECT_EQ(scan(everything(), {}, {.rows = 10, .bytes = 6 * each}).next, std::nullopt);
}

TEST_P(StoreContract, CountsWhatOneProjectHolds) {
  std::vector<Record> records{sample_record(kSampleTimeNs, 1),
                              sample_record(kSampleTimeNs + kDayNs, 2),
                              sample_record(kSampleTimeNs - kDayNs, 3)};
  records.push_back(sample_record(kSampleTimeNs + 3 * kDayNs, 4));
  records.back().project = sample_uuid(201);
  DeadLetter other = sample_letter("other");
  other.project = sample_uuid(201);
  append(records, {sample_letter("one"), sample_letter("two"), other});
  const ProjectStats own{3, 2, kSampleTimeNs - kDayNs, kSampleTimeNs + kDayNs};
  EXPECT_EQ(store_->project_stats(sample_uuid(200)).value(), own);
  const ProjectStats theirs{1, 1, kSampleTimeNs + 3 * kDayNs, kSampleTimeNs + 3 * kDayNs};
  EXPECT_EQ(store_->project_stats(sample_uuid(201)).value(), theirs);
  EXPECT_EQ(store_->project_stats(sample_uuid(202)).value(), ProjectStats{});
}

// A page of small bodies and large stack traces is a large page.
TEST_P(StoreContract, CountsEveryTextOfAPage) {
  using Fill = void (*)(Exchange&, std::string);
  const std::vector<Fill> fills{
      [](Exchange& e, std::string text) { e.raw_url = std::move(text); },
      [](Exchange& e, std::string text) { e.url_path = std::move(text); },
      [](Exchange& e, std::string text) { e.referer = std::move(text); },
      [](Exchange& e, std::string text) { e.consumer = std::move(text); },
      [](Exchange& e, std::string text) {
        e.path_params = {{std::move(text), "", false}};
      },
      [](Exchange& e, std::string text) {
        e.query_params = {{"q", std::move(text), false}};
      },
      [](Exchange& e, std::string text) {
        e.request_headers = {{"h", std::move(text)}};
      },
      [](Exchange& e, std::string text) {
        e.response_headers = {{std::move(text), ""}};
      },
      [](Exchange& e, std::string text) { e.response_body.bytes = std::move(text); },
      [](Exchange& e, std::string text) { e.tags = {std::move(text)}; },
      [](Exchange& e, std::string text) { e.redaction = {std::move(text)}; },
      [](Exchange& e, std::string text) { e.errors.emplace_back().message = std::move(text); },
      [](Exchange& e, std::string text) { e.errors.emplace_back().stack_trace = std::move(text); },
      [](Exchange& e, std::string text) {
        e.errors.emplace_back().other_json = "{\"x\":\"" + text + "\"}";
      }};
  for (std::size_t i = 0; i < fills.size(); ++i) {
    std::vector<Record> records;
    for (std::uint8_t k = 0; k < 2; ++k) {
      const auto id = static_cast<std::uint8_t>(2 * i + k);
      records.push_back(sample_record(kSampleTimeNs - static_cast<std::int64_t>(i) * kDayNs, id));
      fills[i](records.back().exchange, std::string(10'000, 'x'));
    }
    append(records);
    Filter day = everything();
    day.since_ns = kSampleTimeNs - static_cast<std::int64_t>(i) * kDayNs;
    day.until_ns = *day.since_ns + 1;
    EXPECT_EQ(scan(day, {}, {.rows = 2, .bytes = 15'000}).records.size(), 1u) << i;
  }
}

TEST_P(StoreContract, FiltersByEachField) {
  std::vector<Record> records;
  for (std::uint8_t i = 0; i < 6; ++i) records.push_back(sample_record(kSampleTimeNs + i, i));
  records[1].exchange.status_code = 404;
  records[2].exchange.status_code = 503;
  records[3].exchange.method = "POST";
  records[4].exchange.url_path = "/other";
  records[5].exchange.direction = Direction::kOutgoing;
  records[5].exchange.parent_id = sample_uuid(1);
  append(records);
  struct Case {
    const char* what;
    std::function<void(Filter&)> set;
    std::vector<int> expected;
  };
  const Case cases[] = {
      {"since", [](Filter& f) { f.since_ns = kSampleTimeNs + 4; }, {5, 4}},
      {"until", [](Filter& f) { f.until_ns = kSampleTimeNs + 1; }, {0}},
      {"since = until", [](Filter& f) { f.since_ns = f.until_ns = kSampleTimeNs + 1; }, {}},
      {"errors", [](Filter& f) { f.status_min = 400; }, {2, 1}},
      {"4xx", [](Filter& f) { f.status_min = 400, f.status_max = 499; }, {1}},
      {"not errors", [](Filter& f) { f.status_max = 399; }, {5, 4, 3, 0}},
      {"one status", [](Filter& f) { f.status_min = f.status_max = 503; }, {2}},
      {"method", [](Filter& f) { f.method = "POST"; }, {3}},
      {"url_path", [](Filter& f) { f.url_path = "/other"; }, {4}},
      {"kind", [](Filter& f) { f.kind = Direction::kOutgoing; }, {5}},
      {"parent", [](Filter& f) { f.parent_id = sample_uuid(1); }, {5}},
      {"no such parent", [](Filter& f) { f.parent_id = sample_uuid(2); }, {}},
      {"two at once", [](Filter& f) { f.method = "GET", f.url_path = "/other"; }, {4}},
      {"project", [](Filter& f) { f.project = sample_uuid(201); }, {}},
  };
  for (const Case& c : cases) {
    Filter filter = everything();
    c.set(filter);
    EXPECT_EQ(ids(filter, 2), c.expected) << c.what;
  }
}

TEST_P(StoreContract, DropsDuplicatesWhateverTheirTimeSays) {
  const Appended first = append({sample_record(kSampleTimeNs, 1), sample_record(kSampleTimeNs, 2),
                                 sample_record(kSampleTimeNs + 3 * kDayNs, 1)});
  EXPECT_EQ(first.stored, 2);
  EXPECT_EQ(first.duplicates, 1);
  const Appended second =
      append({sample_record(kSampleTimeNs - 2 * kDayNs, 2), sample_record(kSampleTimeNs, 3)});
  EXPECT_EQ(second.stored, 1);
  EXPECT_EQ(second.duplicates, 1);
  EXPECT_THAT(ids(everything()), ::testing::ElementsAre(3, 2, 1));
}

TEST_P(StoreContract, FindsDuplicatesOfTimeOrderedIdsFarFromTheirTime) {
  Record record = sample_record(kSampleTimeNs, 1);
  // A UUIDv7 of 2026-01-02, stored under another day, sent again under a third.
  record.identity = Uuid{0x01, 0x9b, 0x7c, 0x01, 0x04, 0x00, 0x70, 1, 0x80, 1, 1, 1, 1, 1, 1, 1};
  for (const std::int64_t days : {-9, 0, 9, 1, -1}) {
    record.exchange.start_ns = kSampleTimeNs + days * kDayNs;
    EXPECT_EQ(append({record}).stored, days == -9 ? 1 : 0) << days;
  }
  EXPECT_EQ(scan(everything()).records.size(), 1u);
}

TEST_P(StoreContract, KeepsEqualIdsOfTwoProjectsApart) {
  Record other = sample_record(kSampleTimeNs, 1);
  other.project = sample_uuid(201);
  EXPECT_EQ(append({sample_record(kSampleTimeNs, 1), other}).stored, 2);
  EXPECT_EQ(scan(everything()).records.size(), 1u);
}

TEST_P(StoreContract, TakesTimesAtTheEndsOfTheScale) {
  const std::int64_t last = std::numeric_limits<std::int64_t>::max();
  const std::int64_t first = std::numeric_limits<std::int64_t>::min();
  append(
      {sample_record(first, 1), sample_record(-1, 2), sample_record(0, 3), sample_record(last, 4)});
  for (int rows = 1; rows <= 4; ++rows) {
    EXPECT_THAT(ids(everything(), rows), ::testing::ElementsAre(4, 3, 2, 1)) << rows;
  }
  const auto found = store_->fetch(sample_uuid(200), sample_uuid(1));
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->exchange.start_ns, first);
  Filter filter = everything();
  filter.since_ns = first;
  filter.until_ns = last;
  EXPECT_THAT(ids(filter), ::testing::ElementsAre(3, 2, 1));
}

TEST_P(StoreContract, TakesAnEmptyBatch) {
  const Appended appended = append({});
  EXPECT_EQ(appended.stored, 0);
  EXPECT_EQ(appended.duplicates, 0);
}

TEST_P(StoreContract, KeepsDeadLettersNewestFirst) {
  append({}, {sample_letter("one"), sample_letter(std::string("t\0o", 3))});
  append({sample_record(kSampleTimeNs, 1)}, {sample_letter("three")});
  const std::vector<DeadLetter> found = letters();
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].bytes, "three");
  EXPECT_EQ(found[1].bytes, std::string("t\0o", 3));
  EXPECT_EQ(found[2].bytes, "one");
  EXPECT_EQ(found[0].source, "pubsub_rest");
  EXPECT_EQ(found[0].reason, "timestamp: expected an ISO 8601 time");
  EXPECT_EQ(found[0].received_ns, kSampleTimeNs);
  EXPECT_GT(found[0].id, found[1].id);
  ASSERT_EQ(letters(found[1].id).size(), 1u);
  EXPECT_EQ(letters(found[1].id)[0].bytes, "one");
  EXPECT_EQ(letters({}, 2).size(), 2u);
  EXPECT_EQ(ids(everything()), std::vector<int>{1});
  const auto other = store_->dead_letters(sample_uuid(201), {}, 10);
  ASSERT_TRUE(other);
  EXPECT_TRUE(other->empty());
}

TEST_P(StoreContract, HandsOutAndDeletesOneDeadLetter) {
  append({}, {sample_letter("one"), sample_letter("two")});
  const std::int64_t id = letters()[1].id;
  const auto found = store_->dead_letter(sample_uuid(200), id);
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->bytes, "one");
  EXPECT_FALSE(store_->dead_letter(sample_uuid(201), id).value());
  EXPECT_FALSE(store_->delete_dead_letter(sample_uuid(201), id).value());
  EXPECT_TRUE(store_->delete_dead_letter(sample_uuid(200), id).value());
  EXPECT_FALSE(store_->delete_dead_letter(sample_uuid(200), id).value());
  EXPECT_FALSE(store_->dead_letter(sample_uuid(200), id).value());
  ASSERT_EQ(letters().size(), 1u);
  EXPECT_EQ(letters()[0].bytes, "two");
  EXPECT_EQ(store_->stats()->dead_letters, 1);
}

TEST_P(StoreContract, KeepsTheLogsOfATraceOldestFirst) {
  const LogEntry entry{sample_uuid(200), "a1", "b2", kSampleTimeNs, 9, "started", "{\"k\":1}"};
  LogEntry later = entry;
  later.time_ns += kDayNs;
  later.body = std::string("\0 ended", 7);
  later.attributes_json.clear();
  LogEntry other_trace = entry;
  other_trace.trace_id = "a2";
  LogEntry other_project = entry;
  other_project.project = sample_uuid(201);
  append({sample_record(kSampleTimeNs, 1)}, {}, {later, other_trace, other_project});
  append({}, {}, {entry});
  const auto found = [&](std::string_view trace, int limit = 10) {
    return store_->logs(sample_uuid(200), trace, limit).value();
  };
  EXPECT_THAT(found("a1"), ::testing::ElementsAre(entry, later));
  EXPECT_THAT(found("a1", 1), ::testing::ElementsAre(entry));
  EXPECT_THAT(found("a2"), ::testing::ElementsAre(other_trace));
  EXPECT_TRUE(found("a3").empty());
  ASSERT_TRUE(store_->prune(kSampleTimeNs + kDayNs + 5));
  EXPECT_THAT(found("a1"), ::testing::ElementsAre(later));
}

TEST_P(StoreContract, BoundsDeadLettersByNumber) {
  const int surplus = 5;
  std::vector<DeadLetter> many;
  many.reserve(limits::kDeadLettersMax + surplus);
  for (int i = 0; i < limits::kDeadLettersMax + surplus; ++i) {
    many.push_back(sample_letter(std::to_string(i)));
  }
  append({}, many);
  EXPECT_EQ(store_->stats()->dead_letters, limits::kDeadLettersMax);
  const auto kept = letters({}, static_cast<int>(many.size()));
  ASSERT_EQ(static_cast<std::int64_t>(kept.size()), limits::kDeadLettersMax);
  EXPECT_EQ(kept.back().bytes, std::to_string(surplus));
}

TEST_P(StoreContract, BoundsDeadLettersByBytes) {
  const std::string big(limits::kDeadLettersBytesMax / 4, 'x');
  for (int i = 0; i < 6; ++i) append({}, {sample_letter(big)});
  EXPECT_EQ(store_->stats()->dead_letters, 4);
  append({}, {sample_letter(big + "y")});
  EXPECT_EQ(letters().size(), 3u);
}

TEST_P(StoreContract, PrunesWholeDaysAndOldDeadLetters) {
  DeadLetter old_letter = sample_letter("old");
  old_letter.received_ns = kSampleTimeNs - 1;
  DeadLetter new_letter = sample_letter("new");
  new_letter.received_ns = kSampleTimeNs + 5;
  append({sample_record(kSampleTimeNs - 2 * kDayNs, 1), sample_record(kSampleTimeNs - 1, 2),
          sample_record(kSampleTimeNs, 3), sample_record(kSampleTimeNs + kDayNs, 4)},
         {old_letter, new_letter});
  const auto nothing = store_->prune(kSampleTimeNs - 2 * kDayNs + 5);
  ASSERT_TRUE(nothing);
  EXPECT_EQ(*nothing, 0);
  const auto dropped = store_->prune(kSampleTimeNs + 5);
  ASSERT_TRUE(dropped) << dropped.error().message;
  EXPECT_EQ(*dropped, 2);
  EXPECT_THAT(ids(everything()), ::testing::ElementsAre(4, 3));
  EXPECT_EQ(store_->stats()->exchanges, 2);
  EXPECT_EQ(store_->stats()->oldest_ns, kSampleTimeNs);
  ASSERT_EQ(letters().size(), 1u);
  EXPECT_EQ(letters()[0].bytes, "new");
  // What was dropped is not known any more, and its day can begin again.
  EXPECT_EQ(append({sample_record(kSampleTimeNs - 1, 2)}).stored, 1);
  EXPECT_THAT(ids(everything()), ::testing::ElementsAre(4, 3, 2));
}

TEST_P(StoreContract, ErasesWhatAProjectHasAndNothingElse) {
  const Uuid other = sample_uuid(201);
  std::vector<Record> records;
  for (int i = 0; i < 40; ++i) {
    Record record = sample_record(kSampleTimeNs + (i % 3) * kDayNs, static_cast<std::uint8_t>(i));
    if (i % 2 == 1) record.project = other;
    records.push_back(record);
    // One by one, so that there are many blocks.
    ASSERT_TRUE(store_->append({{&records.back(), 1}}));
  }
  std::vector<DeadLetter> letters(2);
  std::vector<LogEntry> logs(2);
  for (int i = 0; i < 2; ++i) {
    letters[i].project = logs[i].project = records[i].project;
    letters[i].bytes = "letter";
    logs[i].trace_id = "trace";
    logs[i].time_ns = kSampleTimeNs;
  }
  ASSERT_TRUE(store_->append({{}, letters, logs}));
  const auto erased = store_->erase(records[0].project);
  ASSERT_TRUE(erased) << erased.error().message;
  EXPECT_EQ(*erased, 20);
  for (const Record& record : records) {
    const auto found = store_->fetch(record.project, record.identity);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->has_value(), record.project == other);
  }
  EXPECT_TRUE(store_->dead_letters(records[0].project, {}, 10)->empty());
  EXPECT_TRUE(store_->logs(records[0].project, "trace", 10)->empty());
  EXPECT_EQ(*store_->project_stats(records[0].project), ProjectStats{});
  EXPECT_EQ(store_->dead_letters(other, {}, 10)->size(), 1U);
  EXPECT_EQ(store_->logs(other, "trace", 10)->size(), 1U);
  EXPECT_EQ(store_->stats()->exchanges, 20);
  // It begins anew like any other.
  ASSERT_TRUE(store_->append({{records.data(), 1}}));
  EXPECT_EQ(store_->project_stats(records[0].project)->exchanges, 1);
  EXPECT_EQ(*store_->erase(other), 20);
}

TEST_P(StoreContract, CountsWhatItHolds) {
  const auto empty = store_->stats();
  ASSERT_TRUE(empty);
  EXPECT_EQ(empty->exchanges, 0);
  EXPECT_EQ(empty->oldest_ns, 0);
  EXPECT_EQ(empty->newest_ns, 0);
  append({sample_record(kSampleTimeNs, 1), sample_record(kSampleTimeNs, 1),
          sample_record(kSampleTimeNs + kDayNs, 2), sample_record(kSampleTimeNs + 7, 3)},
         {sample_letter("x")});
  const auto stats = store_->stats();
  ASSERT_TRUE(stats);
  EXPECT_EQ(stats->exchanges, 3);
  EXPECT_EQ(stats->dead_letters, 1);
  EXPECT_GT(stats->bytes, 0);
  EXPECT_EQ(stats->oldest_ns, kSampleTimeNs);
  EXPECT_EQ(stats->newest_ns, kSampleTimeNs + kDayNs);
}

TEST_P(StoreContract, AnswersQueriesOfOneProject) {
  std::vector<Record> records;
  for (std::uint8_t i = 0; i < 30; ++i) {
    records.push_back(sample_record(kSampleTimeNs + i * kDayNs / 10, i));
    records.back().exchange.duration_ns = 1000 + i;
    records.back().exchange.status_code = i % 3 == 0 ? 500 : 200;
    if (i == 7) records.back().exchange.response_body.bytes = R"({"user":{"id":7}})";
    if (i == 8) records.back().project = sample_uuid(201);
  }
  append(records);
  const auto ask = [&](std::string_view text, QueryScope scope = {}) {
    scope.project = sample_uuid(200);
    scope.now_ns = kSampleTimeNs;
    const auto parsed = query::parse(text);
    EXPECT_TRUE(parsed) << text;
    const auto answer = store_->query(*parsed, scope, {});
    EXPECT_TRUE(answer) << answer.error().message;
    return answer.value_or(query::Answer{}).rows;
  };
  using Rows = std::vector<std::vector<query::Value>>;
  const auto integer = query::Value::integer;
  EXPECT_EQ(ask("summarize count()"), (Rows{{integer(29)}}));
  EXPECT_EQ(ask("where status_code == 500 | summarize count()"), (Rows{{integer(10)}}));
  EXPECT_EQ(ask("summarize count() by status_code"),
            (Rows{{integer(200), integer(19)}, {integer(500), integer(10)}}));
  EXPECT_EQ(ask("summarize max(duration)"), (Rows{{query::Value::duration(1029)}}));
  EXPECT_EQ(ask("response_body.user.id == 7 | project duration"),
            (Rows{{query::Value::duration(1007)}}));
  QueryScope day;
  day.span = {kSampleTimeNs + kDayNs, kSampleTimeNs + 2 * kDayNs};
  EXPECT_EQ(ask("summarize count()", day), (Rows{{integer(10)}}));
  EXPECT_EQ(ask("take 2 | project status_code", day), (Rows{{integer(200)}, {integer(500)}}));
}

TEST_P(StoreContract, StopsAQueryThatIsNotWanted) {
  append({sample_record(kSampleTimeNs, 1)});
  QueryScope scope;
  scope.project = sample_uuid(200);
  QueryBudget budget;
  std::stop_source stop;
  stop.request_stop();
  budget.control.stop = stop.get_token();
  std::vector<Record> many;
  for (std::uint8_t i = 0; i < 250; ++i) many.push_back(sample_record(kSampleTimeNs + i, i));
  for (std::uint8_t i = 0; i < 250; ++i) {
    many.push_back(sample_record(kSampleTimeNs - i, i));
    many.back().identity[0] = 1;
  }
  append(many);
  const auto answer = store_->query(*query::parse("summarize count() by raw_url"), scope, budget);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kUnavailable);
}

TEST_P(StoreContract, TellsHowFarAQueryHasCome) {
  std::vector<Record> records;
  for (std::uint8_t i = 0; i < 60; ++i) records.push_back(sample_record(kSampleTimeNs + i, i));
  append(records);
  QueryScope scope;
  scope.project = sample_uuid(200);
  for (const char* text : {"raw_url == 'nowhere' | summarize count()", "'nowhere' | take 5",
                           "summarize count() by url_path"}) {
    query::Progress progress;
    QueryBudget budget;
    budget.control.progress = &progress;
    ASSERT_TRUE(store_->query(*query::parse(text), scope, budget)) << text;
    EXPECT_EQ(progress.exchanges, 60) << text;
  }
  Filter filter = everything();
  filter.where = *query::parse("'nowhere'");
  query::Progress progress;
  PageLimit limit;
  limit.control.progress = &progress;
  ASSERT_TRUE(store_->scan(filter, {}, limit));
  EXPECT_EQ(progress.exchanges, 60);
}

TEST_P(StoreContract, FiltersByConditionsAlone) {
  std::vector<Record> records;
  for (std::uint8_t i = 0; i < 6; ++i) {
    records.push_back(sample_record(kSampleTimeNs + i, i));
    records.back().exchange.consumer = i % 2 == 0 ? "even" : "odd";
  }
  append(records);
  Filter filter = everything();
  filter.where = *query::parse("consumer == \"odd\" and method == \"GET\"");
  EXPECT_THAT(ids(filter, 2), ::testing::ElementsAre(5, 3, 1));
  filter.where = *query::parse("summarize count()");
  const auto refused = store_->scan(filter, {}, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
}

TEST_P(StoreContract, ListsItsDaysOldestFirst) {
  EXPECT_TRUE(store_->days()->empty());
  append({sample_record(kSampleTimeNs + kDayNs, 1), sample_record(kSampleTimeNs, 2),
          sample_record(kSampleTimeNs + 5, 3)});
  const auto days = store_->days();
  ASSERT_TRUE(days) << days.error().message;
  ASSERT_EQ(days->size(), 2u);
  EXPECT_EQ((*days)[0].begin_ns, kSampleTimeNs);
  EXPECT_EQ((*days)[0].exchanges, 2);
  EXPECT_GT((*days)[0].bytes, 0);
  EXPECT_EQ((*days)[1].begin_ns, kSampleTimeNs + kDayNs);
  EXPECT_EQ((*days)[1].exchanges, 1);
}

TEST_P(StoreContract, ServesReadersWhileItAppendsAndPrunes) {
  std::atomic<bool> stop{false};
  std::atomic<int> failures{0};
  constexpr int kReaders = 3;
  std::vector<std::thread> readers;
  readers.reserve(kReaders);
  for (int i = 0; i < kReaders; ++i) {
    readers.emplace_back([this, &stop, &failures] {
      while (!stop) {
        std::set<Position, bool (*)(const Position&, const Position&)> seen(
            +[](const Position& a, const Position& b) {
              return std::tie(a.start_ns, a.identity) < std::tie(b.start_ns, b.identity);
            });
        std::optional<Position> after;
        do {
          const auto page = store_->scan(everything(), after, {.rows = 7});
          if (!page || page->unreadable != 0) {
            ++failures;
            break;
          }
          for (const Record& record : page->records) {
            const Position position{record.exchange.start_ns, record.identity};
            if (!seen.insert(position).second) ++failures;
          }
          after = page->next;
        } while (after);
        if (!store_->fetch(sample_uuid(200), sample_uuid(1))) ++failures;
        if (!store_->stats()) ++failures;
      }
    });
  }
  for (int round = 0; round < 30; ++round) {
    std::vector<Record> batch;
    for (int i = 0; i < 8; ++i) {
      const std::int64_t day = (round + i % 3) % 5;
      batch.push_back(sample_record(kSampleTimeNs + day * kDayNs + round * 10 + i,
                                    static_cast<std::uint8_t>(round * 8 + i)));
    }
    append(batch);
    if (round % 5 == 4) {
      const auto dropped = store_->prune(kSampleTimeNs + (round % 3) * kDayNs);
      EXPECT_TRUE(dropped) << dropped.error().message;
    }
  }
  stop = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(failures, 0);
}

// --- Traffic ---

inline TrafficRange sample_traffic_range() {
  TrafficRange range;
  range.project = sample_uuid(200);
  range.since_ns = kSampleTimeNs;
  range.until_ns = kSampleTimeNs + 10 * kTrafficStepNs;
  range.bucket_ns = 5 * kTrafficStepNs;
  return range;
}

TEST_P(StoreContract, CountsTrafficByBucketEndpointAndStatus) {
  std::vector<Record> records;
  const auto add = [&](std::int64_t second, int status, std::int64_t ms) -> Exchange& {
    Record record = sample_record(kSampleTimeNs + second * 1'000'000'000,
                                  static_cast<std::uint8_t>(records.size() + 1));
    record.exchange.status_code = status;
    record.exchange.duration_ns = ms * 1'000'000;
    record.exchange.request_body.size = 10;
    record.exchange.response_body.size = -1;
    return records.emplace_back(record).exchange;
  };
  add(-1, 200, 1);  // before
  add(0, 200, 10);
  add(299, 503, 30);
  add(299, 0, 20);
  add(300, 404, 40).method = "POST";
  add(300, 200, 50).direction = Direction::kOutgoing;
  add(599, 200, 60).host = "example.com";
  add(600, 200, 70);              // after
  records.push_back(records[1]);  // a duplicate
  append(records);
  append({records[2]});

  const auto traffic = store_->traffic(sample_traffic_range());
  ASSERT_TRUE(traffic) << traffic.error().message;
  ASSERT_EQ(traffic->buckets.size(), 2U);
  using Classes = std::array<std::int64_t, kStatusClasses>;
  EXPECT_EQ(traffic->buckets[0].requests_by_class, (Classes{1, 0, 1, 0, 0, 1}));
  EXPECT_EQ(traffic->buckets[1].requests_by_class, (Classes{0, 0, 1, 0, 1, 0}));
  EXPECT_EQ(traffic->buckets[0].request_bytes, 30);
  EXPECT_EQ(traffic->buckets[0].response_bytes, 0);
  EXPECT_EQ(traffic->buckets[0].duration_ns.percentile(50), 20'000'000);
  EXPECT_EQ(traffic->buckets[1].duration_ns.percentile(100), 60'000'000);
  ASSERT_EQ(traffic->endpoints.size(), 3U);
  EXPECT_EQ(traffic->endpoints[0].method, "GET");
  EXPECT_EQ(traffic->endpoints[0].path, "/hello");
  EXPECT_EQ(traffic->endpoints[0].measure.requests_by_class, (Classes{1, 0, 1, 0, 0, 1}));
  EXPECT_EQ(traffic->endpoints[1].method, "POST");
  EXPECT_EQ(traffic->endpoints[2].host, "example.com");
  EXPECT_EQ(traffic->endpoints[2].measure.duration_ns.percentile(50), 60'000'000);
  EXPECT_EQ(traffic->unreadable, 0);

  TrafficRange outgoing = sample_traffic_range();
  outgoing.direction = Direction::kOutgoing;
  EXPECT_EQ(store_->traffic(outgoing)->buckets[1].requests(), 1);
  TrafficRange posts = sample_traffic_range();
  posts.method = "POST";
  EXPECT_EQ(store_->traffic(posts)->buckets[0].requests(), 0);
  EXPECT_EQ(store_->traffic(posts)->buckets[1].requests_by_class[4], 1);
  EXPECT_EQ(store_->traffic(posts)->endpoints.size(), 1U);
  TrafficRange other = sample_traffic_range();
  other.project = sample_uuid(201);
  EXPECT_TRUE(store_->traffic(other)->endpoints.empty());
}

TEST_P(StoreContract, RefusesRangesOfTrafficThatAreNoWholeBuckets) {
  using Change = std::function<void(TrafficRange&)>;
  const std::vector<Change> changes{
      [](TrafficRange& range) { range.since_ns += 1; },
      [](TrafficRange& range) { range.until_ns += 1; },
      [](TrafficRange& range) { range.bucket_ns = 0; },
      [](TrafficRange& range) { range.bucket_ns = -kTrafficStepNs; },
      [](TrafficRange& range) { range.bucket_ns *= 3; },
      [](TrafficRange& range) { range.until_ns = range.since_ns; },
      [](TrafficRange& range) { range.until_ns = INT64_MIN / kTrafficStepNs * kTrafficStepNs; },
      [](TrafficRange& range) { range.until_ns += 4000 * range.bucket_ns; }};
  for (const Change& change : changes) {
    TrafficRange range = sample_traffic_range();
    change(range);
    const auto traffic = store_->traffic(range);
    ASSERT_FALSE(traffic);
    EXPECT_EQ(traffic.error().code, ErrorCode::kInvalidArgument);
  }
  EXPECT_TRUE(store_->traffic(sample_traffic_range()));
}

TEST_P(StoreContract, CountsNothingOfAProjectThatIsErasedAndTheOthersAsBefore) {
  Record mine = sample_record(kSampleTimeNs, 1);
  Record theirs = sample_record(kSampleTimeNs, 2);
  theirs.project = sample_uuid(201);
  append({mine, theirs});
  append({sample_record(kSampleTimeNs + 1, 3)});
  TrafficRange range = sample_traffic_range();
  ASSERT_EQ(store_->traffic(range)->buckets[0].requests(), 2);
  ASSERT_TRUE(store_->erase(sample_uuid(200)));
  EXPECT_EQ(store_->traffic(range)->buckets[0].requests(), 0);
  EXPECT_TRUE(store_->traffic(range)->endpoints.empty());
  range.project = sample_uuid(201);
  EXPECT_EQ(store_->traffic(range)->buckets[0].requests(), 1);
  theirs.identity = sample_uuid(4);
  append({theirs, sample_record(kSampleTimeNs + 2, 5)});
  EXPECT_EQ(store_->traffic(range)->buckets[0].requests(), 2);
  EXPECT_EQ(store_->traffic(sample_traffic_range())->buckets[0].requests(), 1);
}

TEST_P(StoreContract, CountsEndpointsBeyondTheBoundAsOne) {
  std::vector<Record> records;
  for (std::size_t i = 0; i < kTrafficEndpointsMax + 25; ++i) {
    Record record = sample_record(kSampleTimeNs, 0);
    record.identity[0] = static_cast<std::uint8_t>(i);
    record.identity[1] = static_cast<std::uint8_t>(i >> 8);
    record.exchange.url_path = "/" + std::to_string(i);
    records.push_back(record);
  }
  append(records);
  const auto traffic = store_->traffic(sample_traffic_range());
  ASSERT_TRUE(traffic) << traffic.error().message;
  EXPECT_EQ(traffic->buckets[0].requests(), static_cast<std::int64_t>(records.size()));
  ASSERT_EQ(traffic->endpoints.size(), kTrafficEndpointsMax + 1);
  EXPECT_EQ(traffic->endpoints[0].path, kOtherEndpoints);
  EXPECT_EQ(traffic->endpoints[0].measure.requests(), 25);
  // One that is asked for by its name is found all the same.
  for (const Record& record : {records.front(), records.back()}) {
    TrafficRange named = sample_traffic_range();
    named.path = record.exchange.url_path;
    EXPECT_EQ(store_->traffic(named)->buckets[0].requests(), 1) << *named.path;
  }
}

}  // namespace apitoolkit::server::store
