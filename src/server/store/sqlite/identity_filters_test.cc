#include "src/server/store/sqlite/identity_filters.h"

#include <gtest/gtest.h>

#include <string>

namespace apitoolkit::server::store {
namespace {

std::shared_ptr<const BloomFilter> filter_of(std::size_t bytes) {
  return std::make_shared<const BloomFilter>(std::string(bytes, 'x'));
}

TEST(IdentityFilters, DropThoseThatWereKeptForLongest) {
  IdentityFilters filters(1000);
  const int monday = 0;
  const int tuesday = 0;
  filters.keep(&monday, 1, filter_of(400));
  filters.keep(&tuesday, 1, filter_of(400));
  EXPECT_NE(filters.find(&monday, 1), nullptr);
  filters.keep(&tuesday, 2, filter_of(300));
  EXPECT_EQ(filters.find(&monday, 1), nullptr);
  EXPECT_NE(filters.find(&tuesday, 1), nullptr);
  EXPECT_NE(filters.find(&tuesday, 2), nullptr);
  EXPECT_EQ(filters.bytes(), 700);
}

TEST(IdentityFilters, KeepOneOnceAndNoneThatIsTooLarge) {
  IdentityFilters filters(1000);
  const int day = 0;
  filters.keep(&day, 1, filter_of(400));
  filters.keep(&day, 1, filter_of(500));
  EXPECT_EQ(filters.bytes(), 400);
  filters.keep(&day, 2, filter_of(1001));
  EXPECT_EQ(filters.find(&day, 2), nullptr);
  EXPECT_EQ(filters.bytes(), 0);
}

TEST(IdentityFilters, ForgetABlockOrAllOfAnOwner) {
  IdentityFilters filters(1000);
  const int days[3] = {};
  for (const int& day : days) {
    filters.keep(&day, 1, filter_of(100));
    filters.keep(&day, -2, filter_of(100));
  }
  filters.forget(&days[0], 1);
  filters.forget(&days[0], 7);
  EXPECT_EQ(filters.find(&days[0], 1), nullptr);
  EXPECT_NE(filters.find(&days[0], -2), nullptr);
  filters.forget(&days[1]);
  EXPECT_EQ(filters.find(&days[1], 1), nullptr);
  EXPECT_EQ(filters.find(&days[1], -2), nullptr);
  EXPECT_NE(filters.find(&days[2], -2), nullptr);
  EXPECT_EQ(filters.bytes(), 300);
}

}  // namespace
}  // namespace apitoolkit::server::store
