#include "src/server/backup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "src/server/store/calendar_day.h"
#include "src/server/store/random_records.h"
#include "src/server/store/sqlite/database.h"
#include "src/server/store/store.h"

namespace apitoolkit::server {
namespace {

using store::kDayNs;
using store::kSampleTimeNs;
using store::sample_record;

class Backup : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directory(from_);
    const std::string catalog = from_ + "/catalog.db";
    ASSERT_TRUE(store::create_file(catalog));
    auto database = store::Database::open(catalog, store::Database::Access::kWrite);
    ASSERT_TRUE(database);
    ASSERT_TRUE(database->execute("CREATE TABLE users(name); INSERT INTO users VALUES('owner')"));
    auto opened = store::open_sqlite_store(from_ + "/exchanges");
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
  }

  // A batch of three days.
  void append(int number) {
    std::vector<store::Record> records;
    for (int day = 0; day < 3; ++day) {
      store::Record record = sample_record(kSampleTimeNs + day * kDayNs + number, 0);
      record.identity[0] = static_cast<std::uint8_t>(day);
      record.identity[1] = static_cast<std::uint8_t>(number >> 8);
      record.identity[2] = static_cast<std::uint8_t>(number);
      records.push_back(record);
    }
    const auto appended = store_->append({records});
    EXPECT_TRUE(appended) << appended.error().message;
  }

  static Status back_up_quietly(const std::string& from, const std::string& to) {
    return back_up(from, to, [](std::int64_t) {});
  }

  store::TemporaryDirectory directory_;
  const std::string from_ = directory_.file("data");
  const std::string to_ = directory_.file("copies/backup");
  std::unique_ptr<store::Store> store_;
};

TEST_F(Backup, IsAWholeDataDirectory) {
  for (int i = 0; i < 20; ++i) append(i);
  std::int64_t copied = 0;
  const Status done = back_up(from_, to_, [&](std::int64_t bytes) { copied += bytes; });
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_GT(copied, 0);
  EXPECT_FALSE(std::filesystem::exists(to_ + ".partial"));
  auto copy = store::open_sqlite_store(to_ + "/exchanges");
  ASSERT_TRUE(copy) << copy.error().message;
  EXPECT_TRUE((*copy)->take_notices().empty());
  EXPECT_EQ((*copy)->stats()->exchanges, 60);
  auto catalog = store::Database::open(to_ + "/catalog.db", store::Database::Access::kRead);
  ASSERT_TRUE(catalog);
  EXPECT_EQ(catalog->integer("SELECT count(*) FROM users").value(), 1);
}

TEST_F(Backup, TakenWhileTheServerStoresHasEveryBatchWholeOrNotAtAll) {
  append(0);
  std::atomic<bool> stop{false};
  std::atomic<int> acknowledged{1};
  std::thread writer([&] {
    for (int i = 1; !stop; ++i) {
      append(i);
      acknowledged = i + 1;
    }
  });
  for (int round = 0; round < 5; ++round) {
    const int before = acknowledged;
    const std::string to = directory_.file("copy-" + std::to_string(round));
    const Status done = back_up_quietly(from_, to);
    ASSERT_TRUE(done) << done.error().message;
    auto copy = store::open_sqlite_store(to + "/exchanges");
    ASSERT_TRUE(copy) << copy.error().message;
    EXPECT_TRUE((*copy)->take_notices().empty());
    const std::int64_t exchanges = (*copy)->stats()->exchanges;
    EXPECT_EQ(exchanges % 3, 0);
    EXPECT_GE(exchanges, 3 * before);
  }
  stop = true;
  writer.join();
}

TEST_F(Backup, RefusesWhatIsNoDataDirectoryAndWhatIsThere) {
  const Status no_data = back_up_quietly(directory_.path(), to_);
  ASSERT_FALSE(no_data);
  EXPECT_THAT(no_data.error().message, ::testing::HasSubstr("is no data directory"));
  ASSERT_TRUE(back_up_quietly(from_, to_));
  const Status again = back_up_quietly(from_, to_);
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().message, ::testing::HasSubstr("is there already"));
}

}  // namespace
}  // namespace apitoolkit::server
