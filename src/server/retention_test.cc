#include "src/server/retention.h"

#include <gtest/gtest.h>

#include "src/server/store/calendar_day.h"
#include "src/server/store/random_records.h"

namespace apitoolkit::server {
namespace {

using store::kDayNs;
using store::kSampleTimeNs;

constexpr std::int64_t kNowNs = kSampleTimeNs + 10 * kDayNs + 5;
constexpr std::int64_t kPlenty = std::int64_t{1} << 40;

std::unique_ptr<store::Store> store_of_days(int days) {
  auto store = store::make_memory_store();
  for (std::uint8_t i = 0; i < days; ++i) {
    const std::vector<store::Record> records{
        store::sample_record(kSampleTimeNs + (10 - i) * kDayNs, i)};
    EXPECT_TRUE(store->append({records}));
  }
  return store;
}

std::size_t days_left(const store::Store& store) {
  return store.days()->size();
}

std::vector<std::string> apply(store::Store& store, RetentionLimits limits,
                               std::int64_t free = kPlenty) {
  auto notes =
      Retention(store, limits, [free]() -> Result<std::int64_t> { return free; }).apply(kNowNs);
  EXPECT_TRUE(notes) << notes.error().message;
  return notes.value_or(std::vector<std::string>{});
}

TEST(Retention, DropsWhatIsTooOldAndNothingElse) {
  const auto store = store_of_days(6);
  EXPECT_EQ(apply(*store, {.days = 3}).size(), 1u);
  EXPECT_EQ(days_left(*store), 4u);  // today and three whole days before it
  EXPECT_TRUE(apply(*store, {.days = 3}).empty());
}

TEST(Retention, DropsTheOldestDaysUntilTheBytesFit) {
  const auto store = store_of_days(6);
  const std::int64_t each = store->days()->front().bytes;
  apply(*store, {.days = 30, .bytes = 3 * each});
  EXPECT_EQ(days_left(*store), 3u);
  EXPECT_EQ(store->days()->front().begin_ns, kSampleTimeNs + 8 * kDayNs);
  apply(*store, {.days = 30, .bytes = 1});
  EXPECT_EQ(days_left(*store), 1u) << "the newest day stays";
}

TEST(Retention, DropsOneDayEachTimeTheDiskIsShortOfRoom) {
  const auto store = store_of_days(3);
  EXPECT_EQ(apply(*store, {.days = 30}, limits::kRetentionFreeBytesMin - 1).size(), 1u);
  EXPECT_EQ(days_left(*store), 2u);
  EXPECT_TRUE(apply(*store, {.days = 30}, limits::kRetentionFreeBytesMin).empty());
  apply(*store, {.days = 30}, 0);
  EXPECT_TRUE(apply(*store, {.days = 30}, 0).empty());
  EXPECT_EQ(days_left(*store), 1u);
}

}  // namespace
}  // namespace apitoolkit::server
