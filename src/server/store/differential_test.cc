// The stores against the one in memory, on random records, filters and pages.
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <vector>

#include "src/base/uuid.h"
#include "src/server/store/calendar_day.h"
#include "src/server/store/random_records.h"
#include "src/server/store/sqlite/faulty_disk.h"
#include "src/server/store/store.h"

namespace apitoolkit::server::store {
namespace {

// APITOOLKIT_TEST_SEED repeats a failed run.
std::uint64_t first_seed() {
  const char* const given = std::getenv("APITOOLKIT_TEST_SEED");  // NOLINT(concurrency-mt-unsafe)
  return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
}

class DifferentialRun {
 public:
  explicit DifferentialRun(std::uint64_t seed) : random_(seed) { reopen(); }

  void step() {
    switch (random_.below(12)) {
      case 0:
        return reopen();
      case 1:
        return random_.one_in(3) ? prune() : compare_stats();
      case 2:
      case 3:
      case 4:
        return append();
      case 5:
        return compare_letters();
      case 6:
        return compare_fetch();
      default:
        return compare_scan();
    }
  }

 private:
  void reopen() {
    tested_.reset();
    auto opened = open_sqlite_store(directory_.path());
    ASSERT_TRUE(opened) << opened.error().message;
    tested_ = std::move(*opened);
  }

  void append() {
    std::vector<Record> records;
    for (std::int64_t i = random_.below(40); i > 0; --i) {
      records.push_back(random_.record());
      known_.push_back({records.back().project, records.back().identity});
    }
    std::vector<DeadLetter> letters;
    if (random_.one_in(4)) letters.push_back(random_.dead_letter());
    const auto expected = oracle_->append({records, letters});
    const auto got = tested_->append({records, letters});
    ASSERT_TRUE(got) << got.error().message;
    EXPECT_EQ(got->stored, expected->stored);
    EXPECT_EQ(got->duplicates, expected->duplicates);
  }

  void prune() {
    const std::int64_t before_ns = random_.time_ns() - kDayNs;
    const auto got = tested_->prune(before_ns);
    ASSERT_TRUE(got) << got.error().message;
    EXPECT_EQ(*got, *oracle_->prune(before_ns));
  }

  void compare_stats() {
    const auto got = tested_->stats();
    ASSERT_TRUE(got) << got.error().message;
    const auto expected = oracle_->stats();
    EXPECT_EQ(got->exchanges, expected->exchanges);
    EXPECT_EQ(got->dead_letters, expected->dead_letters);
    EXPECT_EQ(got->oldest_ns, expected->oldest_ns);
    EXPECT_EQ(got->newest_ns, expected->newest_ns);
  }

  void compare_letters() {
    const Uuid project = random_.project();
    std::optional<std::int64_t> before;
    if (random_.one_in(2)) before = random_.below(20);
    const int limit = static_cast<int>(random_.below(6));
    const auto expected = oracle_->dead_letters(project, before, limit);
    const auto got = tested_->dead_letters(project, before, limit);
    ASSERT_TRUE(got) << got.error().message;
    ASSERT_EQ(got->size(), expected->size());
    for (std::size_t i = 0; i < got->size(); ++i) {
      EXPECT_EQ((*got)[i].id, (*expected)[i].id);
      EXPECT_EQ((*got)[i].bytes, (*expected)[i].bytes);
      EXPECT_EQ((*got)[i].reason, (*expected)[i].reason);
      EXPECT_EQ((*got)[i].received_ns, (*expected)[i].received_ns);
    }
  }

  void compare_fetch() {
    if (known_.empty()) return;
    const auto& [project, identity] =
        known_[static_cast<std::size_t>(random_.below(static_cast<std::int64_t>(known_.size())))];
    const auto expected = oracle_->fetch(project, identity);
    const auto got = tested_->fetch(project, identity);
    ASSERT_TRUE(got) << got.error().message;
    ASSERT_EQ(got->has_value(), expected->has_value());
    if (*got) {
      EXPECT_EQ(describe(**got), describe(**expected));
    }
  }

  void compare_scan() {
    const Filter filter = random_.filter();
    std::optional<Position> after;
    if (random_.one_in(4)) after = Position{random_.time_ns(), random_.record().identity};
    const PageLimit limit{.rows = static_cast<int>(1 + random_.below(12)),
                          .bytes = random_.one_in(3) ? random_.below(2000) : 1 << 20};
    int arrivals_left = 1;  // without a bound, rows could come faster than the pages go
    do {
      const auto expected = oracle_->scan(filter, after, limit);
      const auto got = tested_->scan(filter, after, limit);
      ASSERT_TRUE(got) << got.error().message;
      ASSERT_EQ(got->records.size(), expected->records.size());
      for (std::size_t i = 0; i < got->records.size(); ++i) {
        ASSERT_EQ(describe(got->records[i]), describe(expected->records[i]));
      }
      ASSERT_EQ(got->next, expected->next);
      after = got->next;
      if (arrivals_left > 0 && random_.one_in(3)) {
        --arrivals_left;
        append();
      }
      if (::testing::Test::HasFatalFailure()) return;
    } while (after);
  }

  RandomRecords random_;
  FaultyDisk disk_;  // which does not fail here, and does not wait for syncs either
  TemporaryDirectory directory_;
  std::unique_ptr<Store> oracle_ = make_memory_store();
  std::unique_ptr<Store> tested_;
  std::vector<std::pair<Uuid, Uuid>> known_;
};

TEST(StoreDifferential, SqliteAgreesWithMemory) {
  const std::uint64_t first = first_seed();
  for (std::uint64_t seed = first; seed < first + 8; ++seed) {
    SCOPED_TRACE("APITOOLKIT_TEST_SEED=" + std::to_string(seed));
    DifferentialRun run(seed);
    for (int i = 0; i < 150 && !::testing::Test::HasFailure(); ++i) run.step();
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace apitoolkit::server::store
