#include "src/base/uuid.h"

#include <gtest/gtest.h>

#include <set>

namespace apitoolkit::base {
namespace {

TEST(Uuid, TextRoundTrips) {
  const std::string text = "018f3b5e-7c1a-7abc-8def-0123456789ab";
  const auto id = parse_uuid(text);
  ASSERT_TRUE(id);
  EXPECT_EQ(format_uuid(*id), text);
  EXPECT_EQ(parse_uuid("018F3B5E-7C1A-7ABC-8DEF-0123456789AB"), id);
}

TEST(Uuid, RefusesOtherForms) {
  for (const char* text :
       {"", "018f3b5e7c1a7abc8def0123456789ab", "{018f3b5e-7c1a-7abc-8def-0123456789a}",
        "018f3b5e-7c1a-7abc-8def-0123456789ag", "018f3b5e-7c1a-7abc-8def+0123456789ab"}) {
    EXPECT_EQ(parse_uuid(text), std::nullopt) << text;
  }
}

TEST(Uuid, Version7SortsByTimeAndNeverRepeats) {
  const Uuid earlier = make_uuid_v7(1'700'000'000'000'000'000);
  const Uuid later = make_uuid_v7(1'700'000'000'001'000'000);
  EXPECT_LT(earlier, later);
  EXPECT_EQ(earlier[6] >> 4, 7);
  EXPECT_EQ(earlier[8] >> 6, 2);
  EXPECT_EQ(make_uuid_v4()[6] >> 4, 4);
  std::set<Uuid> seen;
  for (int i = 0; i < 10'000; ++i) EXPECT_TRUE(seen.insert(make_uuid_v7(1)).second);
}

}  // namespace
}  // namespace apitoolkit::base
