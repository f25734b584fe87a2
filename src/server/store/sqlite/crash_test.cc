// kill -9 at random moments: what was acknowledged is there, once; a batch is there whole or not.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <ctime>
#include <map>
#include <random>

#include "src/server/store/calendar_day.h"
#include "src/server/store/random_records.h"
#include "src/server/store/store.h"

namespace apitoolkit::server::store {
namespace {

constexpr int kRounds = 20;
constexpr int kBatchRows = 20;
// So that rolling up is under way at many of the moments.
constexpr SqliteOptions kOptions{.uncounted_max = 50};

Uuid identity_of(std::int64_t batch, int row) {
  Uuid id{};
  for (int i = 0; i < 8; ++i) id[i] = static_cast<std::uint8_t>(batch >> (8 * i));
  id[8] = static_cast<std::uint8_t>(row);
  return id;
}

std::int64_t batch_of(const Uuid& identity) {
  std::int64_t batch = 0;
  for (int i = 7; i >= 0; --i) batch = batch << 8 | identity[i];
  return batch;
}

bool has_letter(std::int64_t batch) {
  return batch % 7 == 3;
}

std::vector<Record> records_of(std::int64_t batch) {
  std::vector<Record> records;
  for (int row = 0; row < kBatchRows; ++row) {
    Record record = sample_record(kSampleTimeNs + batch, 0);
    record.identity = identity_of(batch, row);
    record.exchange.response_body.bytes = std::string(500 + 37 * row, 'x');
    if (batch % 3 == 0) record.exchange.start_ns += (row % 3) * kDayNs;  // spans three days
    records.push_back(record);
  }
  return records;
}

// The child: appends batch after batch and reports each that was acknowledged.
[[noreturn]] void append_until_killed(const std::string& path, std::int64_t batch, int pipe) {
  auto store = open_sqlite_store(path, kOptions);
  if (!store) _exit(1);
  for (;; ++batch) {
    std::vector<DeadLetter> letters;
    if (has_letter(batch)) {
      letters.push_back({0, sample_uuid(200), batch, "pubsub_rest", "test", std::to_string(batch)});
    }
    if (!(*store)->append({records_of(batch), letters})) _exit(2);
    if (write(pipe, &batch, sizeof batch) != sizeof batch) _exit(3);
  }
}

// Lets a child work from `batch` on, kills it, and returns the last batch that it acknowledged.
std::int64_t work_and_kill(const std::string& path, std::int64_t batch, std::mt19937_64& random) {
  int ends[2];
  EXPECT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    append_until_killed(path, batch, ends[1]);
  }
  close(ends[1]);
  std::int64_t acknowledged = batch - 1;
  const auto more = static_cast<std::int64_t>(random() % 12);
  while (acknowledged < batch + more &&
         read(ends[0], &acknowledged, sizeof acknowledged) == sizeof acknowledged) {
  }
  const timespec moment{0, static_cast<long>(random() % 8'000'000)};
  nanosleep(&moment, nullptr);
  kill(child, SIGKILL);
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended by itself, status " << status;
  while (read(ends[0], &acknowledged, sizeof acknowledged) == sizeof acknowledged) {
  }
  close(ends[0]);
  return acknowledged;
}

std::map<std::int64_t, int> rows_by_batch(const Store& store) {
  std::map<std::int64_t, int> rows;
  std::optional<Position> after;
  do {
    const auto page = store.scan(sample_filter(), after, {.rows = 1000});
    EXPECT_TRUE(page) << page.error().message;
    if (!page) break;
    EXPECT_EQ(page->unreadable, 0);
    for (const Record& record : page->records) ++rows[batch_of(record.identity)];
    after = page->next;
  } while (after);
  return rows;
}

// What charts count, of all the time in which there is something.
std::int64_t counted(const Store& store) {
  TrafficRange range;
  range.project = sample_uuid(200);
  range.since_ns = kSampleTimeNs;
  range.until_ns = kSampleTimeNs + 4 * kDayNs;
  range.bucket_ns = kDayNs;
  const auto traffic = store.traffic(range);
  EXPECT_TRUE(traffic) << traffic.error().message;
  if (!traffic) return -1;
  EXPECT_EQ(traffic->unreadable, 0);
  EXPECT_FALSE(traffic->from_exchanges);
  std::int64_t requests = 0;
  for (const TrafficMeasure& bucket : traffic->buckets) requests += bucket.requests();
  return requests;
}

TEST(StoreCrash, KeepsEveryAcknowledgedBatchExactlyOnce) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  const TemporaryDirectory directory;
  std::map<std::int64_t, int> attempts;
  std::int64_t acknowledged = 0;
  for (int round = 0; round < kRounds && !HasFailure(); ++round) {
    // Begins with the batch that got no answer, as its sender would.
    const std::int64_t first = acknowledged + 1;
    acknowledged = work_and_kill(directory.path(), first, random);
    for (std::int64_t batch = first; batch <= acknowledged + 1; ++batch) ++attempts[batch];

    auto store = open_sqlite_store(directory.path(), kOptions);
    ASSERT_TRUE(store) << store.error().message;
    const std::map<std::int64_t, int> rows = rows_by_batch(**store);
    EXPECT_EQ(counted(**store), static_cast<std::int64_t>(rows.size()) * kBatchRows);
    for (std::int64_t batch = 1; batch <= acknowledged; ++batch) {
      ASSERT_TRUE(rows.contains(batch)) << "batch " << batch << " was acknowledged and is lost";
    }
    for (const auto& [batch, count] : rows) {
      EXPECT_EQ(count, kBatchRows) << "batch " << batch << " of " << acknowledged;
      EXPECT_LE(batch, acknowledged + 1);
    }
    std::map<std::string, int> letters;
    const auto found = (*store)->dead_letters(sample_uuid(200), {}, 10'000);
    ASSERT_TRUE(found) << found.error().message;
    for (const DeadLetter& letter : *found) ++letters[letter.bytes];
    for (std::int64_t batch = 1; batch <= acknowledged; ++batch) {
      const int count = letters[std::to_string(batch)];
      EXPECT_GE(count, has_letter(batch) ? 1 : 0) << batch;
      EXPECT_LE(count, has_letter(batch) ? attempts[batch] : 0) << batch;
    }
    EXPECT_TRUE((*store)->take_notices().empty());
  }
  EXPECT_GT(acknowledged, 0);
}

}  // namespace
}  // namespace apitoolkit::server::store
